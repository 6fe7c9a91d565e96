"""Which supply a row of the ledger means: by its numbers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from landbureau.imports.targets import Row
from supervision.supply.imports.kinds import plain_key
from supervision.supply.models import LandSupply

NUMBERS = ("supervision_number", "contract_number")
OTHER = "另一宗供地"


class Index:
    """The numbers of all supplies, in one query, as they are compared.

    ``by_number`` also has those that a sheet gives to known supplies. ``called``: each supply's number.
    """

    def __init__(self) -> None:
        rows = LandSupply.objects.order_by("pk")
        index = list(rows.values_list("pk", "number", "supervision_number", "contract_number"))
        self.by_number = {plain_key(number): pk for pk, number, _, _ in index}
        self.by_contract: defaultdict[str, list[int]] = defaultdict(list)
        for pk, _, _, contract in index:
            if contract:
                self.by_contract[plain_key(contract)].append(pk)
        self.supervised = {pk: number for pk, _, number, _ in index}
        self.called = {pk: number for pk, number, _, _ in index}

    def numbers_of(self, rows: Sequence[Row]) -> dict[int, str]:
        """For each row (by identity) the number of its supply, as it is compared; without one it fails."""
        supervision_of: defaultdict[str, set[str]] = defaultdict(set)
        for row in rows:
            supervision, contract = (row.values.get(name) for name in NUMBERS)
            if supervision and contract:
                supervision_of[plain_key(contract)].add(plain_key(supervision))
        found: dict[int, str] = {}
        above: Row | None = None
        for row in rows:
            number = self._number(row, supervision_of, above, found)
            if number is not None:
                found[id(row)] = number
                above = row
        return found

    def _number(
        self,
        row: Row,
        supervision_of: Mapping[str, set[str]],
        above: Row | None,
        found: Mapping[int, str],
    ) -> str | None:
        supervision, contract = (row.values.get(name) for name in NUMBERS)
        if not supervision and not contract:
            return self._ask_if_further(row, above, found)
        contract_key = plain_key(contract) if contract else ""
        by_contract = self.by_contract.get(contract_key, [])
        if supervision:
            number = plain_key(supervision)
            if number in self.by_number or not by_contract:
                return number
            return self._of_contract(row, number, by_contract)
        within = supervision_of.get(contract_key, set())
        if len(within) == 1:
            return next(iter(within))
        if len(by_contract) > 1 or len(within) > 1:
            row.error(
                "contract_number", "several_supplies", f"有几宗供地的编号是“{contract}”，请填写电子监管号。"
            )
            return None
        return plain_key(self.called[by_contract[0]]) if by_contract else contract_key

    def _of_contract(self, row: Row, number: str, by_contract: list[int]) -> str | None:
        """A new supervision number, but a contract that the system has."""
        unnumbered = [pk for pk in by_contract if not self.supervised[pk]]
        if len(unnumbered) == 1:
            self.by_number[number] = unnumbered[0]
            return number
        held = self.called[by_contract[0]]
        answer = row.ask(
            "supervision_number",
            "same_contract",
            f"合同编号“{row.values['contract_number']}”已登记为“{held}”，电子监管号不同，是否另一宗供地？",
            OTHER,
            ((OTHER, "是，另一宗供地"), (held, f"不是，就是“{held}”，更正它的电子监管号")),
        )
        if answer == held:
            self.by_number[number] = by_contract[0]
        elif answer not in (None, OTHER):
            row.error("supervision_number", "same_contract", f"答复应为“{OTHER}”或“{held}”。")
            return None
        return None if answer is None else number

    def _ask_if_further(self, row: Row, above: Row | None, found: Mapping[int, str]) -> str | None:
        column = next((name for name in NUMBERS if name in row.values), NUMBERS[0])
        if above is None or not has_instalment(row):
            row.error(column, "required", "电子监管号和合同编号至少填一个。")
            return None
        number = as_typed(above)
        answer = row.ask(
            column, "no_number", f"没有编号，是否为第 {above.number} 行“{number}”的另一期缴款？", number
        )
        if answer not in (None, number):
            row.error(column, "no_number", f"答复应为“{number}”；是另一宗供地的，请填写编号。")
        return found[id(above)] if answer == number else None


def as_typed(row: Row) -> str:
    """The number of a row that has one."""
    return next(str(row.values[name]) for name in NUMBERS if row.values.get(name))


def has_instalment(row: Row) -> bool:
    return row.values.get("due_on") is not None or row.values.get("amount") is not None
