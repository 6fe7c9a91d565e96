"""Numbers in use, batches for the printer, and look-ups by the public."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse

from landbureau.documents.models.documents import Document
from landbureau.documents.models.kinds import Series
from landbureau.jobs.models import JobRun

if TYPE_CHECKING:
    from landbureau.accounts.models import User


class NumberCounter(models.Model):
    """The last number given in a series and year; locked while the next is taken (``services.numbers``)."""

    organ_code = models.CharField("机关代字", max_length=20)
    series = models.ForeignKey(
        Series, verbose_name="文号系列", on_delete=models.PROTECT, related_name="counters"
    )
    year = models.PositiveSmallIntegerField("年份")
    last = models.PositiveIntegerField("最后序号", default=0)

    class Meta:
        verbose_name = "文号"
        verbose_name_plural = "文号"
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["organ_code", "series", "year"], name="one_counter_per_year"),
        ]

    def __str__(self) -> str:
        return f"{self.organ_code}{self.series.mark}〔{self.year}〕{self.last}号"


class PrintBatchQuerySet(models.QuerySet["PrintBatch"]):
    def visible_to(self, viewer: User) -> PrintBatchQuerySet:
        """One's own: whoever sees the same documents makes a batch of their own."""
        return self.filter(created_by=viewer.pk)

    def visible_in_record(self, viewer: User) -> PrintBatchQuerySet:
        """That somebody printed so many documents is no secret."""
        return self.all()


class PrintBatch(models.Model):
    """Documents merged into one PDF for the printer, in route order; kept for ``PRINT_BATCH_DAYS``."""

    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="创建人", on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField("创建时间", auto_now_add=True)
    documents: models.ManyToManyField[Document, PrintItem] = models.ManyToManyField(
        Document, verbose_name="文书", through="PrintItem", related_name="+"
    )
    with_receipts = models.BooleanField("附送达回证", default=True)
    duplex = models.BooleanField("双面打印", default=False, help_text="每份文书和回证从新的一张纸开始")
    run = models.ForeignKey(
        JobRun, verbose_name="后台任务", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    pdf = models.FileField("文件", upload_to="batches", blank=True)
    pages = models.PositiveIntegerField("页数", null=True, blank=True)

    objects: ClassVar = PrintBatchQuerySet.as_manager()

    class Meta:
        verbose_name = "批量打印"
        verbose_name_plural = "批量打印"
        ordering = ["-pk"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"批量打印 {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("documents:batch", args=[self.pk])


class PrintItem(models.Model):
    """A document's place in a batch."""

    batch = models.ForeignKey(
        PrintBatch, verbose_name="批量打印", on_delete=models.CASCADE, related_name="items"
    )
    document = models.ForeignKey(Document, verbose_name="文书", on_delete=models.PROTECT, related_name="+")
    order = models.PositiveSmallIntegerField("顺序")

    class Meta:
        verbose_name = "批量打印的文书"
        verbose_name_plural = "批量打印的文书"
        ordering = ["batch", "order"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["batch", "document"], name="one_place_per_document"),
        ]

    def __str__(self) -> str:
        return f"{self.order} {self.document}"


class Lookup(models.Model):
    """Somebody asked the public page about a document; without one the code was wrong (for the limit).

    The address goes after a day (``upkeep``): only the last hour counts.
    """

    document = models.ForeignKey(
        Document, verbose_name="文书", null=True, on_delete=models.PROTECT, related_name="lookups"
    )
    address = models.GenericIPAddressField("地址", null=True)
    at = models.DateTimeField("时间", auto_now_add=True)

    class Meta:
        verbose_name = "公开查验"
        verbose_name_plural = "公开查验"
        default_permissions = ()
        indexes = [models.Index(fields=["address", "at"], name="lookups_of_address")]

    def __str__(self) -> str:
        return f"{self.address or '—'} {self.at:%Y-%m-%d %H:%M}"
