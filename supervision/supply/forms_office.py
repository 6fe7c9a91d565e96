"""Forms of the office's pages."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms

from landbureau.accounts.models import Township
from landbureau.web.forms import DeskForm
from supervision.supply.models import CheckList

FOUR_WEEKS = timedelta(days=28)


class DrawForm(DeskForm):
    """What is drawn, from where, until when. ``today``: of the title and the time that is proposed."""

    kind = forms.ChoiceField(label="方式", choices=CheckList.Kind.choices, widget=forms.RadioSelect)
    title = forms.CharField(
        label="名称",
        max_length=60,
        required=False,
        help_text="不填的按月份和方式命名，如“2026年11月交叉巡查”",
    )
    townships = forms.ModelMultipleChoiceField(
        Township.objects.order_by("order", "name"),
        label="乡镇",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="不选即从全部在管供地中抽取",
    )
    count = forms.IntegerField(label="抽取宗数", min_value=1, max_value=500)
    due_on = forms.DateField(label="完成期限")
    units = {"count": "宗"}

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "kind": CheckList.Kind.RANDOM,
            "count": 10,
            "due_on": today + FOUR_WEEKS,
        } | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        self.today = today

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not cleaned.get("title") and cleaned.get("kind"):
            label = CheckList.Kind(cleaned["kind"]).label
            cleaned["title"] = f"{self.today.year}年{self.today.month}月{label}"
        return cleaned
