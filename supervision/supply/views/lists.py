"""The list of supplies, and the acts on many of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from landbureau.accounts.forms_people import PersonChoice
from landbureau.accounts.models import User
from landbureau.accounts.services import SUPERVISION, able_to_take
from landbureau.accounts.views.common import viewer
from landbureau.audit.models import Entry
from landbureau.audit.services import record
from landbureau.documents.errors import DocumentError
from landbureau.documents.forms_printing import BatchForm
from landbureau.documents.models import Document
from landbureau.documents.services import printing
from landbureau.imports.services import may_import
from landbureau.web.forms import DeskForm
from landbureau.web.lists import BulkAct, ListPage, Preset
from supervision.supply.exports import SupplyResource
from supervision.supply.filters import SupplyFilter
from supervision.supply.models import LandSupply, Notice
from supervision.supply.selectors import terms
from supervision.supply.selectors.lists import lines_of, supplies_for, totals
from supervision.supply.services import assign_officers
from supervision.supply.tables import SupplyTable


class OfficerForm(DeskForm):
    """Who answers for the chosen supplies from now on."""

    officer = PersonChoice(
        User.objects.none(),
        label="监管国土员",
        required=False,
        help_text="从今天起负责",
    )
    nobody = forms.BooleanField(label="取消指派：不再由国土员负责，工作归科室", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["officer"]
        field.queryset = able_officers()
        field.empty_label = "请选择"

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if bool(cleaned.get("officer")) == bool(cleaned.get("nobody")):
            self.add_error("officer", "请选择国土员，或者勾选“取消指派”，二者选一。")
        return cleaned


def able_officers() -> QuerySet[User]:
    """People who may be made to answer for a supply."""
    people = User.objects.filter(able_to_take(SUPERVISION)).select_related("section", "office")
    return people.order_by("office__order", "section__order", "name")


def _assign(
    request: HttpRequest, rows: QuerySet[LandSupply], data: dict[str, Any], seen: Mapping[int, int]
) -> str:
    """Only where the actor may change the supply; the others are told of."""
    actor, today, officer = viewer(request), timezone.localdate(), data["officer"]
    mine = LandSupply.objects.visible_to(actor, "update_supply").order_by()
    keys = list(mine.filter(pk__in=rows.order_by().values("pk")).values_list("pk", flat=True))
    with transaction.atomic():
        changed = assign_officers(officers=dict.fromkeys(keys, officer), on=today)
        if changed:
            word = f"交{officer}监管" if officer else "改为未指派国土员"
            record(
                Entry.Action.BULK,
                actor=actor,
                subject=officer,
                text=f"指派国土员：{len(keys)} 宗供地{word}",
                data={"count": len(keys)},
            )
    left = len(seen) - len(keys)
    told = f"{len(keys)} 宗供地{'由 ' + str(officer) + ' 监管' if officer else '改为未指派'}。"
    return told + (f"另有 {left} 宗不在您的办理范围，没有改动。" if left else "")


def _print(
    request: HttpRequest, rows: QuerySet[LandSupply], data: dict[str, Any], seen: Mapping[int, int]
) -> HttpResponse:
    """The issued papers of the open notices of these supplies, as one batch for the printer."""
    actor = viewer(request)
    asked = Notice.objects.open().filter(supply__in=rows.order_by().values("pk"), document__isnull=False)
    papers = Document.objects.visible_to(actor).filter(
        pk__in=asked.order_by().values("document"), issued_on__isnull=False, served_on=None, voided_on=None
    )
    fit, unfit = printing.printable(actor=actor, documents=papers)
    if not fit:
        why = f"：{printing.named(unfit)}" if unfit else "，通知书批准、印发后才能打印"
        raise ValidationError(f"所选供地没有可以打印的通知书{why}。")
    try:
        return redirect(printing.create_batch(actor=actor, documents=fit, **data))
    except DocumentError as error:
        raise ValidationError(error.message) from error


class SupplyList(ListPage):
    """供地列表: every supply that the reader sees, the most urgent first."""

    permission = "view_supply"
    table_class = SupplyTable
    filterset_class = SupplyFilter
    resource_class = SupplyResource
    template_name = "supply/list.html"
    title = "供地列表"
    unit = "宗"
    default_order = "最紧迫的在前"
    presets = (
        Preset("我的", {"mine": "true"}),
        Preset("本周到期", {"due": "week"}),
        Preset("30 天内到期", {"due": "soon"}),
        Preset("已逾期", {"due": "overdue"}),
        Preset("逾期未缴", {"due": "unpaid"}),
        Preset("已终止", {"ended": "true"}, counted=False),
    )
    bulk_acts = (
        BulkAct(
            "assign",
            "指派国土员",
            "为所选的 {count} 宗供地指派国土员？",
            _assign,
            form=OfficerForm,
            permission="update_supply",
            icon="user-share",
        ),
        BulkAct(
            "print",
            "打印今日通知",
            "把所选 {count} 宗供地已印发、待送达的通知书合并打印？",
            _print,
            form=BatchForm,
            icon="printer",
        ),
    )
    empty_title = "还没有供地"
    empty_text = "登记或者导入供地台账后，在这里按缴款、交地、开工、竣工四条线跟踪。"

    def get_queryset(self) -> QuerySet[LandSupply]:
        return supplies_for(viewer(self.request)).select_related(
            "land_user", "parcel__township", "parcel__village", "section"
        )

    def get_presets(self) -> Sequence[Preset]:
        """Who answers for nothing has no use for 我的."""
        officer = viewer(self.request).has_perm("accounts.create_visit")
        return [preset for preset in self.presets if officer or preset.title != "我的"]

    def describe(self, row: LandSupply) -> str:
        return "　".join(filter(None, [row.number, str(row.land_user), row.parcel.location]))

    def _table(self, rows: QuerySet[LandSupply]) -> Any:
        """With the states of the page's rows, and the way back into this list from each."""
        table = super()._table(rows)
        shown = [row.record for row in table.page.object_list]
        lines = lines_of(shown, timezone.localdate(), terms())
        kept = [(name, value) for name, value in self._kept() if name not in ("page", "size", "col")]
        for place, supply in enumerate(shown, start=table.page.start_index()):
            supply.line = lines[supply.pk]
            query = urlencode({"list": urlencode(kept), "at": place})
            supply.address = f"{supply.get_absolute_url()}?{query}"
        return table

    def _kept(self) -> list[tuple[str, str]]:
        return [
            (name, value) for name, values in sorted(self.request.GET.lists()) for value in values if value
        ]

    def get_context(self, rows: QuerySet[LandSupply]) -> dict[str, Any]:
        user = viewer(self.request)
        return {
            "totals": totals(rows),
            "may_create": user.has_perm("accounts.create_supply"),
            "may_import": may_import(user),
        }
