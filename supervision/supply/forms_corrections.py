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
from supervision.supply.models.events import (
    MONEY_KINDS,
    CauseChoice,
    FindingChoice,
    KindChoice,
    TrackChoice,
)

K = KindChoice

# --- Events ------------------------------------------------------------------------------------------------

COMMON = ("on", "remark")
FIELDS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys((K.PAYMENT, K.REFUND), ("amount", "seq")),
    K.DAMAGES: ("amount", "track", "seq"),
    K.DEMAND: ("seq",),
    K.VISIT: ("finding", "developed_area", "invested"),
    **dict.fromkeys((K.START, K.STOP, K.RESUME, K.COMPLETION), ("developed_area", "invested")),
    **dict.fromkeys((K.DETERMINATION, K.DETERMINATION_PROPOSED), ("track", "cause")),
    **dict.fromkeys(
        (K.EXTENSION_APPLIED, K.EXTENSION_APPROVED), ("track", "new_due_on", "new_completion_on", "cause")
    ),
    K.EXTENSION_REJECTED: ("track",),
    K.TRANSFER: ("partial",),
    K.DEVIATION: ("deviation",),
    K.DEVIATION_FOLLOWED: ("settles",),
}
"""What can be wrong about each kind, besides its day and remark."""


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
    remark = forms.CharField(label="备注", max_length=150, required=False)
    reason = forms.CharField(
        label="更正理由",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="原记录划去保留，理由写在它下面",
    )
    units: ClassVar[dict[str, str]] = {"amount": "元", "developed_area": "m²", "invested": "元", "seq": "期"}

    def __init__(self, *args: Any, event: Event, **kwargs: Any) -> None:
        names = {*COMMON, *FIELDS.get(event.kind, ())}
        initial = {name: getattr(event, name) for name in names}
        super().__init__(*args, initial=initial, **kwargs)
        for name in [name for name in self.fields if name not in names | {"reason"}]:
            del self.fields[name]
        self._choices("track", [choice for choice in TrackChoice.choices if _fits(event, choice[0])])
        self._choices("cause", CauseChoice.choices)
        self._choices("finding", FindingChoice.choices)
        if "deviation" in self.fields:
            self._choices("deviation", list(DeviationKind.objects.values_list("code", "title")))
        if "amount" in self.fields:
            self.fields["amount"].required = event.kind in MONEY_KINDS

    def _choices(self, name: str, choices: list[Any]) -> None:
        if name in self.fields:
            self.fields[name].choices = [("", "没有说明"), *choices]  # type: ignore[attr-defined]

    def changes(self) -> dict[str, Any]:
        """The columns as they should be."""
        return {name: value for name, value in self.cleaned_data.items() if name != "reason"}


def _fits(event: Event, track: str) -> bool:
    """An extension or a determination is about start or completion; damages may be about any."""
    return event.kind in (K.DAMAGES, K.DETERMINATION) or track != TrackChoice.PAYMENT


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
