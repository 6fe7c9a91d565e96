"""What happened to a supply: appended, never edited; a correction is a new row that points to the old one."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse

from landbureau.documents.models import Document
from supervision.supply import rules
from supervision.supply.models.supplies import LandSupply

if TYPE_CHECKING:
    from landbureau.accounts.models import User

K, F, C, T = rules.Kind, rules.Finding, rules.Cause, rules.Track


class TrackChoice(models.TextChoices):
    PAYMENT = T.PAYMENT.value, "缴款"
    START = T.START.value, "开工"
    COMPLETION = T.COMPLETION.value, "竣工"


class CauseChoice(models.TextChoices):
    LAND_USER = C.LAND_USER.value, "用地单位原因"
    GOVERNMENT = C.GOVERNMENT.value, "政府原因"
    FORCE_MAJEURE = C.FORCE_MAJEURE.value, "不可抗力"
    PREPARATORY_WORK = C.PREPARATORY_WORK.value, "必需的前期准备"


class FindingChoice(models.TextChoices):
    NOT_STARTED = F.NOT_STARTED.value, "未开工"
    STARTED = F.STARTED.value, "已开工"
    UNDER_WAY = F.UNDER_WAY.value, "在建"
    STOPPED = F.STOPPED.value, "停工"
    COMPLETED = F.COMPLETED.value, "已竣工"


class KindChoice(models.TextChoices):
    PAYMENT = K.PAYMENT.value, "缴款"
    REFUND = K.REFUND.value, "退款"
    DAMAGES = K.DAMAGES.value, "缴违约金"
    DEMAND = K.DEMAND.value, "催缴送达"
    HANDOVER = K.HANDOVER.value, "交地"
    BOARD = K.BOARD.value, "公示牌"
    VISIT = K.VISIT.value, "巡查"
    START = K.START.value, "开工"
    STOP = K.STOP.value, "停工"
    RESUME = K.RESUME.value, "复工"
    COMPLETION = K.COMPLETION.value, "竣工"
    DETERMINATION = K.DETERMINATION.value, "违约认定"
    EXTENSION_APPLIED = K.EXTENSION_APPLIED.value, "延期申请"
    EXTENSION_APPROVED = K.EXTENSION_APPROVED.value, "延期批准"
    EXTENSION_REJECTED = K.EXTENSION_REJECTED.value, "延期驳回"
    TERMINATION = K.TERMINATION.value, "解除合同"
    TAKE_BACK = K.TAKE_BACK.value, "收回"
    TRANSFER = K.TRANSFER.value, "转让变更"
    ACCEPTANCE = K.ACCEPTANCE.value, "复核验收"
    BRIEFING = K.BRIEFING.value, "供后告知"
    BOARD_GIVEN = K.BOARD_GIVEN.value, "移交公示牌"
    DETERMINATION_PROPOSED = K.DETERMINATION_PROPOSED.value, "提出违约认定"
    DETERMINATION_RETURNED = K.DETERMINATION_RETURNED.value, "退回违约认定"
    EXTENSION_REVIEWED = K.EXTENSION_REVIEWED.value, "延期审核"
    TERMINATION_PROPOSED = K.TERMINATION_PROPOSED.value, "提请解除合同"
    TERMINATION_DECLINED = K.TERMINATION_DECLINED.value, "不予解除合同"
    TO_BRIGADE = K.TO_BRIGADE.value, "移送监察大队"
    BRIGADE_ACCEPTED = K.BRIGADE_ACCEPTED.value, "监察大队接收"
    DEVIATION = K.DEVIATION.value, "发现问题"
    DEVIATION_FOLLOWED = K.DEVIATION_FOLLOWED.value, "问题处理"


MONEY_KINDS = (KindChoice.PAYMENT, KindChoice.REFUND, KindChoice.DAMAGES)


class EventQuerySet(models.QuerySet["Event"]):
    def visible_to(self, viewer: User) -> EventQuerySet:
        """Those of the supplies that ``viewer`` sees."""
        if viewer.holds_everywhere("view_supply"):
            return self.all()
        return self.filter(supply__in=LandSupply.objects.visible_to(viewer).order_by().values("pk"))

    def in_force(self) -> EventQuerySet:
        """Without what was corrected or withdrawn."""
        return self.filter(in_force=True)


class Event(models.Model):
    """One thing that happened, on its own day (``on``), entered at ``recorded_at``.

    ``track`` empty: not said (``rules.Facts.stage_of``). ``answers``: the application or proposal that it
    decides, the deviation that it follows up. A correction is a row with ``corrects`` and its ``reason``;
    ``withdrawn``: the old row was wrong altogether. Only rows ``in_force`` count.
    Money in yuan, area in m².
    ``moved``: what went to another supply by a transfer or split: decimals as strings by the columns of
    ``LandSupply`` and ``Parcel`` ("price", "area" …), and "instalments" by number.
    ``inherited_from``: a supply that came from another keeps what had happened there, as rows of its own.
    """

    supply = models.ForeignKey(
        LandSupply, verbose_name="供地", on_delete=models.PROTECT, related_name="events"
    )
    kind = models.CharField("事项", max_length=24, choices=KindChoice)
    on = models.DateField("日期")
    track = models.CharField("环节", max_length=12, choices=TrackChoice, blank=True)
    seq = models.PositiveSmallIntegerField("期次", null=True, blank=True)
    amount = models.DecimalField(
        "金额", max_digits=16, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    new_due_on = models.DateField("新约定日期", null=True, blank=True)
    new_completion_on = models.DateField("新约定竣工日期", null=True, blank=True)
    cause = models.CharField("原因", max_length=20, choices=CauseChoice, blank=True)
    finding = models.CharField("巡查结果", max_length=12, choices=FindingChoice, blank=True)
    developed_area = models.DecimalField(
        "已开发面积",
        max_digits=14,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    invested = models.DecimalField(
        "已投资额",
        max_digits=16,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text="不含土地价款和税费",
    )
    deviation = models.CharField("问题类别", max_length=30, blank=True)
    settles = models.BooleanField("已处理完毕", default=False)
    partial = models.BooleanField("部分转让", default=False)
    moved = models.JSONField(
        "随转", null=True, blank=True, editable=False, help_text="转让、分割时转到新的一宗的数额"
    )
    remark = models.CharField("备注", max_length=400, blank=True)

    inherited_from = models.ForeignKey(
        "self",
        verbose_name="承接自",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="inherited_by",
        help_text="转让、分割前的供地上的原记录",
    )
    answers = models.ForeignKey(
        "self",
        verbose_name="针对",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="answered_by",
    )
    document = models.ForeignKey(
        Document, verbose_name="文书", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    corrects = models.OneToOneField(
        "self",
        verbose_name="更正",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="corrected_by",
    )
    reason = models.CharField("更正原因", max_length=200, blank=True, help_text="为什么更正或者撤销原记录")
    withdrawn = models.BooleanField("撤销原记录", default=False)
    in_force = models.BooleanField("有效", default=True, editable=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    recorded_at = models.DateTimeField("登记时间", auto_now_add=True)
    request_key = models.UUIDField("提交标识", null=True, blank=True, unique=True, editable=False)

    objects: ClassVar = EventQuerySet.as_manager()

    class Meta:
        verbose_name = "供后事项"
        verbose_name_plural = "供后事项"
        ordering = ["on", "pk"]
        default_permissions = ()
        indexes = [
            models.Index(fields=["supply", "on"], name="events_of_supply"),
            models.Index(fields=["kind", "on"], condition=Q(in_force=True), name="events_by_kind"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind__in=[kind.value for kind in MONEY_KINDS]) | Q(amount__isnull=False),
                name="money_has_an_amount",
            ),
            models.CheckConstraint(
                condition=Q(in_force=False) | Q(withdrawn=False), name="withdrawal_is_not_in_force"
            ),
            models.CheckConstraint(
                condition=Q(corrects=None) | ~Q(reason=""), name="correction_has_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.on}"

    def get_absolute_url(self) -> str:
        return f"{reverse('supply:supply', args=[self.supply_id])}?tab=timeline#event-{self.pk}"


class Visit(models.Model):
    """A visit on the site (巡查): what the event does not say. Degrees in CGCS2000, accuracy in m."""

    event = models.OneToOneField(Event, verbose_name="事项", on_delete=models.PROTECT, related_name="visit")
    at = models.DateTimeField("巡查时间")
    companions = models.CharField("同行人员", max_length=80, blank=True)
    longitude = models.DecimalField("经度", max_digits=10, decimal_places=6, null=True, blank=True)
    latitude = models.DecimalField("纬度", max_digits=9, decimal_places=6, null=True, blank=True)
    accuracy = models.PositiveIntegerField("定位精度", null=True, blank=True)
    no_position_reason = models.CharField("未定位原因", max_length=80, blank=True)
    board_up = models.BooleanField("公示牌仍悬挂", null=True, blank=True)
    stopped_since = models.DateField("停工起始日期", null=True, blank=True)
    answers = models.JSONField("检查内容", default=dict, blank=True, help_text="检查项目的代码和结果")

    class Meta:
        verbose_name = "巡查记录"
        verbose_name_plural = "巡查记录"
        ordering = ["-at"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"巡查 {self.event.on}"


def photo_path(photo: Photo, name: str) -> str:
    return f"supply/{photo.on:%Y/%m}/{uuid.uuid4().hex}.{name.rpartition('.')[2]}"


class Photo(models.Model):
    """A photo of the site or of the sign board, as it came; position and time from its EXIF.

    ``event`` empty: uploaded for a visit that is still being written, by ``uploaded_by`` under ``draft_key``.
    """

    event = models.ForeignKey(
        Event, verbose_name="事项", null=True, blank=True, on_delete=models.PROTECT, related_name="photos"
    )
    supply = models.ForeignKey(
        LandSupply, verbose_name="供地", on_delete=models.PROTECT, related_name="photos"
    )
    draft_key = models.UUIDField("草稿标识", null=True, blank=True, editable=False)
    order = models.PositiveSmallIntegerField("序号", default=0, validators=[MaxValueValidator(999)])
    on = models.DateField("上传日期")
    file = models.FileField("照片", upload_to=photo_path)
    file_name = models.CharField("文件名", max_length=120)
    mime = models.CharField("类型", max_length=40)
    size = models.PositiveIntegerField("大小")
    sha256 = models.CharField("文件指纹", max_length=64)
    taken_at = models.DateTimeField("拍摄时间", null=True, blank=True)
    longitude = models.DecimalField("经度", max_digits=10, decimal_places=6, null=True, blank=True)
    latitude = models.DecimalField("纬度", max_digits=9, decimal_places=6, null=True, blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="上传人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    uploaded_at = models.DateTimeField("上传时间", auto_now_add=True)

    class Meta:
        verbose_name = "现场照片"
        verbose_name_plural = "现场照片"
        ordering = ["order", "pk"]
        default_permissions = ()
        indexes = [
            models.Index(fields=["draft_key"], condition=Q(event=None), name="photos_of_drafts"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["draft_key", "sha256"], condition=Q(event=None), name="one_photo_per_draft"
            ),
        ]

    def __str__(self) -> str:
        return self.file_name


class Correction(models.Model):
    """A wrong entry of the contract put right (更正): old and new values by field, with the reason; appended.

    The subject is the supply, its parcel, one of its instalments or its land user.
    """

    supply = models.ForeignKey(
        LandSupply, verbose_name="供地", on_delete=models.PROTECT, related_name="corrections"
    )
    content_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    object_id = models.PositiveBigIntegerField()
    subject = GenericForeignKey()
    changes = models.JSONField("更正内容", help_text="项目名称、原值、新值")
    reason = models.CharField("更正理由", max_length=200)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="更正人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField("更正时间", auto_now_add=True)

    class Meta:
        verbose_name = "更正"
        verbose_name_plural = "更正"
        ordering = ["-made_at", "-pk"]
        default_permissions = ()
        indexes = [models.Index(fields=["supply"], name="corrections_of_supply")]

    def __str__(self) -> str:
        return self.reason
