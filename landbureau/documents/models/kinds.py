"""Kinds of documents as data: titles, series, who approves, what must be filled, the wording."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse

from landbureau.web.models import Versioned
from landbureau.workdays.models import TimeLimit


class Series(Versioned):
    """A series of numbers: ``新国土资`` + ``催`` + ``〔2026〕17号``. One gap-free sequence a year."""

    code = models.SlugField("代码", unique=True)
    name = models.CharField("名称", max_length=40)
    mark = models.CharField("字", max_length=10, unique=True, help_text="接在机关代字之后，如 催、函、通")
    order = models.PositiveSmallIntegerField("排序", default=0)
    shipped = models.JSONField("初始值", default=dict, editable=False)

    class Meta:
        verbose_name = "文号系列"
        verbose_name_plural = "文号系列"
        ordering = ["order", "code"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.name}（{self.mark}）"

    @property
    def has_numbers(self) -> bool:
        """Then its mark stays: another series could take it and would give the same numbers again."""
        return self.counters.filter(last__gt=0).exists()


class Kind(Versioned):
    """A kind of document. What the bureau edited stays when an upgrade brings other values (``shipped``)."""

    class Layout(models.TextChoices):
        LETTER = "letter", "信函"
        NOTICE = "notice", "通知"
        FORM = "form", "表单"
        SLIP = "slip", "送达回证"

    class Family(models.TextChoices):
        """The line of the permission matrix that the kind belongs to (``access.FAMILIES``)."""

        DOCUMENT = "document", "公文"
        NOTICE = "notice", "提醒与催缴文书"
        VISIT = "visit", "公示牌、巡查与跟踪卡"

    class Approval(models.TextChoices):
        AUTOMATIC = "automatic", "无须批准"
        SECTION_HEAD = "section_head", "股长批准"
        LEADER = "leader", "局领导签发"

    code = models.SlugField("代码", unique=True)
    title = models.CharField("标题", max_length=60)
    family = models.CharField("类别", max_length=20, choices=Family)
    layout = models.CharField("版式", max_length=10, choices=Layout)
    series = models.ForeignKey(
        Series, verbose_name="文号系列", on_delete=models.PROTECT, related_name="kinds"
    )
    approval = models.CharField("批准", max_length=20, choices=Approval)
    legal_basis = models.CharField("依据", max_length=200, blank=True)
    mark = models.CharField("核对情况", max_length=10, choices=TimeLimit.Mark, default=TimeLimit.Mark.OWN)
    addressee_label = models.CharField(
        "对象名称", max_length=20, default="受送达人", help_text="如 主送机关、受送达人、用地单位"
    )
    own_title = models.BooleanField(
        "标题须另拟", default=False, help_text="是：标题由事由和文种组成，不能只写文种"
    )
    needs_seal = models.BooleanField("须用印", default=True)
    needs_service = models.BooleanField("须送达", default=True, help_text="是：附送达回证，登记送达后办结")
    two_servers = models.BooleanField("须两人送达", default=False)
    serve_within_days = models.PositiveSmallIntegerField(
        "几日内送达", null=True, blank=True, help_text="自印发日起，本单位内部要求；空：不限"
    )
    repeat_after_days = models.PositiveSmallIntegerField(
        "几日后重复", null=True, blank=True, help_text="事项未了结时再次发出的间隔；空：不重复"
    )
    by_hand = models.BooleanField("可手工拟稿", default=True, help_text="否：只由业务事项生成")
    note = models.CharField("说明", max_length=200, blank=True)
    is_active = models.BooleanField("在用", default=True)
    order = models.PositiveSmallIntegerField("排序", default=0)
    shipped = models.JSONField("初始值", default=dict, editable=False)

    class Meta:
        verbose_name = "文书种类"
        verbose_name_plural = "文书种类"
        ordering = ["order", "code"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("documents:kind", args=[self.code])

    @property
    def approval_title(self) -> str:
        """What approving is called: a leader signs (签发), a section head approves."""
        return "签发" if self.approval == self.Approval.LEADER else "批准"

    @property
    def needs_addressee(self) -> bool:
        """Letters and notices are addressed to somebody; what is served is, too."""
        return self.needs_service or self.layout in (self.Layout.LETTER, self.Layout.NOTICE)


class KindField(models.Model):
    """One thing that is filled in on a kind of document; its name is a placeholder of the wording."""

    class Type(models.TextChoices):
        TEXT = "text", "文字"
        LONG = "long", "多段文字"
        DATE = "date", "日期"
        MONEY = "money", "金额（元）"
        NUMBER = "number", "数"
        INTEGER = "integer", "整数"
        TABLE = "table", "表格"

    kind = models.ForeignKey(Kind, verbose_name="文书种类", on_delete=models.CASCADE, related_name="fields")
    name = models.CharField("名称", max_length=30)
    type = models.CharField("类型", max_length=10, choices=Type)
    unit = models.CharField("单位", max_length=10, blank=True)
    required = models.BooleanField("印发前必填", default=False)
    help_text = models.CharField("说明", max_length=100, blank=True)
    sample = models.CharField("示例", max_length=100, blank=True, help_text="用于预览用语")
    lowest = models.DecimalField("最小", max_digits=16, decimal_places=2, null=True, blank=True)
    highest = models.DecimalField("最大", max_digits=16, decimal_places=2, null=True, blank=True)
    at_most = models.CharField("不大于", max_length=30, blank=True, help_text="另一栏目的名称，用于数和金额")
    not_before = models.CharField("不早于", max_length=30, blank=True, help_text="另一栏目的名称，用于日期")
    order = models.PositiveSmallIntegerField("排序", default=0)

    class Meta:
        verbose_name = "文书栏目"
        verbose_name_plural = "文书栏目"
        ordering = ["kind", "order"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["kind", "name"], name="one_field_per_name")]

    def __str__(self) -> str:
        return self.name


class Wording(models.Model):
    """The text of a kind, one row per version, appended and never changed.

    One paragraph a line. ``{名称}`` is replaced by the field's value, ``[[…]]`` left out when a placeholder
    in it is empty. ``shipped``: delivered with the program, not written by the bureau.
    """

    kind = models.ForeignKey(Kind, verbose_name="文书种类", on_delete=models.PROTECT, related_name="wordings")
    number = models.PositiveSmallIntegerField("版本号")
    text = models.TextField("文字")
    shipped = models.BooleanField("随程序提供", default=False)
    reason = models.CharField("修改理由", max_length=120, blank=True)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="修改人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    written_at = models.DateTimeField("修改时间", auto_now_add=True)

    class Meta:
        verbose_name = "文书用语"
        verbose_name_plural = "文书用语"
        ordering = ["kind", "-number"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["kind", "number"], name="one_wording_per_version")]

    def __str__(self) -> str:
        return f"{self.kind}用语第{self.number}版"


class ServiceMethod(Versioned):
    """A way of serving a document (送达方式) and the day on which it counts as served (domain.md G.3)."""

    class DateRule(models.TextChoices):
        SIGNED = "signed", "签收日"
        LEFT = "left", "留置日"
        RETURNED = "returned", "回执上的收件日"
        ARRIVED = "arrived", "到达受送达人系统之日"
        PUBLISHED = "published", "公告之日起满规定天数"

    code = models.SlugField("代码", unique=True)
    title = models.CharField("名称", max_length=30)
    date_rule = models.CharField("送达日期", max_length=10, choices=DateRule)
    days = models.PositiveSmallIntegerField("天数", default=0, help_text="公告送达：自公告之日起满几日")
    required = models.JSONField("必填栏目", default=list, help_text="登记送达时必须填写的栏目")
    needs_proof = models.BooleanField("须附证明", default=True)
    source = models.CharField("依据", max_length=120)
    mark = models.CharField(
        "核对情况", max_length=10, choices=TimeLimit.Mark, default=TimeLimit.Mark.UNCHECKED
    )
    note = models.CharField("说明", max_length=200, blank=True)
    order = models.PositiveSmallIntegerField("排序", default=0)
    shipped = models.JSONField("初始值", default=dict, editable=False)

    class Meta:
        verbose_name = "送达方式"
        verbose_name_plural = "送达方式"
        ordering = ["order", "code"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.title
