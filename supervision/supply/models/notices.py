"""What the daily sweep found: one row for each matter, kind, agreed date and round."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from landbureau.documents.models import Document
from supervision.supply.models.events import Event
from supervision.supply.models.law import NoticeKind
from supervision.supply.models.supplies import Instalment, LandSupply

if TYPE_CHECKING:
    from landbureau.accounts.models import User


class Sweep(models.Model):
    """One run of the daily sweep: what it wrote, what it could not compute."""

    on = models.DateField("日期")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="启动人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="空：定时任务或命令",
    )
    began_at = models.DateTimeField("开始时间", auto_now_add=True)
    seconds = models.FloatField("用时", null=True)
    created = models.JSONField("新增", default=dict)
    already = models.PositiveIntegerField("已有", default=0)
    excluded = models.PositiveIntegerField("未处理", default=0)

    class Meta:
        verbose_name = "每日扫描"
        verbose_name_plural = "每日扫描"
        ordering = ["-pk"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"每日扫描 {self.on}"


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, viewer: User) -> NoticeQuerySet:
        """Those of the supplies that ``viewer`` sees."""
        if viewer.holds_everywhere("view_supply"):
            return self.all()
        return self.filter(supply__in=LandSupply.objects.visible_to(viewer).order_by().values("pk"))

    def open(self) -> NoticeQuerySet:
        return self.filter(closed_on=None)


class Notice(models.Model):
    """A matter that is due (通知事项). Unique by supply and ``key``: kind, subject, agreed date, round.

    ``closed_on``: it asks for nothing any more: settled, done, or followed by another kind. A notice whose
    kind has a document gets one: ``claimed_until`` is the lease of the task that drafts it.
    """

    supply = models.ForeignKey(
        LandSupply, verbose_name="供地", on_delete=models.PROTECT, related_name="notices"
    )
    instalment = models.ForeignKey(
        Instalment, verbose_name="分期", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    kind = models.ForeignKey(
        NoticeKind, verbose_name="种类", to_field="code", on_delete=models.PROTECT, related_name="+"
    )
    track = models.CharField("环节", max_length=12, blank=True)
    gap = models.CharField("缺少的事实", max_length=20, blank=True)
    due_on = models.DateField("约定日期", null=True, blank=True)
    round = models.PositiveSmallIntegerField("第几次", default=1)
    key = models.CharField("标识", max_length=80)
    sweep = models.ForeignKey(Sweep, verbose_name="扫描", on_delete=models.PROTECT, related_name="notices")
    found_on = models.DateField("发现日期")
    document = models.ForeignKey(
        Document, verbose_name="文书", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    claimed_until = models.DateTimeField("占用至", null=True, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField("拟稿次数", default=0, editable=False)
    error = models.CharField("未能拟稿的原因", max_length=300, blank=True)
    event = models.ForeignKey(
        Event, verbose_name="办结事项", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    closed_on = models.DateField("了结日期", null=True, blank=True)
    closed_because = models.CharField("了结原因", max_length=60, blank=True)

    objects: ClassVar = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = "监管提醒"
        verbose_name_plural = "监管提醒"
        ordering = ["due_on", "pk"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["supply", "key"], name="one_notice_per_round")]
        indexes = [
            models.Index(fields=["kind", "due_on"], condition=Q(closed_on=None), name="notices_open"),
            models.Index(
                fields=["id"],
                condition=Q(closed_on=None, document=None),
                name="notices_without_document",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.supply}"
