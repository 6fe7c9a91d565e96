"""Forms that put an event or a land user right, and the merger of two land users."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.db.models import Model

from landbureau.documents.forms_draft import AmountField
from landbureau.web.forms import DeskForm, VersionedModelForm
from supervision.supply import identity
from supervision.supply.models import DeviationKind, Event, LandUser
from supervision.supply.models.events import MONEY_KINDS, CauseChoice, FindingChoice, TrackChoice
from supervision.supply.services.corrections import COLUMNS, COMMON, LONGEST_REMARK, NEEDED, tracks_of

# --- Events ------------------------------------------------------------------------------------------------


class EventForm(DeskForm):
    """The columns of an event that its kind has, filled with what was entered; and why it is put right."""

    on = forms.DateField(label="日期")
    track = forms.ChoiceField(label="环节", required=False)
    seq = forms.IntegerField(label="期次", min_value=1, max_value=99, required=False)
    amount = AmountField(label="金额", max_digits=16, decimal_places=2, min_value=0)
    new_due_on = forms.DateField(label="新约定日期", required=False)
    new_completion_on = forms.DateField(label="新约定竣工日期", required=False)
    cause = forms.ChoiceField(label="原因", required=False)
    finding = forms.ChoiceField(label="巡查结果", required=False)
    developed_area = AmountField(
        label="已开发面积", max_digits=14, decimal_places=2, min_value=0, required=False
    )
    invested = AmountField(label="已投资额", max_digits=16, decimal_places=2, min_value=0, required=False)
    deviation = forms.ChoiceField(label="问题类别", required=False)
    settles = forms.BooleanField(label="已处理完毕", required=False)
    partial = forms.BooleanField(label="部分转让", required=False)
    remark = forms.CharField(
        label="备注", max_length=LONGEST_REMARK, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    reason = forms.CharField(
        label="更正理由",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="原记录划去保留，理由写在它下面",
    )
    units: ClassVar[dict[str, str]] = {"amount": "元", "developed_area": "m²", "invested": "元", "seq": "期"}

    def __init__(self, *args: Any, event: Event, **kwargs: Any) -> None:
        names = {*COMMON, *COLUMNS.get(event.kind, ())}
        initial = {name: getattr(event, name) for name in names}
        super().__init__(*args, initial=initial, **kwargs)
        for name in [name for name in self.fields if name not in names | {"reason"}]:
            del self.fields[name]
        for name in NEEDED.get(event.kind, ()):
            if initial[name]:
                self.fields[name].required = True
        self.order_fields(["on", *COLUMNS.get(event.kind, ()), "remark", "reason"])
        tracks = tracks_of(event)
        self._choices("track", [choice for choice in TrackChoice.choices if choice[0] in tracks])
        self._choices("cause", CauseChoice.choices)
        self._choices("finding", FindingChoice.choices)
        if "deviation" in self.fields:
            self._choices("deviation", list(DeviationKind.objects.values_list("code", "title")))
        if "amount" in self.fields:
            self.fields["amount"].required = event.kind in MONEY_KINDS

    def _choices(self, name: str, choices: list[Any]) -> None:
        if name in self.fields:
            nothing = [] if self.fields[name].required else [("", "没有说明")]
            self.fields[name].choices = [*nothing, *choices]  # type: ignore[attr-defined]

    def changes(self) -> dict[str, Any]:
        """The columns as they should be."""
        return {name: value for name, value in self.cleaned_data.items() if name != "reason"}


class WithdrawForm(DeskForm):
    reason = forms.CharField(
        label="撤销理由",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="这件事没有发生过时才撤销；只是录错的，请更正",
    )


# --- Land users --------------------------------------------------------------------------------------------


class LandUserForm(VersionedModelForm):
    """A land user put right, with the reason."""

    reason = forms.CharField(label="更正理由", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))

    instance: LandUser

    class Meta:
        model = LandUser
        fields: ClassVar[list[str]] = ["name", "identity", "contact", "phone", "address"]

    def clean_identity(self) -> str:
        return identity.normalised(self.cleaned_data["identity"])

    def _get_validation_exclusions(self) -> set[str]:
        """Whose identity it is already is told by the service."""
        exclusions: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]  # not in the stubs
        return exclusions | {"identity"}

    def values(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in self._meta.fields or ()}


class MergeForm(DeskForm):
    """Which of the two stays."""

    keep = forms.ModelChoiceField(
        LandUser.objects.none(), label="保留", widget=forms.RadioSelect, empty_label=None
    )

    def __init__(self, *args: Any, pair: Sequence[Model], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["keep"]
        field.queryset = LandUser.objects.filter(pk__in=[one.pk for one in pair])
