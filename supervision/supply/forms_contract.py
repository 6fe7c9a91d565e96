"""The form of a contract and its parcel: what entry and correction have in common."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import QueryDict

from landbureau.accounts.models import Section, Township, Village
from landbureau.accounts.selectors import Scopes
from landbureau.documents.forms_draft import AmountField, VillageChoice
from landbureau.web.forms import VersionedModelForm
from landbureau.web.models import Versioned
from landbureau.web.versions import display_value
from supervision.supply.models import LandSupply
from supervision.supply.rules.boundaries import EXAMPLE, MOST_BYTES, BoundaryError, parse_boundary
from supervision.supply.rules.entry import Entered

CONTRACT = (
    "supervision_number",
    "contract_number",
    "method",
    "section",
    "price",
    "deposit",
    "signed_on",
    "agreed_handover_on",
    "agreed_start_on",
    "agreed_completion_on",
    "payment_rate",
    "start_rate",
    "completion_rate",
    "damages_cap",
    "interest_rate",
    "investment",
    "required_area",
    "remark",
)
PARCEL = ("township", "village", "location", "area", "use", "plot_ratio", "longitude", "latitude", "boundary")
MONEY = ("price", "deposit", "damages_cap", "investment")
AREAS = ("area", "required_area")
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "用地单位",
        ("land_user_name", "land_user", "identity", "contact", "phone", "address"),
    ),
    (
        "合同",
        (
            "method",
            "signed_on",
            "supervision_number",
            "contract_number",
            "price",
            "deposit",
            "section",
            "officer",
        ),
    ),
    (
        "宗地",
        (
            "township",
            "village",
            "location",
            "area",
            "use",
            "required_area",
            "plot_ratio",
            "longitude",
            "latitude",
            "boundary_text",
            "boundary_file",
        ),
    ),
    ("约定的日期和投资", ("agreed_handover_on", "agreed_start_on", "agreed_completion_on", "investment")),
    (
        "违约责任",
        (
            "payment_rate",
            "start_rate",
            "completion_rate",
            "interest_rate",
            "damages_cap",
        ),
    ),
    ("其他", ("remark",)),
)
HALVES = {
    "supervision_number",
    "contract_number",
    "price",
    "deposit",
    "township",
    "village",
    "area",
    "plot_ratio",
    "longitude",
    "latitude",
    "payment_rate",
    "start_rate",
    "completion_rate",
    "damages_cap",
    "interest_rate",
    "investment",
    "contact",
    "phone",
    "section",
    "officer",
    "agreed_handover_on",
    "agreed_start_on",
    "agreed_completion_on",
    "method",
    "signed_on",
    "use",
    "required_area",
}
"""Fields of which two stand side by side on a wide screen."""


def boundary_text(boundary: Any) -> str:
    """GeoJSON as it is shown and compared."""
    return json.dumps(boundary, ensure_ascii=False) if boundary else ""


class ContractForm(VersionedModelForm):
    """What was agreed, and the parcel. ``scopes``: where the person may enter or change supplies."""

    township = forms.ModelChoiceField(
        Township.objects.all(), label="乡镇", required=False, empty_label="未定"
    )
    village = VillageChoice(
        queryset=Village.objects.select_related("township").order_by("township__order", "order", "name"),
        label="村居",
        required=False,
        empty_label="未定",
    )
    location = forms.CharField(label="宗地坐落", max_length=160, required=False)
    area = AmountField(label="面积", max_digits=14, decimal_places=2, min_value=0, required=False)
    use = forms.CharField(label="用途", max_length=60, required=False)
    plot_ratio = forms.CharField(label="容积率", max_length=40, required=False)
    longitude = forms.DecimalField(
        label="经度",
        max_digits=10,
        decimal_places=6,
        min_value=73,
        max_value=136,
        required=False,
        help_text="CGCS2000，度，如 115.243120",
    )
    latitude = forms.DecimalField(
        label="纬度", max_digits=9, decimal_places=6, min_value=3, max_value=54, required=False
    )
    boundary_text = forms.CharField(
        label="界址（GeoJSON）",
        required=False,
        max_length=MOST_BYTES,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=f"CGCS2000 经纬度的面，可粘贴或上传文件。例：{EXAMPLE}",
    )
    boundary_file = forms.FileField(
        label="界址文件",
        required=False,
        help_text=f"GeoJSON 文件，不超过 {MOST_BYTES // 1000} KB；上传后代替上面的内容",
        widget=forms.FileInput(attrs={"accept": ".json,.geojson,application/geo+json"}),
    )
    units: ClassVar[dict[str, str]] = {
        **dict.fromkeys(MONEY, "元"),
        **dict.fromkeys(AREAS, "m²"),
        "payment_rate": "‰/日",
        "start_rate": "‰/日",
        "completion_rate": "‰/日",
        "interest_rate": "%/年",
        "longitude": "°",
        "latitude": "°",
    }

    confirmed = forms.CharField(widget=forms.HiddenInput, required=False)

    instance: LandSupply
    boundary_area: Decimal | None = None

    class Meta:
        model = LandSupply
        fields: ClassVar[list[str]] = list(CONTRACT)
        field_classes: ClassVar[dict[str, Any]] = dict.fromkeys((*MONEY, "required_area"), AmountField)

    def __init__(self, *args: Any, scopes: Scopes, **kwargs: Any) -> None:
        self.scopes = scopes
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        sections = Section.objects.filter(is_active=True)
        if not (scopes.everywhere or scopes.offices):
            sections = sections.filter(pk__in=scopes.sections)
        fields["section"].queryset = sections
        fields["section"].empty_label = "请选择"
        fields["payment_rate"].label = "缴款违约金"
        fields["start_rate"].label, fields["completion_rate"].label = "开工违约金", "竣工违约金"
        for name in ("payment_rate", "start_rate", "completion_rate"):
            fields[name].help_text = "没有约定的不填；填 0 是约定为零"
        for name in ("payment_rate", "start_rate", "completion_rate", "interest_rate"):
            fields[name].validators += [MinValueValidator(0), MaxValueValidator(100)]
        fields["township"].widget.attrs["data-narrows"] = "id_village"
        fields["remark"].widget = forms.Textarea(attrs={"rows": 2})
        if self.instance.pk:
            self._fill()

    def _fill(self) -> None:
        parcel = self.instance.parcel
        for name in PARCEL:
            self.initial.setdefault(name, getattr(parcel, name))
        self.initial["boundary_text"] = boundary_text(parcel.boundary)

    # --- Groups for the page --------------------------------------------------------------------------

    def groups(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        """Title and fields of each part of the page."""
        for title, names in GROUPS:
            found = [self[name] for name in names if name in self.fields]
            for field in found:
                field.half = field.name in HALVES  # type: ignore[attr-defined]
            if found:
                yield title, found

    # --- Versions -------------------------------------------------------------------------------------

    def shown_values(self, row: Versioned) -> dict[str, str]:
        """The parcel's values belong to it: a conflict there is told as well."""
        shown = super().shown_values(row)
        if isinstance(row, LandSupply) and row.pk:
            parcel = row.parcel
            shown |= {name: display_value(parcel, name) for name in PARCEL if name in self.fields}
            shown["boundary_text"] = boundary_text(parcel.boundary)
        return shown

    # --- Checks ---------------------------------------------------------------------------------------

    def clean_boundary_file(self) -> str:
        file = self.cleaned_data.get("boundary_file")
        if not file:
            return ""
        if file.size > MOST_BYTES:
            raise ValidationError(f"界址文件太大，最多 {MOST_BYTES // 1000} KB。")
        try:
            return str(file.read().decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise ValidationError("界址文件须为 UTF-8 编码的 GeoJSON。") from error

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        self._check_boundary(cleaned)
        if (cleaned.get("longitude") is None) != (cleaned.get("latitude") is None):
            self.add_error("latitude", "经度和纬度要么都填，要么都不填。")
        village, township = cleaned.get("village"), cleaned.get("township")
        if village and township and village.township_id != township.pk:
            self.add_error("village", f"{village.name}不在{township}。")
        elif village and not township:
            cleaned["township"] = village.township
        if not cleaned.get("supervision_number") and not cleaned.get("contract_number"):
            self.add_error("supervision_number", "电子监管号和合同编号至少填一个。")
        self._check_scope(cleaned)
        return cleaned

    def _check_boundary(self, cleaned: dict[str, Any]) -> None:
        from_file = cleaned.get("boundary_file")
        text = from_file or cleaned.get("boundary_text") or ""
        cleaned["boundary"] = None
        if not text.strip():
            return
        try:
            found = parse_boundary(text)
        except BoundaryError as error:
            self.add_error("boundary_file" if from_file else "boundary_text", str(error))
            return
        cleaned["boundary"], self.boundary_area = found.geometry, found.area
        self._show_boundary(cleaned)
        if cleaned.get("longitude") is None and cleaned.get("latitude") is None:
            cleaned["longitude"], cleaned["latitude"] = (Decimal(str(degrees)) for degrees in found.centre)

    def _show_boundary(self, cleaned: dict[str, Any]) -> None:
        """What a file held stands in the field from now on: a page that comes back cannot hold the file."""
        cleaned["boundary_text"], cleaned["boundary_file"] = boundary_text(cleaned["boundary"]), ""
        shown = QueryDict(mutable=True)
        shown.update(self.data)
        shown[self.add_prefix("boundary_text")] = cleaned["boundary_text"]
        self.data = shown

    def _check_scope(self, cleaned: dict[str, Any]) -> None:
        """Whoever may enter for a section only, or for an office's townships only, stays within them."""
        section, township = cleaned.get("section"), cleaned.get("township")
        if self.scopes.everywhere or section is None or section.pk in self.scopes.sections:
            return
        if township is None or township.office_id not in self.scopes.offices:
            self.add_error("township", "您只能办理本所乡镇的供地，请选择本所的乡镇。")

    # --- What services take ---------------------------------------------------------------------------

    def contract(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in CONTRACT if name in self.fields}

    def parcel(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in PARCEL}

    def entered(self, instalments: Sequence[tuple[int, date | None, Decimal]]) -> Entered:
        """For the warnings of ``rules.entry``."""
        cleaned = self.cleaned_data
        return Entered(
            is_grant=cleaned["method"] != LandSupply.Method.ALLOCATION,
            price=cleaned["price"],
            deposit=cleaned["deposit"],
            signed_on=cleaned["signed_on"],
            handover_on=cleaned["agreed_handover_on"],
            start_on=cleaned["agreed_start_on"],
            completion_on=cleaned["agreed_completion_on"],
            rates=tuple(cleaned[name] for name in ("payment_rate", "start_rate", "completion_rate")),
            area=cleaned["area"],
            boundary_area=self.boundary_area,
            instalments=instalments,
            required_area=cleaned["required_area"],
        )

    def fingerprint(self, lines: Sequence[tuple[int, date | None, Decimal]]) -> str:
        """Of what was looked at: if something was changed since, it is shown again before it is saved."""
        kept = {name: str(value) for name, value in self.cleaned_data.items() if name != "confirmed"}
        text = json.dumps([kept, [str(line) for line in lines]], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def entered_before(supply: LandSupply, instalments: Sequence[tuple[int, date | None, Decimal]]) -> Entered:
    """A supply as it stands, to compare a correction with."""
    parcel = supply.parcel
    boundary = parse_boundary(json.dumps(parcel.boundary)) if parcel.boundary else None
    return Entered(
        is_grant=supply.is_grant,
        price=supply.price,
        deposit=supply.deposit,
        signed_on=supply.signed_on,
        handover_on=supply.agreed_handover_on,
        start_on=supply.agreed_start_on,
        completion_on=supply.agreed_completion_on,
        rates=(supply.payment_rate, supply.start_rate, supply.completion_rate),
        area=parcel.area,
        boundary_area=boundary.area if boundary else None,
        instalments=instalments,
        required_area=supply.required_area,
    )
