"""Runs of jobs, and signs of life of the processes that make them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from landbureau.jobs.schedule import Job

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser


STATE_COLOURS = {"queued": "grey", "running": "blue", "succeeded": "green", "failed": "red"}


def declared(kind: str) -> Job | None:
    """The job of this name in ``settings.JOBS``; None if it is no longer declared."""
    return next((job for job in settings.JOBS if job.name == kind), None)


class JobRunQuerySet(models.QuerySet["JobRun"]):
    def visible_to(
        self, user: AbstractBaseUser | AnonymousUser, permission: str = "view_jobs"
    ) -> JobRunQuerySet:
        """Runs belong to the whole bureau: all of them, or none."""
        return self.all() if user.has_perm(f"accounts.{permission}") else self.none()  # type: ignore[union-attr]


class JobRun(models.Model):
    """One run of a job: the row is the truth, the broker's message only says that it waits.

    ``slot`` is the moment that the schedule named; ``(kind, slot)`` is unique, so that two beats, a message
    delivered twice and a late recovery give one run. ``attempt`` counts the claims; only the holder of the
    latest one may write (``progress.py``).
    """

    class State(models.TextChoices):
        QUEUED = "queued", "排队中"
        RUNNING = "running", "运行中"
        SUCCEEDED = "succeeded", "成功"
        FAILED = "failed", "失败"

    class Trigger(models.TextChoices):
        BEAT = "beat", "定时"
        PERSON = "person", "人工"
        COMMAND = "command", "命令行"

    kind = models.CharField("任务", max_length=40)
    slot = models.DateTimeField("计划时间", null=True, blank=True)
    args = models.JSONField("参数", default=dict, blank=True, help_text="只含编号等简单值")
    state = models.CharField("状态", max_length=10, choices=State, default=State.QUEUED)
    trigger = models.CharField("启动方式", max_length=10, choices=Trigger)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="启动人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    queued_at = models.DateTimeField("排队时间", default=timezone.now)
    sent_at = models.DateTimeField("消息发出时间", null=True, blank=True)
    started_at = models.DateTimeField("开始时间", null=True, blank=True)
    finished_at = models.DateTimeField("结束时间", null=True, blank=True)
    lease_until = models.DateTimeField("执行有效期至", null=True, blank=True)
    attempt = models.PositiveSmallIntegerField("第几次执行", default=0)
    done = models.PositiveIntegerField("已完成", default=0)
    total = models.PositiveIntegerField("总数", null=True, blank=True)
    counts = models.JSONField("结果", default=dict, blank=True)
    log = models.TextField("日志", blank=True)
    error = models.CharField("错误", max_length=300, blank=True)
    traceback = models.TextField("技术信息", blank=True)

    objects = JobRunQuerySet.as_manager()

    class Meta:
        verbose_name = "后台任务"
        verbose_name_plural = "后台任务"
        ordering = ["-queued_at", "-pk"]
        default_permissions = ()
        indexes = [
            models.Index(fields=["-queued_at", "-id"], name="job_runs_newest_first"),
            models.Index(fields=["kind", "state", "-finished_at"], name="job_runs_last_success"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["kind", "slot"], name="one_run_per_slot"),
            models.UniqueConstraint(
                fields=["kind"], condition=Q(state="running"), name="one_running_per_kind"
            ),
            models.UniqueConstraint(
                fields=["kind", "args"],
                condition=Q(state__in=["queued", "running"], slot=None),
                name="one_open_per_kind_and_args",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} #{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("jobs:run", args=[self.pk])

    @property
    def title(self) -> str:
        job = declared(self.kind)
        return job.title if job else self.kind

    @property
    def duration(self) -> str | None:
        """How long it took: ``不到 1 秒``, ``8 秒``, ``3 分 05 秒``; None while it is not over."""
        if self.started_at is None or self.finished_at is None:
            return None
        seconds = round((self.finished_at - self.started_at).total_seconds())
        if seconds < 1:
            return "不到 1 秒"
        return f"{seconds} 秒" if seconds < 60 else f"{seconds // 60} 分 {seconds % 60:02} 秒"

    @property
    def colour(self) -> str:
        return STATE_COLOURS[self.state]

    @property
    def results(self) -> list[tuple[str, int | float]]:
        """``counts`` with their Chinese names, in the order of the declaration."""
        job = declared(self.kind)
        names = dict(job.counts) if job else {}
        ordered = [
            *(key for key in names if key in self.counts),
            *(key for key in self.counts if key not in names),
        ]
        return [(names.get(key, key), self.counts[key]) for key in ordered]

    @property
    def is_over(self) -> bool:
        return self.state in (self.State.SUCCEEDED, self.State.FAILED)


class Heartbeat(models.Model):
    """When a process was last known to be alive. One row per process, written again and again."""

    class Role(models.TextChoices):
        WORKER = "worker", "后台处理"
        BEAT = "beat", "定时调度"
        RECOVERY = "recovery", "任务检查"

    role = models.CharField("进程", max_length=10, choices=Role)
    host = models.CharField("主机", max_length=120)
    at = models.DateTimeField("最近响应")

    class Meta:
        verbose_name = "进程状态"
        verbose_name_plural = "进程状态"
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["role", "host"], name="one_heartbeat_per_process")]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.host}"
