"""How a document was served, and the proof of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from landbureau.documents.clock import now
from landbureau.documents.models.documents import Document
from landbureau.documents.models.kinds import ServiceMethod


class ServiceRecord(models.Model):
    """What is written on the receipt (送达回证, domain.md G.3). Appended; a correction names the corrected.

    ``served_on`` is computed from the method's rule; empty while a letter or a publication is on its way.
    """

    document = models.ForeignKey(
        Document, verbose_name="文书", on_delete=models.PROTECT, related_name="service_records"
    )
    method = models.ForeignKey(
        ServiceMethod, verbose_name="送达方式", on_delete=models.PROTECT, related_name="+"
    )
    place = models.CharField("送达地点", max_length=120, blank=True)
    received_on = models.DateField(
        "签收日期", null=True, blank=True, help_text="签收、留置、回执收件或到达系统的日期"
    )
    received_at = models.TimeField("时间", null=True, blank=True)
    posted_on = models.DateField("交寄或公告日期", null=True, blank=True)
    posting_number = models.CharField("邮件号或公告载体", max_length=60, blank=True)
    receiver = models.CharField("签收人", max_length=40, blank=True)
    relation = models.CharField("与受送达人关系", max_length=40, blank=True)
    consent = models.CharField("电子送达同意书", max_length=120, blank=True)
    refusal = models.CharField("拒收事由", max_length=200, blank=True)
    witness = models.CharField("见证人", max_length=40, blank=True)
    first_server = models.CharField("送达人", max_length=40)
    second_server = models.CharField("送达人（二）", max_length=40, blank=True)
    remark = models.CharField("备注", max_length=200, blank=True)
    served_on = models.DateField("送达日期", null=True, blank=True)
    corrects = models.OneToOneField(
        "self",
        verbose_name="更正",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="corrected_by",
    )
    reason = models.CharField("更正理由", max_length=200, blank=True)
    request_key = models.CharField("提交标识", max_length=40, unique=True, editable=False)
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+"
    )
    registered_at = models.DateTimeField("登记时间", default=now, editable=False)

    class Meta:
        verbose_name = "送达登记"
        verbose_name_plural = "送达登记"
        ordering = ["registered_at", "pk"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["document"], condition=Q(corrects=None), name="one_first_service_record"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document} {self.method}"


class Proof(models.Model):
    """A photo or scan of the receipt, as it was uploaded; position and time as in its EXIF."""

    document = models.ForeignKey(
        Document, verbose_name="文书", on_delete=models.PROTECT, related_name="proofs"
    )
    file = models.FileField("文件", upload_to="proofs/%Y/%m")
    thumbnail = models.FileField("缩略图", upload_to="proofs/%Y/%m", blank=True)
    file_name = models.CharField("原文件名", max_length=120)
    mime = models.CharField("类型", max_length=80)
    size = models.PositiveIntegerField("大小")
    sha256 = models.CharField("文件指纹", max_length=64)
    taken_at = models.DateTimeField("拍摄时间", null=True, blank=True)
    latitude = models.DecimalField("纬度", max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField("经度", max_digits=9, decimal_places=6, null=True, blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="上传人", on_delete=models.PROTECT, related_name="+"
    )
    uploaded_at = models.DateTimeField("上传时间", default=now, editable=False)

    class Meta:
        verbose_name = "送达证明"
        verbose_name_plural = "送达证明"
        ordering = ["uploaded_at", "pk"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["document", "sha256"], name="one_proof_per_file"),
        ]

    def __str__(self) -> str:
        return self.file_name
