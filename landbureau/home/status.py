"""Whether the system works: for the status page, for ``manage.py status`` and for scripts.

A part is ``down`` when something that people rely on does not work now; ``warning`` when somebody should look
at it; ``unknown`` when it did not answer.
"""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import redis
from django.conf import settings
from django.db import connection
from django.utils import timezone

from landbureau.documents.models import Step
from landbureau.documents.selectors import to_render
from landbureau.home.backup import latest_backup
from landbureau.home.health import PATIENCE, applied_migrations, broker_answers, known_migrations
from landbureau.jobs.models import Heartbeat, JobRun
from landbureau.jobs.selectors import (
    is_recent,
    last_sign_of_life,
    last_successes,
    open_failures,
    worker_is_alive,
)
from supervision.supply.models import Sweep

logger = logging.getLogger(__name__)

KEYS = (  # of the document
    "database",
    "broker",
    "worker",
    "beat",
    "last_sweep",
    "last_backup",
    "pending_documents",
    "failed_jobs",
    "disk",
    "migrations",
)
OK, WARNING, DOWN, UNKNOWN = "ok", "warning", "down", "unknown"
TITLES = {
    "database": "数据库",
    "migrations": "数据库结构",
    "broker": "消息通道",
    "worker": "后台处理",
    "beat": "定时调度",
    "disk": "磁盘空间",
    "last_backup": "备份",
    "last_sweep": "供后每日扫描",
    "failed_jobs": "失败的任务",
    "waiting_jobs": "正在进行的任务",
    "pending_documents": "待生成的文书",
}
CAN_BE_DOWN = ("database", "migrations", "broker", "worker", "beat", "disk")
COLOURS = {OK: "green", WARNING: "orange", DOWN: "red", UNKNOWN: "red"}
WORDS = {OK: "正常", WARNING: "注意", DOWN: "故障", UNKNOWN: "没有回答"}
DEADLINE = 8.0  # seconds; the command answers within 10
BACKUP_LATE = timedelta(hours=26)  # a night's backup and two hours
SWEEP_LATE = timedelta(hours=26)  # a day and two hours
DOCUMENT_LATE = timedelta(minutes=10)  # a PDF takes a second, some hundred take a few minutes
DISK_SCARCE, DISK_FULL = 10, 2  # percent free


@dataclass(frozen=True)
class Sign:
    """One part: ``value`` for scripts, ``text`` and ``advice`` for people."""

    key: str
    state: str
    text: str
    value: Any = None
    advice: str = ""

    @property
    def title(self) -> str:
        return TITLES[self.key]

    @property
    def colour(self) -> str:
        return COLOURS[self.state]

    @property
    def word(self) -> str:
        return WORDS[self.state]

    @property
    def is_down(self) -> bool:
        return self.state in (DOWN, UNKNOWN)


def ago(moment: datetime, now: datetime) -> str:
    """``刚刚``, ``5 分钟前``, ``3 小时前``, ``2 天前``."""
    seconds = (now - moment).total_seconds()
    for unit, length in (("天", 86400), ("小时", 3600), ("分钟", 60)):
        if seconds >= length:
            return f"{int(seconds // length)} {unit}前"
    return "刚刚"


def clock(moment: datetime, now: datetime) -> str:
    """``10:32`` of the same day, else ``11-22 10:32``."""
    moment, now = timezone.localtime(moment), timezone.localtime(now)
    return f"{moment:%H:%M}" if moment.date() == now.date() else f"{moment:%m-%d %H:%M}"


# --- Parts ---------------------------------------------------------------------------------------------


def disk(now: datetime) -> Sign:
    usage = shutil.disk_usage(settings.DATA_DIR)
    percent = round(usage.free * 100 / usage.total, 1)
    state = DOWN if percent < DISK_FULL else WARNING if percent < DISK_SCARCE else OK
    return Sign(
        "disk",
        state,
        f"剩余 {usage.free / 1e9:.1f} GB（{percent}%）",
        {"ok": state != DOWN, "free_bytes": usage.free, "free_percent": percent},
        "" if state == OK else "请删除不需要的文件或扩大磁盘；写满后无法保存和备份。",
    )


def broker(now: datetime) -> Sign:
    kind = "redis" if settings.REDIS_URL else "folder"
    ok = broker_answers()
    waiting = _messages() if ok else None
    return Sign(
        "broker",
        OK if ok else DOWN,
        f"{waiting} 条消息等待处理" if ok else "没有回答",
        {"ok": ok, "kind": kind, "waiting": waiting},
        "" if ok else "新任务已登记，恢复后自动补发。请检查 Redis 服务，或数据目录 broker 的写入权限。",
    )


def _messages() -> int:
    """How many messages wait for a worker."""
    if settings.REDIS_URL:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE
        ) as server:
            return int(server.llen("celery"))
    folder = Path(str(settings.CELERY_BROKER_TRANSPORT_OPTIONS["data_folder_in"]))
    return sum(1 for _ in folder.glob("*.celery.msg"))


def database(now: datetime) -> Sign:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    name = "PostgreSQL" if connection.vendor == "postgresql" else "SQLite"
    return Sign("database", OK, name, {"ok": True, "vendor": connection.vendor})


def migrations(now: datetime) -> Sign:
    missing = sorted(f"{app}.{name}" for app, name in known_migrations() - applied_migrations())
    return Sign(
        "migrations",
        DOWN if missing else OK,
        f"有 {len(missing)} 项升级没有执行" if missing else "与程序一致",
        {"ok": not missing, "missing": missing},
        "请执行 manage.py migrate。" if missing else "",
    )


def worker(now: datetime) -> Sign:
    advice = "任务仍可登记，恢复后自动执行。请重新启动后台处理（worker）。"
    return _process("worker", Heartbeat.Role.WORKER, now, advice)


def beat(now: datetime) -> Sign:
    advice = "备份等定时任务不会启动，恢复后自动补做。请重新启动定时调度（beat）。"
    return _process("beat", Heartbeat.Role.BEAT, now, advice)


def _process(key: str, role: Heartbeat.Role, now: datetime, advice: str) -> Sign:
    at = last_sign_of_life(role)
    ok = is_recent(at, now)
    if at is None:
        text = "没有启动过"
    else:
        text = f"最近响应：{ago(at, now)}" if ok else f"停止，自 {clock(at, now)} 起无响应"
    value = {"ok": ok, "last_seen": at and timezone.localtime(at)}
    return Sign(key, OK if ok else DOWN, text, value, "" if ok else advice)


def last_backup(now: datetime) -> Sign:
    kept = latest_backup()  # on this machine; the worker's may be another
    at = kept.manifest.created_at if kept else last_successes().get("nightly_backup")
    late = at is None or now - at > BACKUP_LATE
    return Sign(
        "last_backup",
        WARNING if late else OK,
        f"最近一次：{ago(at, now)}（{clock(at, now)}）" if at else "还没有备份",
        at and timezone.localtime(at),
        "请在“后台任务”中立即运行一次备份，并查看失败原因。" if late else "",
    )


def last_sweep(now: datetime) -> Sign:
    """What a review at go-live released is no sweep: it has no seconds."""
    run = Sweep.objects.filter(seconds__isnull=False).order_by("-began_at").first()
    late = run is None or now - run.began_at > SWEEP_LATE
    text = "还没有扫描"
    if run is not None:
        created = sum(run.created.values())
        text = (
            f"最近一次：{ago(run.began_at, now)}（{clock(run.began_at, now)}），"
            f"用时 {run.seconds:.1f} 秒，新增 {created} 项"
        )
    return Sign(
        "last_sweep",
        WARNING if late else OK,
        text,
        run and timezone.localtime(run.began_at),
        "请在“后台任务”中查看“供后监管每日扫描”失败的原因，并立即运行一次。" if late else "",
    )


def failed_jobs(now: datetime) -> Sign:
    count = open_failures().count()
    return Sign(
        "failed_jobs",
        WARNING if count else OK,
        f"{count} 项失败，尚未重试成功" if count else "没有",
        count,
        "请在“后台任务”中查看原因并重试。" if count else "",
    )


def waiting_jobs(now: datetime) -> Sign:
    states = list(JobRun.objects.filter(finished_at=None).order_by().values_list("state", flat=True))
    queued, running = states.count(JobRun.State.QUEUED), states.count(JobRun.State.RUNNING)
    stuck = bool(queued) and not worker_is_alive(now)
    return Sign(
        "waiting_jobs",
        WARNING if stuck else OK,
        f"运行中 {running} 项，排队 {queued} 项",
        {"running": running, "queued": queued},
        "后台处理已停止，排队的任务在恢复后自动执行。" if stuck else "",
    )


def pending_documents(now: datetime) -> Sign:
    waiting = to_render()
    count = waiting.count()
    issued = Step.objects.filter(action=Step.Action.ISSUED, at__lt=now - DOCUMENT_LATE)
    late = waiting.filter(pk__in=issued.values("document")).count() if count else 0
    text = f"{count} 份已印发，正本尚未生成" if count else "没有"
    return Sign(
        "pending_documents",
        WARNING if late else OK,
        f"{text}，其中 {late} 份超过 10 分钟" if late else text,
        count,
        "请检查后台处理是否正常；打开文书可以看到生成失败的原因。" if late else "",
    )


PARTS: tuple[Callable[[datetime], Sign], ...] = (
    database,
    migrations,
    broker,
    worker,
    beat,
    disk,
    last_backup,
    last_sweep,
    failed_jobs,
    waiting_jobs,
    pending_documents,
)
# What hangs must not keep the others from answering: the parts that need no database come first.
ASKED_FIRST = (disk, broker)


def collect(now: datetime, into: dict[str, Sign] | None = None) -> list[Sign]:
    """Ask every part, in the page's order. ``into`` fills as the answers come (see ``collect_within``)."""
    found = {} if into is None else into
    for part in sorted(PARTS, key=lambda part: part not in ASKED_FIRST):
        try:
            found[part.__name__] = part(now)
        except Exception:
            logger.exception("status of %s", part.__name__)
            found[part.__name__] = _no_answer(part)
    return [found[part.__name__] for part in PARTS]


def collect_within(now: datetime, seconds: float = DEADLINE) -> list[Sign]:
    """``collect``, in a thread of its own: whatever hangs, there is an answer after ``seconds``."""
    found: dict[str, Sign] = {}

    def ask() -> None:
        try:
            collect(now, into=found)
        finally:
            connection.close()

    thread = threading.Thread(target=ask, name="status", daemon=True)
    thread.start()
    thread.join(seconds)
    return [found.get(part.__name__) or _no_answer(part) for part in PARTS]


def _no_answer(part: Callable[[datetime], Sign]) -> Sign:
    key = part.__name__
    value = {"ok": False} if key in CAN_BE_DOWN else None
    return Sign(key, UNKNOWN, "没有回答，原因见系统日志", value)


def document(signs: list[Sign]) -> dict[str, Any]:
    """What scripts read: ``{"ok", ...}`` for each part that can be down, else a time, a number or null."""
    values = {sign.key: sign.value for sign in signs}
    return {key: values[key] for key in KEYS}
