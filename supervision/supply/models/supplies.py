"""The supply of land (供地): contract or decision, parcel, instalments."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.contrib.contenttypes.fields import GenericRelation
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse

from landbureau.accounts.models import Assignment, Section, Township, Village
from landbureau.web.models import Versioned
from supervision.supply.models.parties import LandUser

if TYPE_CHECKING:
    from landbureau.accounts.models import User


class Parcel(Versioned):
    """A parcel (宗地). ``boundary``: GeoJSON Polygon or MultiPolygon in CGCS2000 degrees; area in m²."""

    township = models.ForeignKey(
        Township, verbose_name="乡镇", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    village = models.ForeignKey(
        Village, verbose_name="村居", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    location = models.CharField("宗地坐落", max_length=160, blank=True)
    area = models.DecimalField(
        "面积", max_digits=14, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    use = models.CharField("用途", max_length=60, blank=True)
    plot_ratio = models.CharField("容积率", max_length=40, blank=True)
    longitude = models.DecimalField(
        "经度",
        max_digits=10,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
    )
    latitude = models.DecimalField(
        "纬度",
        max_digits=9,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
    )
    boundary = models.JSONField("界址", null=True, blank=True)

    class Meta:
        verbose_name = "宗地"
        verbose_name_plural = "宗地"
        ordering = ["pk"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(longitude=None, latitude=None)
                | Q(longitude__isnull=False, latitude__isnull=False),
                name="parcel_point_whole_or_none",
            )
        ]

    def __str__(self) -> str:
        return self.location or "（坐落未填）"


class LandSupplyQuerySet(models.QuerySet["LandSupply"]):
    def visible_to(self, viewer: User, codename: str = "view_supply") -> LandSupplyQuerySet:
        """Those in the sections and townships for which ``viewer`` holds ``codename``."""
        from landbureau.accounts.selectors import scopes_for

        scopes = scopes_for(viewer, codename)
        if scopes.everywhere:
            return self.all()
        return self.filter(Q(section__in=scopes.sections) | Q(parcel__township__office__in=scopes.offices))


class LandSupply(Versioned):
    """One supply of land (domain.md C.2). What was agreed stands here, what happened in ``Event`` rows.

    A wrong entry is corrected by a ``Correction`` with its reason. The last group of columns follows from the
    events; ``services.projection`` alone writes it.
    """

    class Method(models.TextChoices):
        TENDER = "tender", "招标"
        AUCTION = "auction", "拍卖"
        LISTING = "listing", "挂牌"
        AGREEMENT = "agreement", "协议"
        ALLOCATION = "allocation", "划拨"
        LEASE = "lease", "租赁"
        CONTRIBUTION = "contribution", "作价出资"

    supervision_number = models.CharField("电子监管号", max_length=40, blank=True)
    contract_number = models.CharField("合同编号/划拨决定书编号", max_length=60, blank=True)
    number = models.CharField("编号", max_length=60, unique=True, help_text="电子监管号，没有的用合同编号")
    method = models.CharField("供应方式", max_length=12, choices=Method)
    land_user = models.ForeignKey(
        LandUser, verbose_name="用地单位", on_delete=models.PROTECT, related_name="supplies"
    )
    parcel = models.OneToOneField(
        Parcel, verbose_name="宗地", on_delete=models.PROTECT, related_name="supply"
    )
    section = models.ForeignKey(Section, verbose_name="监管科室", on_delete=models.PROTECT, related_name="+")
    origin = models.ForeignKey(
        "self",
        verbose_name="来自",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="successors",
        help_text="分割、部分转让或者整宗转让前的供地",
    )
    price = models.DecimalField(
        "成交价款", max_digits=16, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    deposit = models.DecimalField(
        "定金", max_digits=16, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    signed_on = models.DateField("签订日期", null=True, blank=True)
    agreed_handover_on = models.DateField("约定交地日期", null=True, blank=True)
    agreed_start_on = models.DateField("约定开工日期", null=True, blank=True)
    agreed_completion_on = models.DateField("约定竣工日期", null=True, blank=True)
    payment_rate = models.DecimalField(
        "违约金千分比",
        max_digits=6,
        decimal_places=3,
        null=True,
        blank=True,
        help_text="每日千分比，空：没有约定",
    )
    start_rate = models.DecimalField(
        "开工违约金千分比", max_digits=6, decimal_places=3, null=True, blank=True, help_text="空：没有约定"
    )
    completion_rate = models.DecimalField(
        "竣工违约金千分比", max_digits=6, decimal_places=3, null=True, blank=True, help_text="空：没有约定"
    )
    damages_cap = models.DecimalField(
        "每期违约金上限",
        max_digits=16,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="合同没有约定的不填",
    )
    interest_rate = models.DecimalField(
        "分期利率",
        max_digits=6,
        decimal_places=3,
        null=True,
        blank=True,
        help_text="年利率（%），没有约定的不填",
    )
    investment = models.DecimalField("固定资产投资额", max_digits=16, decimal_places=2, null=True, blank=True)
    required_area = models.DecimalField(
        "应动工开发面积",
        max_digits=14,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="没有约定的按宗地面积",
    )
    remark = models.CharField("备注", max_length=400, blank=True)
    registered_at = models.DateTimeField("登记时间", auto_now_add=True)

    # What follows from the events, whatever day it is.
    handed_over_on = models.DateField("交地日期", null=True, blank=True, editable=False)
    board_on = models.DateField("公示牌悬挂日期", null=True, blank=True, editable=False)
    started_on = models.DateField("实际开工日期", null=True, blank=True, editable=False)
    completed_on = models.DateField("实际竣工日期", null=True, blank=True, editable=False)
    suspended_since = models.DateField("停工起始日期", null=True, blank=True, editable=False)
    closed_on = models.DateField("监管终止日期", null=True, blank=True, editable=False)
    urgent_on = models.DateField(
        "最早未了结日期", null=True, blank=True, editable=False, help_text="排序用：最早的未了结的约定日期"
    )

    gap_suspect = models.BooleanField(
        "资料可能不全", default=False, editable=False, help_text="扫描时逐宗核对是否缺少计算所需的资料"
    )

    assignments = GenericRelation(Assignment)

    objects: ClassVar = LandSupplyQuerySet.as_manager()

    class Meta:
        verbose_name = "供地"
        verbose_name_plural = "供地"
        ordering = ["number"]
        default_permissions = ()
        indexes = [
            models.Index(fields=["section", "urgent_on"], name="supplies_of_section"),
            models.Index(fields=["urgent_on", "number"], name="supplies_by_urgency"),
            models.Index(fields=["id"], condition=Q(gap_suspect=True), name="supplies_with_gaps"),
            models.Index(fields=["contract_number"], name="supplies_by_contract"),
            models.Index(fields=["signed_on"], name="supplies_by_signing"),
            models.Index(fields=["land_user"], name="supplies_of_land_user"),
        ]

    def __str__(self) -> str:
        return f"{self.land_user} {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("supply:supply", args=[self.pk])

    @property
    def is_grant(self) -> bool:
        return self.method != self.Method.ALLOCATION

    @property
    def contract_title(self) -> str:
        """What the land was supplied by."""
        return {
            self.Method.ALLOCATION: "划拨决定书",
            self.Method.LEASE: "租赁合同",
            self.Method.CONTRIBUTION: "作价出资合同",
        }.get(self.Method(self.method), "出让合同")


class Instalment(models.Model):
    """A part of the price (分期). ``effective_due_on``: rolled over days off; follows the calendar.

    ``settled_on``: the day since which it is paid, all known payments considered; ``demanded_on``: the first
    demand served after it was due. These, ``remind_from`` and
    ``terminable_from`` are written by ``services.projection``.
    """

    supply = models.ForeignKey(
        LandSupply, verbose_name="供地", on_delete=models.CASCADE, related_name="instalments"
    )
    seq = models.PositiveSmallIntegerField("期次", validators=[MinValueValidator(1), MaxValueValidator(99)])
    due_on = models.DateField("应缴日期", null=True, blank=True)
    amount = models.DecimalField(
        "应缴金额", max_digits=16, decimal_places=2, validators=[MinValueValidator(0)]
    )
    effective_due_on = models.DateField("顺延后的应缴日期", null=True, blank=True, editable=False)
    provisional = models.BooleanField("暂定", default=False, editable=False)
    remind_from = models.DateField("提醒起始日期", null=True, blank=True, editable=False)
    terminable_from = models.DateField("可解除起始日期", null=True, blank=True, editable=False)
    settled_on = models.DateField("缴清日期", null=True, blank=True, editable=False)
    demanded_on = models.DateField("催缴送达日期", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "分期缴款"
        verbose_name_plural = "分期缴款"
        ordering = ["supply", "seq"]
        default_permissions = ()
        indexes = [
            models.Index(fields=["remind_from"], condition=Q(settled_on=None), name="instalments_unsettled"),
            models.Index(
                fields=["settled_on"], condition=Q(settled_on__isnull=False), name="instalments_settled"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["supply", "seq"], name="one_instalment_per_number"),
        ]

    def __str__(self) -> str:
        return f"第{self.seq}期"

    def get_absolute_url(self) -> str:
        return f"{reverse('supply:supply', args=[self.supply_id])}?tab=payments"
