"""What looks odd about a contract as it is entered (domain.md C.4): warnings, never refusals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import pairwise

from landbureau.workdays.rules import add_months

ZERO = Decimal(0)
TOLERANCE = Decimal("0.05")  # of the area, between boundary and contract
SLIP = 5  # times: a price of an area that changes so much has probably another unit
USUAL_RATE = Decimal(3)  # ‰ a day: above it a percentage was probably meant


@dataclass(frozen=True, slots=True)
class Entered:
    """As typed. ``instalments``: (seq, due_on, amount); areas in m², money in yuan, rates in ‰ a day."""

    is_grant: bool
    price: Decimal | None
    deposit: Decimal | None
    signed_on: date | None
    handover_on: date | None
    start_on: date | None
    completion_on: date | None
    rates: tuple[Decimal | None, ...]
    area: Decimal | None
    boundary_area: Decimal | None
    instalments: Sequence[tuple[int, date | None, Decimal]] = field(default=())
    required_area: Decimal | None = None

    @property
    def total(self) -> Decimal:
        return sum((amount for _, _, amount in self.instalments), ZERO)

    @property
    def is_split_wrongly(self) -> bool:
        """Whether the instalments do not add up to the price."""
        return bool(self.instalments) and self.total != (self.price or ZERO)

    @property
    def per_area(self) -> Decimal | None:
        """Yuan for a m²."""
        return self.price / self.area if self.price and self.area else None


def doubts(entered: Entered, numbers: Mapping[str, Decimal], today: date) -> list[str]:
    """Sentences: what contradicts, then what is missing. ``numbers``: ``selectors.parameters``."""
    return [*_contradictions(entered, numbers, today), *_missing(entered, numbers)]


def _contradictions(entered: Entered, numbers: Mapping[str, Decimal], today: date) -> Iterator[str]:
    yield from _of_money(entered, numbers)
    yield from _of_dates(entered, today)
    yield from _of_land(entered)


def _missing(entered: Entered, numbers: Mapping[str, Decimal]) -> Iterator[str]:
    if entered.is_grant and not entered.price:
        yield "没有填成交价款，违约金无法计算。"
    if entered.price and not entered.instalments:
        yield "有价款而没有分期，缴款无法跟踪，会列为资料缺失。"
    if entered.signed_on is None:
        yield "没有填签订日期，首期和缴清期限无法核对。"
    if entered.start_on is None:
        years = f"{numbers['start_years_after_handover']:.0f}"
        yield f"没有填约定开工日期：交地后按交地之日起 {years} 年推算。"
    if entered.completion_on is None:
        yield "没有填约定竣工日期，会列为资料缺失。"
    if entered.area is None:
        yield "没有填面积。"


def new_doubts(before: Entered, after: Entered, numbers: Mapping[str, Decimal], today: date) -> list[str]:
    """What a correction would make contradict that did not: asked before it is saved."""
    known = set(_contradictions(before, numbers, today))
    told = [one for one in _contradictions(after, numbers, today) if one not in known]
    old, new = before.per_area, after.per_area
    if old and new and not 1 / SLIP < new / old < SLIP:
        told.append(
            f"单价由 {old:,.2f} 元/m² 变为 {new:,.2f} 元/m²，"
            "请核对价款和面积的单位（万元还是元，公顷、亩还是平方米）。"
        )
    return told


def _of_money(entered: Entered, numbers: Mapping[str, Decimal]) -> Iterator[str]:
    total, price = entered.total, entered.price or ZERO
    if entered.is_split_wrongly:
        more = "多" if total > price else "少"
        yield f"各期合计 {total:,.2f} 元，比成交价款 {price:,.2f} 元{more} {abs(total - price):,.2f} 元。"
    if entered.deposit and price and entered.deposit > price:
        yield "定金比成交价款还多。"
    if entered.is_grant:
        yield from _of_schedule(entered, numbers, total)
    for rate in entered.rates:
        if rate is not None and rate > USUAL_RATE:
            yield f"违约金每日 {rate.normalize():f}‰ 偏高，请核对是不是把百分比填成了千分比。"


def _of_schedule(entered: Entered, numbers: Mapping[str, Decimal], total: Decimal) -> Iterator[str]:
    """国土资发〔2010〕34号: half within a month of signing, all within a year."""
    signed_on, dated = entered.signed_on, [one for one in entered.instalments if one[1]]
    if signed_on is None or not dated or not total:
        return
    soon = add_months(signed_on, int(numbers["first_months"]))
    last = add_months(signed_on, int(numbers["last_months"]))
    first = sum((amount for _, due_on, amount in dated if due_on and due_on <= soon), ZERO)
    share = numbers["first_share"]
    if first * 100 < total * share:
        yield (
            f"签订后 {numbers['first_months']:.0f} 个月内（{soon} 前）应缴 {first * 100 / total:.0f}%，"
            f"不到 {share:.0f}%（国土资发〔2010〕34号）。"
        )
    late = [due_on for _, due_on, _ in dated if due_on and due_on > last]
    if late:
        months = f"{numbers['last_months']:.0f}"
        yield f"最后一期 {max(late)} 晚于签订后 {months} 个月（{last}）（国土资发〔2010〕34号）。"
    if any(due_on < signed_on for _, due_on, _ in dated if due_on):
        yield "有一期应缴日期早于合同签订日期。"


def _of_dates(entered: Entered, today: date) -> Iterator[str]:
    order = (
        ("签订日期", entered.signed_on),
        ("约定交地日期", entered.handover_on),
        ("约定开工日期", entered.start_on),
        ("约定竣工日期", entered.completion_on),
    )
    known = [(name, on) for name, on in order if on is not None]
    for (first_name, first), (name, on) in pairwise(known):
        if on < first:
            yield f"{name} {on} 早于{first_name} {first}。"
    if entered.signed_on is not None and entered.signed_on > today:
        yield f"签订日期 {entered.signed_on} 在今天之后，到那天才开始监管。"


def _of_land(entered: Entered) -> Iterator[str]:
    if entered.boundary_area is not None and entered.area:
        off = abs(entered.boundary_area - entered.area) / entered.area
        if off > TOLERANCE:
            yield (
                f"界址围成 {entered.boundary_area:,.2f} m²，"
                f"与填写的面积 {entered.area:,.2f} m² 相差 {off * 100:.0f}%。"
            )
    if entered.required_area and entered.area and entered.required_area > entered.area:
        yield f"应动工开发面积 {entered.required_area:,.2f} m² 比宗地面积 {entered.area:,.2f} m² 还大。"
