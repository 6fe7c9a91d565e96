"""Exports of the office's lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from landbureau.web.exports import Column, DeskResource
from landbureau.web.spreadsheets import TEXT
from supervision.supply.models import CheckListEntry, Notice
from supervision.supply.selectors import notices
from supervision.supply.selectors.arrears import Unpaid
from supervision.supply.selectors.supervised import officers_of


class NoticeResource(DeskResource):
    kind = Column("种类", "kind__title")
    number = Column("编号", "supply__number", number_format=TEXT)
    land_user = Column("用地单位", "supply__land_user__name")
    township = Column("乡镇", "supply__parcel__township__name")
    officer = Column("监管人员")
    due_on = Column("约定日期", "due_on")
    round = Column("第几次", "round")
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
        self.money = notices.money_of(rows, self.today)
        self.people = officers_of({row.supply_id for row in rows})

    def _money(self, row: Notice) -> Unpaid | None:
        return self.money.get(row.instalment_id or 0)

    def dehydrate_officer(self, row: Notice) -> str:
        return str(self.people.get(row.supply_id, ""))

    def dehydrate_why(self, row: Notice) -> str:
        return notices.why(row, self._money(row), self.today)

    def dehydrate_balance(self, row: Notice) -> Any:
        money = self._money(row)
        return money.balance if money else None

    def dehydrate_days_late(self, row: Notice) -> Any:
        money = self._money(row)
        return money.days_late if money else None

    def dehydrate_damages(self, row: Notice) -> Any:
        money = self._money(row)
        return money.damages if money else None


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
