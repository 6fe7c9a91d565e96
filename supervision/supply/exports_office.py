"""Exports of the office's lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from landbureau.web.exports import Column, DeskResource
from landbureau.web.spreadsheets import TEXT, ColumnOut, SheetOut
from supervision.supply.models import CheckListEntry, Notice
from supervision.supply.selectors import notices
from supervision.supply.selectors.arrears import Unpaid, total
from supervision.supply.selectors.overview import Overview
from supervision.supply.selectors.supervised import officers_of


class NoticeResource(DeskResource):
    kind = Column("种类", "kind__title")
    number = Column("编号", "supply__number", number_format=TEXT)
    land_user = Column("用地单位", "supply__land_user__name")
    township = Column("乡镇", "supply__parcel__township__name")
    officer = Column("监管人员")
    due_on = Column("约定日期", "due_on")
    times = Column("第几次")
    why = Column("事由", width=60)
    balance = Column("欠款（元）")
    days_late = Column("逾期天数")
    damages = Column("违约金（元）")
    found_on = Column("发现日期", "found_on")
    document = Column("文号", "document__number", number_format=TEXT)
    error = Column("拟稿未成的原因", "error")
    closed_on = Column("了结日期", "closed_on")
    closed_because = Column("了结原因", "closed_because")

    def prepare(self, rows: Sequence[Notice]) -> None:
        self.money, self.times_of = notices.money_of(rows, self.today), notices.times_of(rows)
        self.people = officers_of({row.supply_id for row in rows})

    def _money(self, row: Notice) -> Unpaid | None:
        return self.money.get(row.instalment_id or 0)

    def dehydrate_officer(self, row: Notice) -> str:
        return str(self.people.get(row.supply_id, ""))

    def dehydrate_times(self, row: Notice) -> int:
        return self.times_of.get(row.pk, 1)

    def dehydrate_why(self, row: Notice) -> str:
        return notices.why(row, self._money(row), self.today, self.times_of.get(row.pk, 1))

    def dehydrate_balance(self, row: Notice) -> Any:
        money = self._money(row)
        return money.balance if money else None

    def dehydrate_days_late(self, row: Notice) -> Any:
        money = self._money(row)
        return money.days_late if money else None

    def dehydrate_damages(self, row: Notice) -> Any:
        money = self._money(row)
        return money.damages if money else None


OVERVIEW_COLUMNS = (
    ColumnOut("指标", width=22),
    ColumnOut("数值", "#,##0.00"),
    ColumnOut("单位"),
    ColumnOut("分子", "#,##0.00"),
    ColumnOut("分母", "#,##0.00"),
    ColumnOut("要求（%）"),
    ColumnOut("是否达到"),
    ColumnOut("上年同期（%）", "0.00"),
    ColumnOut("计算方法", width=60),
    ColumnOut("依据", width=30),
    ColumnOut("截至"),
)


def overview_sheet(title: str, found: Overview, formulas: Mapping[str, str]) -> SheetOut:
    """The figures of the section head's page with their formulas. ``formulas``: of those that the regime's
    indicators do not explain."""
    balance, damages = total(found.late)
    overdue = formulas["overdue"]
    plain: list[tuple[str, Any, str, str]] = [
        ("在管供地", found.count, "宗", "已签订且未终止监管的供地"),
        ("已逾期", found.overdue_supplies, "宗", formulas["late"]),
        ("逾期未缴", balance, "元", overdue),
        ("逾期未缴的违约金", damages, "元", overdue),
        ("逾期未缴", len(found.debtors), "宗", overdue),
        ("30 天内到期", len(found.coming), "项", formulas["due"]),
        ("30 天内到期", found.coming_supplies, "宗", formulas["due"]),
    ]
    rows: list[list[Any]] = [
        [name, value, unit, None, None, None, "", None, formula, "", found.on]
        for name, value, unit, formula in plain
    ]
    for code, one in found.measures.items():
        before = found.before.get(code)
        met = {True: "达到", False: "未达到", None: ""}[one.met]
        rows.append(
            [
                one.indicator.title,
                one.value.percent,
                "%",
                one.value.done,
                one.value.all,
                one.indicator.required,
                met,
                before.percent if before else None,
                one.indicator.formula,
                one.indicator.source,
                found.on,
            ]
        )
    return SheetOut(title, OVERVIEW_COLUMNS, rows)


class CheckListResource(DeskResource):
    number = Column("编号", "supply__number", number_format=TEXT)
    land_user = Column("用地单位", "supply__land_user__name")
    location = Column("宗地坐落", "supply__parcel__location")
    township = Column("乡镇", "supply__parcel__township__name")
    village = Column("村居", "supply__parcel__village__name")
    contact = Column("联系人", "supply__land_user__contact")
    officer = Column("检查人", "officer__name")
    office = Column("检查人所在国土所", "officer__office__name")
    visited_on = Column("巡查日期", "visit__on")
    finding = Column("巡查结果")

    def dehydrate_finding(self, row: CheckListEntry) -> str:
        return str(row.visit.get_finding_display()) if row.visit else ""
