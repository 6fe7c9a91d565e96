"""Forms of entry: a new supply, its contract put right."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse

from landbureau.accounts.forms_people import PersonChoice
from landbureau.accounts.models import User
from landbureau.accounts.services import SUPERVISION, able_to_take
from supervision.supply import identity
from supervision.supply.forms_contract import ContractForm
from supervision.supply.models import LandSupply, LandUser


class NewSupplyForm(ContractForm):
    """A supply to be registered. The land user is one of ``known`` (found by the page), or a new one."""

    land_user_name = forms.CharField(
        label="用地单位",
        max_length=100,
        help_text="已登记过的输入名称或代码后查找，从下面选择；没有的直接填写",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    land_user = forms.ModelChoiceField(
        LandUser.objects.none(),
        required=False,
        label="已登记的用地单位",
        widget=forms.RadioSelect,
        empty_label=None,
    )
    identity = forms.CharField(label="统一社会信用代码/身份证号", max_length=30, required=False)
    contact = forms.CharField(label="联系人", max_length=40, required=False)
    phone = forms.CharField(label="联系电话", max_length=60, required=False)
    address = forms.CharField(label="送达地址", max_length=160, required=False)
    officer = PersonChoice(User.objects.none(), label="监管国土员", required=False)

    def __init__(self, *args: Any, known: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["land_user"].queryset = known
        fields["land_user_name"].widget.attrs |= {
            "class": "form-control",
            "hx-get": reverse("supply:find_land_users"),
            "hx-trigger": "input changed delay:400ms",
            "hx-target": "#found",
        }
        people = User.objects.filter(able_to_take(SUPERVISION)).select_related("section", "office")
        fields["officer"].queryset = people.order_by("office__order", "section__order", "name")
        fields["officer"].empty_label = "未指派，工作归科室"

    def clean_identity(self) -> str:
        return identity.normalised(self.cleaned_data["identity"])

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        number = cleaned.get("supervision_number") or cleaned.get("contract_number")
        if number and LandSupply.objects.filter(number=number).exists():
            field = "supervision_number" if cleaned.get("supervision_number") else "contract_number"
            self.add_error(field, f"编号“{number}”已经登记过。")
        return cleaned

    def land_user_values(self) -> dict[str, str]:
        cleaned = self.cleaned_data
        return {
            "name": cleaned["land_user_name"],
            **{name: cleaned[name] for name in ("identity", "contact", "phone", "address")},
        }


class CorrectionForm(ContractForm):
    """The contract put right, with the reason."""

    reason = forms.CharField(
        label="更正理由",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="原值和理由都留在时间线上",
    )
