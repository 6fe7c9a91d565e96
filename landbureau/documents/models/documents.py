"""The documents, their steps, their attachments, the register of the seal."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.urls import reverse

from landbureau.accounts.models import Section, Township, Village
from landbureau.documents.clock import now
from landbureau.documents.models.kinds import Kind, Series, Wording
from landbureau.documents.rules import Dates, Status, status_of
from landbureau.web.models import Versioned

if TYPE_CHECKING:
    from landbureau.accounts.models import User


class DocumentQuerySet(models.QuerySet["Document"]):
    def visible_to(self, viewer: User) -> DocumentQuerySet:
        """Those of the families, sections, townships and persons for which ``viewer`` may see documents."""
        from landbureau.documents.access import visible

        return self.filter(visible(viewer))


class Document(Versioned):
    """One document from its draft on. Its state follows from the days of its steps (``rules.status_of``).

    ``content`` is all that rendering reads (``content.Content``); from issue on it, number and PDF are
    frozen. ``subject``: the row of an upper app that caused it.
    """

    kind = models.ForeignKey(Kind, verbose_name="种类", on_delete=models.PROTECT, related_name="documents")
    family = models.CharField("类别", max_length=20, choices=Kind.Family, editable=False)
    title = models.CharField("标题", max_length=120)
    addressee = models.CharField("受送达人", max_length=120, blank=True)
    matter = models.CharField("事由", max_length=120, blank=True)
    content = models.JSONField("内容", default=dict)
    wording = models.ForeignKey(Wording, verbose_name="用语", on_delete=models.PROTECT, related_name="+")
    section = models.ForeignKey(Section, verbose_name="科室", on_delete=models.PROTECT, related_name="+")
    township = models.ForeignKey(
        Township, verbose_name="乡镇", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    village = models.ForeignKey(
        Village, verbose_name="村居", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    content_type = models.ForeignKey(
        ContentType, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    object_id = models.PositiveBigIntegerField(null=True, blank=True)
    subject = GenericForeignKey()
    replaces = models.ForeignKey(
        "self",
        verbose_name="替代",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="replaced_by",
    )

    needs_seal = models.BooleanField("须用印", editable=False)
    needs_service = models.BooleanField("须送达", editable=False)
    two_servers = models.BooleanField("须两人送达", editable=False)

    drafted_on = models.DateField("拟稿日期")
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="拟稿人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="空：系统生成",
    )
    submitted_on = models.DateField("送审日期", null=True, blank=True, help_text="空：仍在拟稿或已退回")
    approved_on = models.DateField("批准日期", null=True, blank=True)
    issued_on = models.DateField("印发日期", null=True, blank=True)
    sealed_on = models.DateField("用印日期", null=True, blank=True)
    served_on = models.DateField("送达日期", null=True, blank=True)
    voided_on = models.DateField("作废日期", null=True, blank=True)
    lacks_proof = models.BooleanField("缺送达证明", default=False, editable=False)
    serve_by = models.DateField("应送达日期", null=True, blank=True)

    organ_code = models.CharField("机关代字", max_length=20, blank=True)
    series = models.ForeignKey(
        Series, verbose_name="文号系列", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    year = models.PositiveSmallIntegerField("年份", null=True, blank=True)
    sequence = models.PositiveIntegerField("序号", null=True, blank=True)
    number = models.CharField("文号", max_length=60, null=True, blank=True, unique=True)  # NULL until issued
    code = models.CharField("查验码", max_length=20, null=True, blank=True, unique=True)  # NULL until issued

    pdf = models.FileField("正本", upload_to="documents/%Y/%m", blank=True)
    sha256 = models.CharField("文件指纹", max_length=64, blank=True)
    pages = models.PositiveSmallIntegerField("页数", null=True, blank=True)
    receipt_page = models.PositiveSmallIntegerField("回证起始页", null=True, blank=True)
    render_until = models.DateTimeField("生成占用至", null=True, blank=True, editable=False)
    render_attempts = models.PositiveSmallIntegerField("生成次数", default=0, editable=False)
    render_error = models.CharField("生成失败原因", max_length=300, blank=True, editable=False)

    objects: ClassVar = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = "文书"
        verbose_name_plural = "文书"
        ordering = ["-pk"]
        default_permissions = ()
        indexes = [
            models.Index(fields=["section", "family"], name="documents_of_section"),
            models.Index(fields=["township", "family"], name="documents_of_township"),
            models.Index(fields=["drafted_by"], name="documents_of_drafter"),
            models.Index(fields=["content_type", "object_id"], name="documents_of_object"),
            models.Index(
                fields=["submitted_on"],
                condition=Q(submitted_on__isnull=False, approved_on=None, voided_on=None),
                name="documents_to_approve",
            ),
            models.Index(
                fields=["drafted_by"],
                condition=Q(approved_on=None, voided_on=None),
                name="documents_being_drafted",
            ),
            models.Index(
                fields=["approved_on"],
                condition=Q(approved_on__isnull=False, issued_on=None, voided_on=None),
                name="documents_to_issue",
            ),
            models.Index(
                fields=["issued_on"],
                condition=Q(
                    issued_on__isnull=False, sealed_on=None, served_on=None, voided_on=None, needs_seal=True
                ),
                name="documents_to_seal",
            ),
            models.Index(
                fields=["issued_on"],
                condition=Q(issued_on__isnull=False, served_on=None, voided_on=None, needs_service=True),
                name="documents_on_the_way",
            ),
            models.Index(
                fields=["served_on"],
                condition=Q(lacks_proof=True, voided_on=None),
                name="documents_without_proof",
            ),
            models.Index(
                fields=["issued_on"],
                condition=Q(issued_on__isnull=False, pages=None),  # SQLite uses it without parameters only
                name="documents_to_render",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["organ_code", "series", "year", "sequence"], name="one_document_per_number"
            ),
            models.CheckConstraint(
                condition=Q(issued_on=None, number=None, code=None)
                | Q(issued_on__isnull=False, number__isnull=False, code__isnull=False),
                name="issued_documents_have_numbers",
            ),
        ]

    def __str__(self) -> str:
        if self.number:
            return f"{self.title} {self.number}"
        return f"{self.title}（{self.addressee}）" if self.addressee else self.title

    def get_absolute_url(self) -> str:
        return reverse("documents:document", args=[self.pk])

    def take_needs(self) -> None:
        """What its kind needs now, it needs; from issue on that stays."""
        for name in ("needs_seal", "needs_service", "two_servers"):
            setattr(self, name, getattr(self.kind, name))

    @property
    def dates(self) -> Dates:
        """The days of its steps."""
        return Dates(self.approved_on, self.issued_on, self.sealed_on, self.served_on, self.voided_on)

    def status(self, today: date) -> Status:
        """Where it stands at the end of ``today``."""
        return status_of(self.dates, today)

    @property
    def is_issued(self) -> bool:
        """From here on content, number and PDF are frozen."""
        return self.issued_on is not None


class Step(models.Model):
    """What was done with a document, by whom, when: appended, never changed.

    ``data`` holds what belongs to the step (copies of the seal, to whom it was handed, old and new days).
    """

    class Action(models.TextChoices):
        DRAFTED = "drafted", "拟稿"
        EDITED = "edited", "修改"
        SUBMITTED = "submitted", "送审"
        WITHDRAWN = "withdrawn", "撤回送审"
        APPROVED = "approved", "批准"
        RETURNED = "returned", "退回"
        ISSUED = "issued", "印发"
        SEALED = "sealed", "用印"
        HANDED = "handed", "交办送达"
        SENT = "sent", "送达在途"
        SERVED = "served", "送达"
        CORRECTED = "corrected", "更正送达"
        VOIDED = "voided", "作废"

    AUTHORING = (Action.DRAFTED, Action.EDITED, Action.SUBMITTED)  # who did one of these may not approve

    document = models.ForeignKey(
        Document, verbose_name="文书", on_delete=models.PROTECT, related_name="steps"
    )
    action = models.CharField("步骤", max_length=10, choices=Action)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="办理人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField("时间", default=now, editable=False)
    reason = models.CharField("说明", max_length=200, blank=True)
    data = models.JSONField("内容", default=dict, blank=True)

    class Meta:
        verbose_name = "文书办理步骤"
        verbose_name_plural = "文书办理步骤"
        ordering = ["at", "pk"]
        default_permissions = ()
        indexes = [models.Index(fields=["document", "at"], name="steps_of_document")]

    def __str__(self) -> str:
        return f"{self.document} {self.get_action_display()}"


class Attachment(models.Model):
    """An attachment named on the document; its file, if any, was checked by content (``web.uploads``)."""

    document = models.ForeignKey(
        Document, verbose_name="文书", on_delete=models.CASCADE, related_name="attachments"
    )
    title = models.CharField("名称", max_length=120)
    file = models.FileField("文件", upload_to="attachments/%Y/%m", blank=True)
    file_name = models.CharField("原文件名", max_length=120, blank=True)
    mime = models.CharField("类型", max_length=80, blank=True)
    size = models.PositiveIntegerField("大小", default=0)
    sha256 = models.CharField("文件指纹", max_length=64, blank=True)
    order = models.PositiveSmallIntegerField("排序", default=0)
    frozen = models.BooleanField("已随文书印发", default=False, editable=False)

    class Meta:
        verbose_name = "文书附件"
        verbose_name_plural = "文书附件"
        ordering = ["document", "order", "pk"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.title


class SealRecord(models.Model):
    """A line of the register of the seal (用印登记): who sealed how many copies, when."""

    document = models.OneToOneField(
        Document, verbose_name="文书", on_delete=models.PROTECT, related_name="seal"
    )
    sealed_on = models.DateField("用印日期")
    seal = models.CharField("印章", max_length=40)
    keeper = models.CharField("监印人", max_length=40)
    copies = models.PositiveSmallIntegerField("份数")
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+"
    )
    registered_at = models.DateTimeField("登记时间", default=now, editable=False)

    class Meta:
        verbose_name = "用印登记"
        verbose_name_plural = "用印登记"
        ordering = ["-sealed_on", "-pk"]
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=Q(copies__gte=1), name="at_least_one_sealed_copy")]

    def __str__(self) -> str:
        return f"{self.document} {self.copies}份"
