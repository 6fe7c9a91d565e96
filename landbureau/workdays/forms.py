"""Forms: the calendar, the calculator, the ledger of time limits."""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from itertools import groupby
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict

from landbureau.web.forms import DeskForm, VersionedModelForm
from landbureau.workdays import rules, selectors, services
from landbureau.workdays.models import LONGEST, Deadline, TimeLimit, UnitChoice
from landbureau.workdays.selectors import BY_HAND, DayChange, Proposal

EARLIEST, LATEST = date(1950, 1, 1), date(2199, 12, 31)


class NearDateField(forms.DateField):
    """A date that an office may mean: 1950 to 2199, so that a typed 0205 is caught."""

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value and not EARLIEST <= value <= LATEST:
            raise forms.ValidationError("请检查年份：应在1950年至2199年之间")


def _keep(form: forms.BaseForm, **hidden: str) -> None:
    """Put values into the hidden inputs that the page sends back."""
    data = QueryDict(mutable=True)
    data.update(form.data)
    for name, value in hidden.items():
        data[name] = value
    form.data = data


def limit_choices() -> list[tuple[str, Any]]:
    """The rows of the law, grouped."""
    rows = groupby(TimeLimit.objects.order_by("order"), key=lambda limit: limit.group)
    groups = [(group, [(str(limit.pk), str(limit)) for limit in limits]) for group, limits in rows]
    return [("", "自定期限（填写下面的数量和单位）"), *groups]


class CountForm(DeskForm):
    """An event and how it counts: a row of the law, or number and unit."""

    event_on = NearDateField(label="起算事件日期", help_text="事件当日不计入期限")
    limit = forms.ChoiceField(label="法定期限", required=False)
    number = forms.IntegerField(
        label="数量", required=False, min_value=0, max_value=LONGEST, help_text="填 0 表示上面的日期就是末日"
    )
    unit = forms.ChoiceField(label="单位", required=False, choices=UnitChoice.choices)
    rolls = forms.BooleanField(label="末日遇休息日顺延至下一工作日", required=False)
    backwards = forms.BooleanField(label="自事件日倒推（最迟应于此前完成）", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["limit"].choices = limit_choices()  # type: ignore[attr-defined]

    def clean_limit(self) -> TimeLimit | None:
        chosen = self.cleaned_data["limit"]
        return TimeLimit.objects.get(pk=chosen) if chosen else None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "limit" in cleaned and cleaned["limit"] is None and "number" in cleaned:
            if cleaned["number"] is None:
                self.add_error("number", "未选法定期限时，请填写数量")
            if not cleaned.get("unit"):
                self.add_error("unit", "未选法定期限时，请选择单位")
            if cleaned.get("rolls") and cleaned.get("backwards"):
                self.add_error("rolls", "倒推的期限不顺延：顺延会晚于最迟日期")
        return cleaned

    def counting(self) -> dict[str, Any]:
        """What ``services.register_deadline`` takes."""
        cleaned = self.cleaned_data
        names = ("event_on", "limit", "number", "unit", "rolls", "backwards")
        return {name: cleaned[name] for name in names}

    def result(self, calendar: rules.Calendar) -> selectors.Result:
        """The last day with its reasons. Raises ``rules.WorkdaysError``."""
        counting = self.counting()
        limit = counting.pop("limit") or Deadline(**counting)
        return selectors.result_of(limit, counting["event_on"], calendar)


class RegisterForm(CountForm):
    """A time limit for the ledger. Saved only after its last day has been shown."""

    title = forms.CharField(label="事项", max_length=120, help_text="如：寻寨镇某案 缴纳罚款")
    owner: forms.ModelChoiceField[Any] = forms.ModelChoiceField(
        label="承办人", queryset=None, empty_label=None
    )
    told_on = NearDateField(
        label="到期日告知当事人的日期",
        required=False,
        help_text="已写入送达文书的，填送达日期；此后日历调整不再改动它",
    )
    note = forms.CharField(label="备注", max_length=200, required=False)
    shown = forms.DateField(required=False, widget=forms.HiddenInput)
    ahead = forms.BooleanField(label="已核对，事件确在今后", required=False)
    field_order = ["title", "event_on", "limit", "number", "unit", "rolls", "backwards"]

    def __init__(self, *args: Any, owners: QuerySet[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = owners  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("told_on") and not self.errors:
            counted = cleaned["limit"] or Deadline(number=cleaned["number"], backwards=cleaned["backwards"])
            if counted.counts_forward and cleaned["told_on"] < cleaned["event_on"]:
                self.add_error("told_on", "告知日期不能早于起算事件日期")
        return cleaned

    def is_confirmed(self, result: selectors.Result, today: date) -> bool:
        """Whether exactly this last day was shown, and an event that is still to come was confirmed."""
        if self.cleaned_data["shown"] != result.due.on:
            return False
        if result.limit.is_ahead(result.event_on, today) and not self.cleaned_data["ahead"]:
            self.add_error("ahead", "请先核对起算事件日期")
            return False
        return True

    def show(self, due_on: date) -> None:
        """Remember which last day the page shows; what was confirmed of another one is forgotten."""
        if self.cleaned_data["shown"] != due_on:
            _keep(self, shown=due_on.isoformat(), ahead="")


class DeadlineActForm(VersionedModelForm):
    """Base of the acts on a time limit: the service writes, the form only brings version and values."""

    instance: Deadline

    class Meta:
        model = Deadline
        fields: ClassVar[list[str]] = []

    def row_as_opened(self) -> Deadline:
        """The row as it stands, with the version that the reader had open."""
        row = Deadline.objects.get(pk=self.instance.pk)
        row.version = self.cleaned_data["version"]
        return row


class SettleForm(DeadlineActForm):
    settled_on = NearDateField(label="办结日期")

    class Meta(DeadlineActForm.Meta):
        fields: ClassVar[list[str]] = ["settled_on", "note"]

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_settled_on(self) -> date:
        settled_on = self.cleaned_data["settled_on"]
        if settled_on > self.today:
            raise forms.ValidationError("办结日期不能晚于今天")
        if self.instance.counts_forward and settled_on < self.instance.event_on:
            raise forms.ValidationError(f"办结日期不能早于起算事件日期 {self.instance.event_on}")
        return settled_on


class CorrectForm(DeadlineActForm):
    event_on = NearDateField(
        label="正确的起算事件日期", help_text="到期日随之重新推算；原日期和理由保留在记录中"
    )
    reason = forms.CharField(label="更正理由", max_length=200)
    shown = forms.DateField(required=False, widget=forms.HiddenInput)

    class Meta(DeadlineActForm.Meta):
        fields: ClassVar[list[str]] = ["event_on"]

    def show(self, due_on: date) -> None:
        """Remember which new last day the page shows."""
        _keep(self, shown=due_on.isoformat())


class ToldForm(DeadlineActForm):
    told_on = NearDateField(label="告知日期", help_text="写明到期日的文书送达当事人的日期")

    class Meta(DeadlineActForm.Meta):
        fields: ClassVar[list[str]] = ["told_on"]


# --- The calendar --------------------------------------------------------------------------------


class CalendarForm(DeskForm):
    """Base: carries the calendar's revision that the editor saw."""

    source = forms.CharField(label="来源", max_length=120)
    announced_on = NearDateField(label="公布日期", required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    previewed = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def proposal(self) -> Proposal:
        """What was typed, as a change that is not made yet."""
        raise NotImplementedError

    def text(self) -> str:
        """The pasted original, to be kept with the change."""
        return ""

    def is_previewed(self) -> bool:
        """Whether exactly this proposal has been shown with its consequences."""
        return self.cleaned_data["previewed"] == _fingerprint(self.proposal())

    def show(self, revision: int) -> None:
        """The page now shows the consequences on the calendar's ``revision``: the next click may save."""
        _keep(self, seen=str(revision), previewed=_fingerprint(self.proposal()))


def _fingerprint(proposal: Proposal) -> str:
    return sha256(repr(proposal).encode()).hexdigest()


class DayForm(CalendarForm):
    """One day, set by hand."""

    STATES = (("work", "上班"), ("off", "休息"), ("none", "恢复为公布的安排（撤销本单位的设定）"))

    date = NearDateField(label="日期")
    state = forms.ChoiceField(label="安排", choices=STATES, widget=forms.RadioSelect)
    name = forms.CharField(label="名称", max_length=40, required=False, help_text="如：春节、抗旱值守")
    source = forms.CharField(
        label="来源", max_length=120, initial=BY_HAND, help_text="通知的标题和文号，或本单位决定的理由"
    )
    field_order = ["date", "state", "name", "source", "announced_on"]

    def proposal(self) -> Proposal:
        cleaned = self.cleaned_data
        is_workday = {"work": True, "off": False, "none": None}[cleaned["state"]]
        day = DayChange(cleaned["date"], is_workday, cleaned["name"])
        return Proposal([day], cleaned["source"], cleaned["announced_on"])


class NoticeForm(CalendarForm):
    """The yearly notice, pasted."""

    year = forms.IntegerField(label="年份", min_value=EARLIEST.year, max_value=LATEST.year)
    source = forms.CharField(
        label="通知标题和文号", max_length=120, required=False, help_text="不填的，取自下面粘贴的原文"
    )
    notice = forms.CharField(
        label="通知原文",
        max_length=20000,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text="整段粘贴即可；也可以每行一天，如“2027-02-08 休 春节”“2027-02-20 班 春节”",
    )
    complete = forms.BooleanField(
        label="这是全年安排：该年没有列出的日期一律按周一至周五上班，不再标为暂定",
        required=False,
        initial=True,
    )
    field_order = ["year", "source", "announced_on", "notice", "complete"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self._take_title(cleaned)
        self.unreadable: list[rules.LineError] = []
        if {"notice", "year", "source"} <= cleaned.keys():
            try:
                self._proposal, self.read = services.read_notice(
                    text=cleaned["notice"],
                    year=cleaned["year"],
                    source=cleaned["source"],
                    announced_on=cleaned.get("announced_on"),
                    complete=cleaned["complete"],
                )
            except services.NoticeUnreadable as error:
                self.unreadable = error.errors
                self.add_error(
                    "notice", f"有{len(error.errors)}行无法识别，见下表；改正后再预览，未保存任何内容"
                )
        return cleaned

    def _take_title(self, cleaned: dict[str, Any]) -> None:
        """The title that stands in the text, where none was typed."""
        if cleaned.get("source") != "" or "notice" not in cleaned:
            return
        title = rules.notice_title(cleaned["notice"])[: self.base_fields["source"].max_length]  # type: ignore[attr-defined]
        if title:
            cleaned["source"] = title
            _keep(self, source=title)
        else:
            self.add_error("source", "原文开头没有标题，请填写通知标题和文号")

    def proposal(self) -> Proposal:
        return self._proposal

    def text(self) -> str:
        return self.cleaned_data["notice"]


class RecomputeForm(CalendarForm):
    """No day changes: provisional time limits are computed anew (a newer library may know more)."""

    source = forms.CharField(label="说明", max_length=120, initial="按现行日历重算", widget=forms.HiddenInput)
    announced_on = None  # type: ignore[assignment]

    def proposal(self) -> Proposal:
        return Proposal([], self.cleaned_data["source"])
