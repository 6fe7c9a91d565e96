"""Facts of the calendar, the limits that the law sets, and the limits that run."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse

from landbureau.web.models import Versioned
from landbureau.workdays import rules

LONGEST = 3660


class UnitChoice(models.TextChoices):
    """``rules.Unit`` with its words."""

    DAYS = rules.Unit.DAYS.value, "日"
    WORKING_DAYS = rules.Unit.WORKING_DAYS.value, "个工作日"
    MONTHS = rules.Unit.MONTHS.value, "个月"
    YEARS = rules.Unit.YEARS.value, "年"
    HOURS = rules.Unit.HOURS.value, "小时"


class CalendarDay(models.Model):
    """A day as the bureau has it from a notice or from its own decision: it wins over every other source.

    Written by ``services.change_calendar`` only, which refuses to overwrite a newer revision.
    """

    date = models.DateField("日期", unique=True)
    is_workday = models.BooleanField("上班")
    name = models.CharField("名称", max_length=40, blank=True)
    source = models.CharField("来源", max_length=120)
    announced_on = models.DateField("公布日期", null=True, blank=True)

    class Meta:
        verbose_name = "日历日"
        verbose_name_plural = "日历日"
        ordering = ["date"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.date} {'上班' if self.is_workday else '休息'}"


class CalendarChange(models.Model):
    """One change of the calendar, appended: a yearly notice taken over, or a day set by hand.

    ``revision`` counts them; it is unique, so that of two editors who started from the same calendar only
    the first succeeds.
    """

    revision = models.PositiveIntegerField("日历版本", unique=True)
    complete_year = models.PositiveSmallIntegerField(
        "全年安排的年份",
        null=True,
        blank=True,
        help_text="该年未列出的日期按周一至周五上班，不再标为暂定",
    )
    source = models.CharField("来源", max_length=120)
    announced_on = models.DateField("公布日期", null=True, blank=True)
    text = models.TextField("通知原文", blank=True)
    days = models.JSONField("改动的日期", default=list)
    moved = models.PositiveIntegerField("随之调整的期限", default=0)
    kept = models.PositiveIntegerField("已告知而未动的期限", default=0)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="修改人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField("修改时间", auto_now_add=True)

    class Meta:
        verbose_name = "日历修改"
        verbose_name_plural = "日历修改"
        ordering = ["-revision"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.source}（{len(self.days)}天）"


class FixedHoliday(Versioned):
    """A statutory holiday on a fixed date, used where a year's notice is not out yet."""

    month = models.PositiveSmallIntegerField("月", validators=[MinValueValidator(1), MaxValueValidator(12)])
    day = models.PositiveSmallIntegerField("日", validators=[MinValueValidator(1), MaxValueValidator(31)])
    name = models.CharField("名称", max_length=40)
    source = models.CharField("依据", max_length=120)
    valid_from = models.DateField("施行日期")

    class Meta:
        verbose_name = "固定节日"
        verbose_name_plural = "固定节日"
        ordering = ["month", "day"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["month", "day", "valid_from"], name="one_fixed_holiday_per_date"),
        ]

    def __str__(self) -> str:
        return f"{self.month}月{self.day}日 {self.name}"


class Limit(models.Model):
    """How a time limit counts: shared by the rows of the law and the limits that run."""

    number = models.PositiveSmallIntegerField(
        "数量", validators=[MaxValueValidator(LONGEST)], help_text="0 表示事件日期本身就是末日"
    )
    unit = models.CharField("单位", max_length=8, choices=UnitChoice)
    rolls = models.BooleanField("末日遇休息日顺延", default=False)
    backwards = models.BooleanField("自事件日倒推", default=False)

    class Meta:
        abstract = True

    @property
    def span(self) -> str:
        """``15日``, ``7个工作日前``, ``指定日期`` (no counting)."""
        if not self.number:
            return "指定日期"
        return f"{self.number}{UnitChoice(self.unit).label}{'前' if self.backwards else ''}"

    @property
    def counts_forward(self) -> bool:
        """Whether the last day follows from an event that came before it."""
        return bool(self.number) and not self.backwards

    def is_ahead(self, event_on: date, today: date) -> bool:
        """Whether what should come before the count is itself still to come: most likely a slip."""
        return self.counts_forward and event_on > today

    def due(self, event_on: date, calendar: rules.Calendar) -> rules.Due:
        """The last day, counted from ``event_on``. Raises ``rules.WorkdaysError`` beyond the year 9999."""
        return rules.due_on(
            event_on, self.number, rules.Unit(self.unit), self.rolls, calendar, backwards=self.backwards
        )

    def clean(self) -> None:
        super().clean()
        if self.rolls and self.backwards:
            raise ValidationError({"rolls": "倒推的期限不顺延：顺延会晚于法定的最迟日期"})


class TimeLimit(Limit, Versioned):
    """A time limit as the law or the bureau sets it (domain.md E.5, F): a row, never a constant.

    ``shipped`` keeps the delivered values: what the bureau changed stays changed when rows are reloaded.
    """

    class Mark(models.TextChoices):
        VERIFIED = "v", "已核对条文"
        SECONDARY = "v2", "据转引"
        OWN = "own", "据本单位制度"
        UNCHECKED = "unchecked", "待核实"

    code = models.SlugField("代码", unique=True)
    group = models.CharField("类别", max_length=20)
    title = models.CharField("事项", max_length=60)
    event = models.CharField("起算事件", max_length=60)
    source = models.CharField("依据", max_length=120)
    mark = models.CharField("核对情况", max_length=10, choices=Mark)
    note = models.CharField("说明", max_length=200, blank=True)
    order = models.PositiveSmallIntegerField("排序", default=0)
    shipped = models.JSONField("初始值", default=dict, editable=False)

    class Meta:
        verbose_name = "法定期限"
        verbose_name_plural = "法定期限"
        ordering = ["order", "code"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.title}（{self.span}）"

    @property
    def is_changed(self) -> bool:
        """Whether the bureau counts differently than delivered."""
        return any(self.shipped.get(name) != getattr(self, name) for name in ("number", "unit", "rolls"))

    @property
    def shipped_span(self) -> str:
        """How the limit counted as delivered, in words."""
        words = f"{self.shipped['number']}{UnitChoice(self.shipped['unit']).label}"
        return f"{words}，末日顺延" if self.shipped["rolls"] else words


class DeadlineManager(models.Manager["Deadline"]):
    def visible_to(self, user: Any) -> models.QuerySet[Deadline]:
        """Own time limits, and those of people for whom ``user`` holds ``view_deadline``."""
        return self._within(user, "view_deadline")

    def changeable_by(self, user: Any) -> models.QuerySet[Deadline]:
        """Own time limits, and those of people for whom ``user`` holds ``update_deadline``."""
        return self._within(user, "update_deadline")

    def _within(self, user: Any, codename: str) -> models.QuerySet[Deadline]:
        if user.holds_everywhere(codename):
            return self.all()
        people = get_user_model().objects.visible_to(user, codename)
        return self.filter(Q(owner=user.pk) | Q(owner__in=people.values("pk")))


class Deadline(Limit, Versioned):
    """A time limit that runs (期限): what happened, how it counts, and the last day agreed on.

    How it counts is copied from ``limit`` when it begins, so that a later change of the law moves nothing.
    ``due_on`` is stored and recomputed by ``services.change_calendar``; once the date was told to somebody
    in a served document (``told_on``) no calendar moves it.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="承办人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="deadlines",
    )
    title = models.CharField("事项", max_length=120)
    limit = models.ForeignKey(
        TimeLimit, verbose_name="法定期限", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    event_on = models.DateField("起算事件日期", help_text="事件当日不计入期限")
    due_on = models.DateField("到期日")
    provisional = models.BooleanField("暂定", default=False)
    told_on = models.DateField("告知日期", null=True, blank=True, help_text="到期日已写入送达文书的日期")
    settled_on = models.DateField("办结日期", null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="办结人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    note = models.CharField("备注", max_length=200, blank=True)
    content_type = models.ForeignKey(
        ContentType, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    object_id = models.PositiveBigIntegerField(null=True, blank=True)
    subject = GenericForeignKey()
    registered_at = models.DateTimeField("登记时间", auto_now_add=True)
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", null=True, on_delete=models.PROTECT, related_name="+"
    )

    objects: ClassVar[DeadlineManager] = DeadlineManager()

    class Meta:
        verbose_name = "期限"
        verbose_name_plural = "期限"
        ordering = ["due_on", "pk"]
        default_permissions = ()
        indexes = [
            models.Index(fields=["due_on"], condition=Q(settled_on=None), name="open_deadlines"),
            models.Index(fields=["owner", "due_on"], name="deadlines_of_person"),
            models.Index(fields=["content_type", "object_id"], name="deadlines_of_object"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(content_type__isnull=True, object_id__isnull=True)
                | Q(content_type__isnull=False, object_id__isnull=False),
                name="deadline_subject_whole_or_none",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("workdays:deadline", args=[self.pk])

    @property
    def outcome(self) -> str:
        """``按期`` or ``逾期3天``; empty while it runs."""
        if self.settled_on is None:
            return ""
        late = (self.settled_on - self.due_on).days
        return f"逾期{late}天" if late > 0 else "按期"


class DueDateChangeManager(models.Manager["DueDateChange"]):
    def visible_to(self, user: Any) -> models.QuerySet[DueDateChange]:
        """Those of the time limits that ``user`` sees."""
        if user.holds_everywhere("view_deadline"):
            return self.all()
        return self.filter(deadline__in=Deadline.objects.visible_to(user))


class DueDateChange(models.Model):
    """Why a running limit ends on another day than first registered: a correction, or the calendar."""

    deadline = models.ForeignKey(
        Deadline, verbose_name="期限", on_delete=models.PROTECT, related_name="changes"
    )
    old_event_on = models.DateField("原起算日期")
    new_event_on = models.DateField("新起算日期")
    old_due_on = models.DateField("原到期日")
    new_due_on = models.DateField("新到期日")
    reason = models.CharField("理由", max_length=200)
    calendar_change = models.ForeignKey(
        CalendarChange,
        verbose_name="日历修改",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="moves",
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="修改人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField("修改时间", auto_now_add=True)

    objects: ClassVar[DueDateChangeManager] = DueDateChangeManager()

    class Meta:
        verbose_name = "到期日变更"
        verbose_name_plural = "到期日变更"
        ordering = ["-made_at", "-pk"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.old_due_on} → {self.new_due_on}"
