"""The tables of supplies and of land users."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, ClassVar

import django_tables2 as tables
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from landbureau.web.masking import mask_phone
from landbureau.web.tables import DateColumn, DeskTable, NumberColumn
from landbureau.web.templatetags.web import date_short, state
from supervision.supply import identity
from supervision.supply.models import LandSupply, LandUser
from supervision.supply.selectors.lists import Cell
from supervision.supply.words import WAN, hectares, place

NUMBER = re.compile(r"\d{10}[A-Z]\d{5}")
NAME = {"td": {"class": "lb-name sup-name"}}


def days_in_words(cell: Cell) -> tuple[str, str]:
    """``还有10天`` or ``逾期3天`` with the class of its colour; empty where no day is counted."""
    if cell.days is None:
        return "", ""
    if cell.days < 0:
        return f"逾期{-cell.days}天", "lb-late"
    return (f"还有{cell.days}天" if cell.days else "今天"), "lb-soon" if cell.days <= 7 else ""


def track(cell: Cell) -> SafeString:
    """State, below it the day and how far away it is."""
    days, colour = days_in_words(cell)
    today = timezone.localdate()
    return format_html(
        '<span>{}<small>{} <span class="{}">{}</span></small></span>',
        state(*cell.word),
        date_short(cell.on, today),
        colour,
        days,
    )


def short_number(number: str) -> str:
    """A supervision number without the county's six digits, which all have; others as they are."""
    return number[6:] if NUMBER.fullmatch(number) else number


class TrackColumn(tables.Column):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(empty_values=(), orderable=False, attrs={"td": {"class": "sup-track"}}, **kwargs)


class SupplyTable(DeskTable):
    """Rows carry ``line`` (``selectors.lists.Line``); the page sets it on those that it shows."""

    number = tables.Column(verbose_name="监管号、合同", attrs=NAME)
    land_user = tables.Column(verbose_name="用地单位、坐落", order_by=("land_user__name", "number"))
    area = NumberColumn(
        verbose_name="面积（公顷）", accessor="parcel__area", order_by=("parcel__area",), default="—"
    )
    price = NumberColumn(verbose_name="价款（万元）", default="—")
    payment = TrackColumn(verbose_name="缴款")
    handover = TrackColumn(verbose_name="交地与公示牌")
    start = TrackColumn(verbose_name="开工")
    completion = TrackColumn(verbose_name="竣工")
    officer = tables.Column(verbose_name="国土员", empty_values=(), orderable=False)
    method = tables.Column(verbose_name="供应方式")
    use = tables.Column(verbose_name="用途", accessor="parcel__use", default="—")
    signed_on = DateColumn(verbose_name="签订日期", default="—")
    section = tables.Column(verbose_name="科室", order_by=("section__order",))
    hidden_at_first: ClassVar[tuple[str, ...]] = ("method", "use", "signed_on", "section")
    fixed: ClassVar[tuple[str, ...]] = ("number", "land_user")

    class Meta(DeskTable.Meta):
        model = LandSupply
        attrs = {"class": "lb-table lb-table-stack sup-table"}
        fields = (
            "number",
            "land_user",
            "area",
            "price",
            "payment",
            "handover",
            "start",
            "completion",
            "officer",
            "method",
            "use",
            "signed_on",
            "section",
        )

    def render_number(self, record: Any) -> SafeString:
        contract = record.contract_number if record.contract_number != record.number else ""
        ended = format_html("<small>{} 终止监管</small>", record.closed_on) if record.closed_on else ""
        return format_html(
            '<span><a href="{}" title="{}">{}</a><small>{}</small>{}</span>',
            getattr(record, "address", record.get_absolute_url()),
            record.number,
            short_number(record.number),
            contract,
            ended,
        )

    def render_land_user(self, record: LandSupply) -> SafeString:
        where = place(record.parcel.township, record.parcel.location)
        return format_html("<span><b>{}</b><small>{}</small></span>", record.land_user, where)

    def render_area(self, value: Decimal) -> SafeString:
        return format_html('<span title="{} m²">{}</span>', f"{value:,.2f}", f"{hectares(value):,.4f}")

    def render_price(self, value: Decimal) -> SafeString:
        return format_html('<span title="{} 元">{}</span>', f"{value:,.2f}", f"{value / WAN:,.2f}")

    def render_payment(self, record: Any) -> SafeString:
        return track(record.line.payment)

    def render_handover(self, record: Any) -> SafeString:
        return track(record.line.handover)

    def render_start(self, record: Any) -> SafeString:
        return track(record.line.start)

    def render_completion(self, record: Any) -> SafeString:
        return track(record.line.completion)

    def render_officer(self, record: Any) -> SafeString | str:
        return record.line.officer or format_html('<span class="lb-muted">{}</span>', "未指派")


class LandUserTable(DeskTable):
    """Rows carry ``held`` (``selectors.land_users.Held``)."""

    name = tables.Column(verbose_name="用地单位", linkify=True, attrs={"td": {"class": "lb-name"}})
    identity = tables.Column(verbose_name="统一社会信用代码/身份证号", default="—")
    contact = tables.Column(verbose_name="联系人", default="—")
    phone = tables.Column(verbose_name="联系电话", orderable=False, default="—")
    supply_count = NumberColumn(verbose_name="供地（宗）", accessor="held__count", orderable=False)
    price_total = NumberColumn(
        verbose_name="价款（万元）", accessor="held__price", orderable=False, default="—"
    )
    address = tables.Column(verbose_name="送达地址", orderable=False, default="—")
    hidden_at_first: ClassVar[tuple[str, ...]] = ("address",)
    fixed: ClassVar[tuple[str, ...]] = ("name",)

    class Meta(DeskTable.Meta):
        model = LandUser
        fields = ("name", "identity", "contact", "phone", "supply_count", "price_total", "address")

    def render_identity(self, value: str) -> str:
        return identity.shown(value)

    def render_phone(self, value: str) -> str:
        return mask_phone(value)

    def render_price_total(self, value: Decimal) -> SafeString:
        return format_html('<span title="{} 元">{}</span>', f"{value:,.2f}", f"{value / WAN:,.2f}")
