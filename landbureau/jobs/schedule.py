"""Everything that runs outside a request, in one reviewable list.

``settings.JOBS`` is this list, ``settings.CELERY_BEAT_SCHEDULE`` what beat makes of it. Times are those of
Shanghai. To add a job: write ``function(run: Progress) -> None`` in its app, add a line here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from celery.schedules import crontab

MINUTE, HOUR = 60, 3600


@dataclass(frozen=True)
class Job:
    """One kind of work.

    ``function``: dotted path of ``function(run: Progress) -> None``; it may be killed and called again at any
    point (see ``progress.py``).
    ``when``: None for work that only people start.
    ``expires``: seconds, just under the period: a message that waited so long is dropped, since the next is
    due; the run itself is not lost (``services.recover``).
    ``leaves_run``: False for the minute's upkeep, whose function takes no argument: it leaves a heartbeat
    instead of 1,440 rows a day.
    ``counts``: Chinese names of the numbers that the function puts into ``run.counts``.
    """

    name: str
    title: str
    function: str
    purpose: str
    when: crontab | None = None
    expires: int | None = None
    leaves_run: bool = True
    counts: Mapping[str, str] = field(default_factory=dict)


SCHEDULE: tuple[Job, ...] = (
    Job(
        name="recover_runs",
        title="检查后台任务",
        function="landbureau.jobs.services.recover",
        purpose="重新执行中断的任务，补发丢失的消息，补做错过的定时任务",
        when=crontab(),
        expires=MINUTE - 5,
        leaves_run=False,
    ),
    Job(
        name="nightly_backup",
        title="每晚备份",
        function="landbureau.home.jobs.nightly_backup",
        purpose="备份数据库和文件，删除过期的旧备份",
        when=crontab(hour=2, minute=30),
        expires=23 * HOUR,
        counts={
            "rows": "数据（行）",
            "files": "文件（个）",
            "megabytes": "大小（MB）",
            "removed": "删除旧备份（份）",
        },
    ),
    Job(
        name="clear_sessions",
        title="清理登录记录",
        function="landbureau.jobs.upkeep.clear_sessions",
        purpose="删除过期的会话、失效的登录失败计数、停用的进程记录和旧的运行记录",
        when=crontab(hour=3, minute=15),
        expires=23 * HOUR,
        counts={"attempts": "失败计数（条）", "processes": "停用的进程（个）", "runs": "旧的运行记录（条）"},
    ),
    Job(
        name="check_import",
        title="检查导入的表格",
        function="landbureau.imports.services.check_import",
        purpose="逐行检查上传的表格并与现有数据比对，不写入",
        counts={"rows": "行数", "errors": "错误（处）", "questions": "待答问题（个）"},
    ),
    Job(
        name="write_import",
        title="写入导入的表格",
        function="landbureau.imports.services.write_import",
        purpose="把已经确认的表格全部写入，有一行不能写入就全部不写",
    ),
    Job(
        name="clear_imports",
        title="清理导入文件",
        function="landbureau.imports.upkeep.clear_imports",
        purpose="删除没有做完的导入和过期的导入文件",
        when=crontab(hour=3, minute=25),
        expires=23 * HOUR,
        counts={"open": "未做完的导入（个）", "files": "过期的文件（个）"},
    ),
    Job(
        name="render_documents",
        title="生成文书正本",
        function="landbureau.documents.services.rendering.render_documents",
        purpose="把已印发的文书写成 PDF 正本并固定其指纹",
        counts={"rendered": "正本（份）", "failed": "失败（份）"},
    ),
    Job(
        name="pick_up_documents",
        title="检查未生成的正本",
        function="landbureau.documents.services.rendering.pick_up_documents",
        purpose="已印发而没有正本的文书，重新安排生成",
        when=crontab(),
        expires=MINUTE - 5,
        leaves_run=False,
    ),
    Job(
        name="print_batch",
        title="批量打印",
        function="landbureau.documents.services.printing.print_batch",
        purpose="把选定文书的正本按送达路线合并成一个打印文件",
        counts={"documents": "文书（份）", "pages": "页数"},
    ),
    Job(
        name="clear_paper",
        title="清理打印文件",
        function="landbureau.documents.upkeep.clear_paper",
        purpose="删除过期的批量打印文件和查验失败的记录",
        when=crontab(hour=3, minute=20),
        expires=23 * HOUR,
        counts={"batches": "打印批次（个）", "lookups": "查验失败记录（条）"},
    ),
    Job(
        name="clear_visit_photos",
        title="清理巡查照片",
        function="supervision.supply.upkeep.clear_visit_photos",
        purpose="删除没有随巡查记录提交的照片和没有登记的照片文件",
        when=crontab(hour=3, minute=30),
        expires=23 * HOUR,
        counts={"photos": "未提交的照片（张）", "files": "没有登记的文件（个）"},
    ),
    Job(
        name="sweep",
        title="供后监管每日扫描",
        function="supervision.supply.services.jobs.nightly_sweep",
        purpose="找出当日到期的缴款、开工、竣工、巡查等事项，写成提醒，并安排拟制文书",
        when=crontab(hour=6, minute=0),
        expires=23 * HOUR,
        counts={
            "created": "新增提醒（项）",
            "already": "已有提醒（项）",
            "excluded": "未处理（项）",
            "served": "补记的送达（件）",
        },
    ),
    Job(
        name="project_supplies",
        title="重新计算供地",
        function="supervision.supply.services.projection.project_supplies",
        purpose="监管参数改动后，按新的数值重新计算全部供地的提醒、可解除和推算日期",
        counts={"supplies": "供地（宗）"},
    ),
    Job(
        name="draft_notices",
        title="拟制提醒和催缴文书",
        function="supervision.supply.services.papers.draft_notice_papers",
        purpose="为未了结的提醒拟制文书并送审，事项已经了结的弃稿",
        counts={"drafted": "拟稿（件）", "failed": "未能拟稿（件）", "voided": "弃稿（件）"},
    ),
    Job(
        name="pick_up_notices",
        title="检查未拟制的文书",
        function="supervision.supply.services.papers.pick_up_notices",
        purpose="应有文书而没有的提醒，重新安排拟制",
        when=crontab(minute="*/5"),
        expires=5 * MINUTE - 15,
        leaves_run=False,
    ),
)


def beat_schedule(jobs: Iterable[Job] = SCHEDULE) -> dict[str, dict[str, Any]]:
    """The list as Celery beat reads it."""
    return {
        job.name: {
            "task": "landbureau.jobs.tasks.tick",
            "args": [job.name],
            "schedule": job.when,
            "options": {"expires": job.expires},
        }
        for job in jobs
        if job.when is not None
    }
