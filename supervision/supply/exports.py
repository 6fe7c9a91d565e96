"""The list of supplies as a file, in the words of the page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from landbureau.web.exports import Column, DeskResource
from landbureau.web.masking import mask_phone
from landbureau.web.spreadsheets import TEXT
from supervision.supply import identity
from supervision.supply.models import LandSupply, LandUser
from supervision.supply.selectors import terms
from supervision.supply.selectors.land_users import Held, held_by
from supervision.supply.selectors.lists import Line, lines_of
from supervision.supply.words import WAN, hectares

MONEY = "#,##0.00"


class SupplyResource(DeskResource):
    """供地列表."""

    supervision_number = Column("电子监管号", "supervision_number", number_format=TEXT)
    contract_number = Column("合同编号/划拨决定书编号", "contract_number")
    method = Column("供应方式", "get_method_display")
    land_user = Column("用地单位", "land_user__name", width=28)
    township = Column("乡镇", "parcel__township__name")
    village = Column("村", "parcel__village__name")
    location = Column("宗地坐落", "parcel__location", width=24)
    use = Column("用途", "parcel__use")
    area = Column("面积（公顷）", number_format="#,##0.0000")
    price = Column("价款（万元）", number_format=MONEY)
    signed_on = Column("签订日期", "signed_on")
    payment = Column("缴款状态")
    payment_on = Column("应缴或缴清日期")
    payment_days = Column("缴款还有（负数为逾期）天数")
    balance = Column("欠缴（元）", number_format=MONEY)
    handover = Column("交地与公示牌")
    handover_on = Column("交地与公示牌日期")
    start = Column("开工状态")
    start_on = Column("约定或实际开工日期")
    start_days = Column("开工还有（负数为逾期）天数")
    completion = Column("竣工状态")
    completion_on = Column("约定或实际竣工日期")
    completion_days = Column("竣工还有（负数为逾期）天数")
    officer = Column("监管国土员")
    section = Column("科室", "section__name")
    closed_on = Column("监管终止日期", "closed_on")

    lines: dict[int, Line]

    def prepare(self, rows: Sequence[LandSupply]) -> None:
        self.lines = lines_of(rows, self.today, terms())

    def dehydrate_area(self, row: LandSupply) -> Any:
        return hectares(row.parcel.area)

    def dehydrate_price(self, row: LandSupply) -> Any:
        return None if row.price is None else row.price / WAN

    def dehydrate_balance(self, row: LandSupply) -> Any:
        return self.lines[row.pk].balance

    def dehydrate_officer(self, row: LandSupply) -> str:
        return self.lines[row.pk].officer

    def dehydrate_payment(self, row: LandSupply) -> str:
        return self.lines[row.pk].payment.word[1]

    def dehydrate_payment_on(self, row: LandSupply) -> date | None:
        return self.lines[row.pk].payment.on

    def dehydrate_payment_days(self, row: LandSupply) -> int | None:
        return self.lines[row.pk].payment.days

    def dehydrate_handover(self, row: LandSupply) -> str:
        return self.lines[row.pk].handover.word[1]

    def dehydrate_handover_on(self, row: LandSupply) -> date | None:
        return self.lines[row.pk].handover.on

    def dehydrate_start(self, row: LandSupply) -> str:
        return self.lines[row.pk].start.word[1]

    def dehydrate_start_on(self, row: LandSupply) -> date | None:
        return self.lines[row.pk].start.on

    def dehydrate_start_days(self, row: LandSupply) -> int | None:
        return self.lines[row.pk].start.days

    def dehydrate_completion(self, row: LandSupply) -> str:
        return self.lines[row.pk].completion.word[1]

    def dehydrate_completion_on(self, row: LandSupply) -> date | None:
        return self.lines[row.pk].completion.on

    def dehydrate_completion_days(self, row: LandSupply) -> int | None:
        return self.lines[row.pk].completion.days


class LandUserResource(DeskResource):
    """用地单位; masked as on the page."""

    name = Column("用地单位", "name", width=28)
    identity = Column("统一社会信用代码/身份证号", number_format=TEXT, width=22)
    contact = Column("联系人", "contact")
    phone = Column("联系电话", number_format=TEXT)
    address = Column("送达地址", "address", width=28)
    supply_count = Column("供地（宗）")
    price_total = Column("价款（万元）", number_format=MONEY)

    def dehydrate_identity(self, row: LandUser) -> str:
        return identity.shown(row.identity)

    def dehydrate_phone(self, row: LandUser) -> str:
        return mask_phone(row.phone)

    held: dict[int, Held]

    def prepare(self, rows: Sequence[LandUser]) -> None:
        self.held = held_by(self.viewer, rows)

    def dehydrate_supply_count(self, row: LandUser) -> int:
        return self.held.get(row.pk, Held()).count

    def dehydrate_price_total(self, row: LandUser) -> Any:
        price = self.held.get(row.pk, Held()).price
        return None if price is None else price / WAN
