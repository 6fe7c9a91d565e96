"""Instalments as rows of a page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from landbureau.documents.forms_draft import AmountField
from landbureau.web.forms import DeskForm
from supervision.supply.models import Instalment

FIRST_ROWS, MORE_ROWS, MOST_ROWS = 4, 4, 40


class InstalmentForm(DeskForm):
    """A row: both day and amount empty means there is none."""

    seq = forms.IntegerField(label="期次", min_value=1, max_value=99, required=False)
    due_on = forms.DateField(label="应缴日期", required=False)
    amount = AmountField(label="应缴金额", max_digits=16, decimal_places=2, min_value=0, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-control"

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("due_on") and cleaned.get("amount") is None and "amount" not in self.errors:
            self.add_error("amount", "请填写这一期的金额。")
        return cleaned


class BaseInstalments(forms.BaseFormSet):
    """Rows of instalments; one without a number gets its place."""

    def clean(self) -> None:
        if any(self.errors):
            return
        seqs = [seq for seq, _, _ in self.lines()]
        if len(set(seqs)) != len(seqs):
            raise ValidationError("期次不能重复。")

    def lines(self) -> list[tuple[int, date | None, Decimal]]:
        """(seq, due_on, amount) of the rows that are filled in."""
        found = []
        for place, form in enumerate(self.forms, start=1):
            cleaned = getattr(form, "cleaned_data", {})
            if cleaned.get("amount") is not None:
                found.append((cleaned.get("seq") or place, cleaned.get("due_on"), cleaned["amount"]))
        return found


InstalmentRows = forms.formset_factory(
    InstalmentForm,
    formset=BaseInstalments,
    extra=0,
    max_num=MOST_ROWS,
    absolute_max=MOST_ROWS,
    validate_max=True,
)


def instalment_rows(data: Any, instalments: Sequence[Instalment] = ()) -> BaseInstalments:
    """The rows of a page; ``more`` in ``data`` adds some."""
    if data is None:
        initial: list[dict[str, Any]] = [
            {"seq": one.seq, "due_on": one.due_on, "amount": one.amount} for one in instalments
        ]
        spare = max(FIRST_ROWS - len(initial), 1 if initial else 0)
        taken = max((one.seq for one in instalments), default=0)
        initial += [{"seq": taken + place} for place in range(1, spare + 1)]
        return InstalmentRows(initial=initial, prefix="rows")  # type: ignore[return-value]  # of the formset
    if "more" in data:
        data = data.copy()
        total = _count(data.get("rows-TOTAL_FORMS"))
        data["rows-TOTAL_FORMS"] = str(min(total + MORE_ROWS, MOST_ROWS))
    return InstalmentRows(data, prefix="rows")  # type: ignore[return-value]


def _count(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 4 else FIRST_ROWS


class ReasonForm(DeskForm):
    """Why something is put right."""

    reason = forms.CharField(label="更正理由", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))
    opened = forms.CharField(widget=forms.HiddenInput, required=False)
    confirmed = forms.CharField(widget=forms.HiddenInput, required=False)

    def show_opened(self, mark: str) -> None:
        """The page comes back with how things stand now: sent again, it is a decision."""
        shown = QueryDict(mutable=True)
        shown.update(self.data)
        shown["opened"] = mark
        self.data = shown
