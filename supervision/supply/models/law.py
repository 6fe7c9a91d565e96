"""The regime as the bureau has it (domain.md C.1): numbers, titles, who does what. Rows, not constants."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models

from landbureau.accounts.models import Section
from landbureau.documents.models import Kind
from landbureau.web.models import Versioned
from landbureau.workdays.models import TimeLimit


class Regime(Versioned):
    """The supervision of construction land after supply: one row."""

    class VisitRule(models.TextChoices):
        PER_STAGE = "per_stage", "开工、竣工阶段各一次"
        MONTHLY = "monthly", "每月至少一次"

    code = models.SlugField("代码", unique=True)
    title = models.CharField("制度名称", max_length=60)
    subjects = models.CharField("监管对象", max_length=120)
    section = models.ForeignKey(
        Section, verbose_name="监管科室", null=True, on_delete=models.PROTECT, related_name="+"
    )
    brigade = models.ForeignKey(
        Section, verbose_name="移送对象", null=True, on_delete=models.PROTECT, related_name="+"
    )
    officer_title = models.CharField("巡查人员称谓", max_length=20)
    visit_rule = models.CharField("巡查指标", max_length=12, choices=VisitRule)
    source = models.CharField("依据", max_length=120)
    shipped = models.JSONField("初始值", default=dict, editable=False)

    class Meta:
        verbose_name = "供后监管制度"
        verbose_name_plural = "供后监管制度"
        default_permissions = ()

    def __str__(self) -> str:
        return self.title


class Law(Versioned):
    """A row that is delivered with the program; ``shipped`` keeps what was delivered."""

    code = models.SlugField("代码", unique=True)
    title = models.CharField("名称", max_length=60)
    source = models.CharField("依据", max_length=160, blank=True)
    mark = models.CharField(
        "核对情况", max_length=10, choices=TimeLimit.Mark, default=TimeLimit.Mark.UNCHECKED
    )
    order = models.PositiveSmallIntegerField("排序", default=0)
    shipped = models.JSONField("初始值", default=dict, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.title


class Parameter(Law):
    """A number of the regime: days, years, ‰, %."""

    number = models.DecimalField("数值", max_digits=8, decimal_places=3, validators=[MinValueValidator(0)])
    unit = models.CharField("单位", max_length=10)
    note = models.CharField("说明", max_length=200, blank=True)

    class Meta(Law.Meta):
        abstract = False
        verbose_name = "监管参数"
        verbose_name_plural = "监管参数"
        ordering = ["order", "code"]
        default_permissions = ()


class NoticeKind(Law):
    """A kind of notice of the sweep: who is asked to do what, and which document goes with it.

    ``held``: the document is drafted at once, but sent for approval only when a visit has found that it is
    needed (domain.md C.3: 《竣工建设提醒》). ``repeat_after_days`` empty: told once.
    """

    class Doer(models.TextChoices):
        SECTION = "section", "监管科室"
        OFFICER = "officer", "巡查人员"

    doer = models.CharField("办理人", max_length=10, choices=Doer)
    act = models.CharField("办理动作", max_length=20)
    document_kind = models.ForeignKey(
        Kind, verbose_name="文书", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    held = models.BooleanField("巡查确认后送审", default=False)
    repeat_after_days = models.PositiveSmallIntegerField("几日后重复", null=True, blank=True)

    class Meta(Law.Meta):
        abstract = False
        verbose_name = "提醒种类"
        verbose_name_plural = "提醒种类"
        ordering = ["order", "code"]
        default_permissions = ()


class DeviationKind(Law):
    """What may be wrong on the site: another use, moved, larger, higher plot ratio, transferred, overdue."""

    question = models.CharField("巡查时的问法", max_length=60)
    measure = models.CharField("后续措施", max_length=200)
    asked = models.BooleanField("列入巡查内容", default=True)

    class Meta(Law.Meta):
        abstract = False
        verbose_name = "问题类别"
        verbose_name_plural = "问题类别"
        ordering = ["order", "code"]
        default_permissions = ()


class CheckItem(Law):
    """What the regime checks (监督检查内容)."""

    class Meta(Law.Meta):
        abstract = False
        verbose_name = "检查内容"
        verbose_name_plural = "检查内容"
        ordering = ["order", "code"]
        default_permissions = ()


class Indicator(Law):
    """A required figure of the regime (监督检查指标); ``formula``: how it is counted, in words."""

    formula = models.CharField("计算方法", max_length=200)
    required = models.DecimalField("要求", max_digits=8, decimal_places=2, null=True, blank=True)
    unit = models.CharField("单位", max_length=10, blank=True)

    class Meta(Law.Meta):
        abstract = False
        verbose_name = "监管指标"
        verbose_name_plural = "监管指标"
        ordering = ["order", "code"]
        default_permissions = ()
