"""Forms of the office's pages."""

from __future__ import annotations

import secrets
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
    title = forms.CharField(label="名称", max_length=60)
    townships = forms.ModelMultipleChoiceField(
        Township.objects.order_by("order", "name"),
        label="乡镇",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="不选即从全部在管供地中抽取",
    )
    count = forms.IntegerField(label="抽取宗数", min_value=1, max_value=500)
    due_on = forms.DateField(label="完成期限")
    seed = forms.CharField(
        label="随机种子",
        max_length=32,
        help_text="已随机生成，也可以填写公开产生的数字（如当天的开奖号码）。用同一种子可以重做抽取，核对结果。",
    )
    units = {"count": "宗"}

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "kind": CheckList.Kind.RANDOM,
            "title": f"{today.year}年{today.month}月随机抽查",
            "count": 10,
            "due_on": today + FOUR_WEEKS,
            "seed": secrets.token_hex(4),
        } | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
