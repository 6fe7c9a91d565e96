"""A supply for each kind of document: with everything known, and with little."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from landbureau.accounts.models import Section, Township, TownshipOffice, Village
from landbureau.documents.models import Document
from supervision.supply import kinds
from supervision.supply.models import Event, Instalment, LandSupply, Visit
from supervision.supply.services.papers import draft_paper
from tests.factories import UserFactory
from tests.supply.factories import TODAY, happen, make_land_user, make_supply

DAY = timedelta(days=1)
LONG = "邢台冀南铸镕喆堃高端装备制造产业发展集团股份有限公司新河县第一分公司"
PLACE = "新河县经济开发区园区一号路与园区中央大道交叉口东南角、规划三路西侧（原槐树营村南）"
BY_EVENT = {
    kinds.START_NOTICE: "visit",
    kinds.START_PERFORMANCE: "determination",
    kinds.COMPLETION_PERFORMANCE: "determination",
    kinds.DEFAULT_DETERMINATION: "determination",
    kinds.BRIGADE_TRANSFER: "to_brigade",
    kinds.TERMINATION_NOTICE: "termination",
    kinds.CONTRACT_AMENDMENT: "extension_approved",
    kinds.HANDOVER_CONFIRMATION: "handover",
    kinds.BRIEFING: "briefing",
    kinds.TRACKING_CARD: "visit",
}


def _named(model: type[Any], name: str, **columns: Any) -> Any:
    """What it is called is as long as in a bureau: names of the factories grow with the run."""
    return model.objects.update_or_create(name=name, defaults=columns)[0]


def _township(office: TownshipOffice) -> Township:
    return _named(Township, "寻寨镇", office=office)


def _village(township: Township) -> Village:
    return Village.objects.get_or_create(name="双井村", township=township)[0]


def full_supply(**contract: Any) -> LandSupply:
    """A grant with everything agreed: start 60 days ago, completion 20 days ahead, an instalment late."""
    section = _named(Section, "地籍监管股", phone="0319-0000000")
    office = _named(TownshipOffice, "寻寨国土所", phone="0319-0000001")
    village = _village(_township(office))
    user = make_land_user(LONG, address="新河县寻寨镇振兴路8号办公楼三层", contact="喆镕堃")
    values: dict[str, Any] = {
        "supervision_number": "1305302025B00127",
        "contract_number": "新土让〔2025〕31号",
        "signed_on": date(2025, 3, 5),
        "price": Decimal("128665432.18"),
        "deposit": Decimal("25733086.44"),
        "agreed_handover_on": date(2025, 4, 5),
        "agreed_start_on": TODAY - 60 * DAY,
        "agreed_completion_on": TODAY + 20 * DAY,
        "payment_rate": Decimal(1),
        "start_rate": Decimal("0.5"),
        "completion_rate": Decimal("0.5"),
        "investment": Decimal(450_000_000),
    }
    values |= contract
    half = values["price"] / 2
    supply = make_supply(
        instalments=[(1, date(2025, 4, 5), half), (2, TODAY - 80 * DAY, half)],
        section=section,
        village=village,
        land_user=user,
        location=PLACE,
        officer=UserFactory(name="王镕堃", office=office),
        **values,
    )
    supply.parcel.plot_ratio = "不低于1.2且不高于2.0"
    supply.parcel.save()
    happen(supply, "payment", date(2025, 4, 2), amount=half)
    return supply


def usual_supply(**contract: Any) -> LandSupply:
    """As ``full_supply``, with names and amounts of the usual length."""
    supply = full_supply(**{"price": Decimal(5_136_000), "deposit": Decimal(1_000_000)} | contract)
    supply.land_user.name = "邢台桩工装备有限公司"
    supply.land_user.save()
    supply.parcel.location = "寻寨镇振兴路北侧、经二街东侧"
    supply.parcel.save()
    return supply


def bare_supply(**contract: Any) -> LandSupply:
    """An allocation without rates, number of supervision, signing date, use or telephone."""
    values: dict[str, Any] = {
        "method": LandSupply.Method.ALLOCATION,
        "supervision_number": "",
        "contract_number": "新土划〔2025〕7号",
        "price": Decimal(800_000),
        "payment_rate": None,
        "agreed_start_on": TODAY - 60 * DAY,
        "agreed_completion_on": TODAY + 20 * DAY,
    }
    supply = make_supply(
        instalments=[(1, TODAY - 80 * DAY, Decimal(800_000))],
        section=_named(Section, "监察股"),
        township=_township(_named(TownshipOffice, "寻寨国土所")),
        land_user=make_land_user("寻寨镇喆堃村村民委员会"),
        **values | contract,
    )
    supply.parcel.use = ""
    supply.parcel.save()
    return supply


def instalment(supply: LandSupply, seq: int | None = None) -> Instalment:
    rows = supply.instalments.order_by("seq")
    return rows.get(seq=seq) if seq else rows.last()  # type: ignore[return-value]


OVERDUE = {kinds.COMPLETION_PERFORMANCE: {"agreed_completion_on": TODAY - 20 * DAY}}
"""What else is agreed where a kind is for another stage."""


def cause_of(supply: LandSupply, kind: str) -> tuple[Instalment | None, Event | None]:
    """What the document of ``kind`` is about, with the facts that lead to it."""
    if kind in (kinds.PAYMENT_REMINDER, kinds.PAYMENT_DEMAND):
        return instalment(supply), None
    name = BY_EVENT.get(kind)
    if name is None:
        return None, None
    details: dict[str, Any] = {}
    if name in ("determination", "to_brigade"):
        happen(supply, "visit", TODAY - DAY)
        details = {"track": "start", "cause": "land_user", "remark": "现场未进场施工，自有资金未到位。"}
    if kind == kinds.COMPLETION_PERFORMANCE:
        happen(supply, "start", TODAY - 50 * DAY)
        details["track"] = "completion"
    if name == "to_brigade":
        details["answers"] = happen(supply, "determination", TODAY - DAY, **details)
    if name == "extension_approved":
        details = {
            "track": "start",
            "cause": "government",
            "new_due_on": TODAY + 120 * DAY,
            "new_completion_on": TODAY + 600 * DAY,
            "remark": "地块内10千伏杆线和排水渠迁移未完成，不具备施工条件。",
        }
    if name == "termination":
        happen(supply, "demand", TODAY - 40 * DAY, seq=instalment(supply).seq)
    event = happen(supply, name, TODAY, **details)
    if name == "visit":
        at = datetime(TODAY.year, TODAY.month, TODAY.day, 10, 40, tzinfo=timezone.get_current_timezone())
        Visit.objects.create(event=event, at=at, companions="宋示例", board_up=True)
    return None, event


def draft(supply: LandSupply, kind: str, **extra: Any) -> Document:
    about, event = cause_of(supply, kind)
    return draft_paper(
        kind=kind, supply=supply, actor=None, today=TODAY, instalment=about, event=event, extra=extra
    )
