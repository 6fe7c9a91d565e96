"""The ledger of supplies as a table (contract.md): one row for a supply, more for its further instalments."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, cast

from landbureau.accounts.models import User
from landbureau.imports.errors import ImportRefused
from landbureau.imports.targets import Column, Current, Key, Row, Target, Update, Warn
from landbureau.imports.values import EMPTY_WORDS
from landbureau.web.masking import mask
from landbureau.workdays.services import lock_calendar
from supervision.supply.imports import access, groups, warnings
from supervision.supply.imports.columns import COLUMNS, MOST_WIDE, OF_LAND_USER, OF_SUPPLY
from supervision.supply.imports.groups import Group
from supervision.supply.imports.kinds import NONE_AGREED, Derived, plain_key
from supervision.supply.imports.numbers import NUMBERS, Index, as_typed, has_instalment
from supervision.supply.imports.parties import Parties
from supervision.supply.imports.places import Places
from supervision.supply.imports.rates import ask_if_fraction
from supervision.supply.imports.writing import write
from supervision.supply.models import LandSupply
from supervision.supply.selectors import parameters, regime

WORDS = ("contact", "address", "location", "township", "village", "use", "plot_ratio", "officer", "remark")
KEEP = "照原样"
KEY = Column("number", "编号", Derived())
LONGEST_REMARK = 400
RATES = ("payment_rate", "start_rate", "completion_rate")
OF_INSTALMENTS = {column.name for column in COLUMNS} - {column.name for column in OF_SUPPLY}


class Supplies(Target):
    """供地台账. All rows of a sheet are judged together: those of one supply complete each other."""

    name = "supplies"
    title = "供地台账"
    unit = "行"
    permission = "update_supply"
    list_url = "supply:supplies"
    key = ("number", "seq")
    label = ("land_user",)
    one_of = NUMBERS
    whole = True
    columns = COLUMNS

    @classmethod
    def allows(cls, user: Any) -> bool:
        return access.allows(user)

    @classmethod
    def column(cls, name: str) -> Column:
        return KEY if name == KEY.name else super().column(name)

    @classmethod
    def lock(cls) -> None:
        lock_calendar(shared=True)  # before the supplies: due days roll over days off

    def prepare(self) -> None:
        section = regime().section
        if section is None:
            raise ImportRefused("供后监管制度没有设定监管科室，请管理员先设定。")
        self.section = section
        self.numbers = parameters()
        self.parties = Parties(cast(User | None, self.actor))
        self.places = Places(cast(User | None, self.actor), self.others)
        self.index = Index()
        self.groups: dict[str, Group] = {}  # by the number as it is compared
        self.by_key: dict[str, Group] = {}  # by the number in the key of a row
        self.heads: dict[Key, Group] = {}
        self.company_above: dict[int, str] = {}  # by the identity of a row
        self.carried: list[int] = []  # rows that have their land user from above
        self.noted: dict[str, Group] = {}
        self.covered: set[Key] = set()  # instalments that the file has as columns, or does not speak of

    # --- Rows that belong together -------------------------------------------------------------------------

    def check(self, rows: Sequence[Row]) -> None:
        sheet = rows[0].findings.sheet if rows else None
        self._see_companies(rows)
        keys = self.index.numbers_of(rows)
        found_pks = (self.index.by_number.get(number) for number in keys.values())
        wanted = {pk for pk in found_pks if pk is not None}
        held = groups.load(wanted, self.places.called, lock=self.writes)
        touched: dict[str, list[Row]] = {}
        for row in rows:
            if (number := keys.get(id(row))) is None:
                continue
            pk = self.index.by_number.get(number)
            number = plain_key(self.index.called[pk]) if pk else number
            group = self.groups.get(number)
            if group is None:
                group = Group(self.index.called[pk] if pk else as_typed(row), sheet, held[pk] if pk else None)
                self.groups[number] = self.by_key[group.number] = group
            touched.setdefault(number, []).append(row)
            row.values["number"] = group.number
            group.rows.append(row)
        found = [(self.groups[number], of_sheet) for number, of_sheet in touched.items()]
        for group, of_sheet in found:
            self._check_group(group, of_sheet, is_first=group.sheet is sheet)
        self._keep_what_is_paid([group for group, _ in found if group.cleared])
        for group, _ in found:
            self._complete(group)

    def _see_companies(self, rows: Sequence[Row]) -> None:
        """Cells of a land user that are merged are blank in a text file: the value above is meant."""
        self.company_above.clear()
        above: str | None = None
        for row in rows:
            if typed := row.values.get("land_user"):
                above = typed
            elif above and "land_user" in row.values:
                self.company_above[id(row)] = above

    # --- The rows of one supply ----------------------------------------------------------------------------

    def _check_group(self, group: Group, rows: list[Row], *, is_first: bool) -> None:
        if group.known and not access.may_change(self.actor, group.known.supply.section_id):
            rows[0].error(
                self._column(rows[0]), "other_section", "这宗供地由别的科室监管，您没有修改的权限。"
            )
        self._merge(group, rows, is_first)
        self._number_instalments(group, rows, is_first)
        if is_first:
            self._check_head(group)
        for row in rows:
            row.values["number"] = group.number
            self.covered |= {(group.number, seq) for seq in (*group.wide, *group.cleared)}
        if group.known and not _has_columns(rows[0]):
            self.covered |= {(group.number, seq) for seq in group.known.lines}
        self.heads[group.number, group.head.values["seq"]] = group

    def _column(self, row: Row) -> str:
        return next((name for name in NUMBERS if row.values.get(name)), NUMBERS[0])

    def _merge(self, group: Group, rows: list[Row], is_first: bool) -> None:
        """What the rows say of their supply: once, or alike."""
        held = group.known.values if group.known else {}
        for row in rows:
            for column in OF_SUPPLY:
                name, value = column.name, row.values.get(column.name)
                if name in WORDS and value in EMPTY_WORDS and value != held.get(name):
                    value = row.values[name] = None
                if value is None:
                    continue
                if name not in group.said and not is_first:
                    message = f"同一宗供地在别的工作表第 {group.head.number} 行没有这一项，请填在那里。"
                    row.error(name, "other_sheet", message)
                    continue
                said, number = group.said.setdefault(name, (value, row.number))
                if not column.kind.same(said, value):
                    shown = column.kind.show(said)
                    shown = mask(shown) if column.personal else shown
                    message = f"与第 {number} 行同一宗供地的{column.title}“{shown}”不同，请改为一致。"
                    row.error(name, "conflict", message)
        for row in rows:
            for column in OF_SUPPLY:
                if column.name in row.values:
                    row.values[column.name] = group.said.get(column.name, (None, 0))[0]

    def _number_instalments(self, group: Group, rows: list[Row], is_first: bool) -> None:
        """Give each row its instalment; 0: it has none."""
        taken = set(group.lines) | {row.values["seq"] for row in rows if row.values.get("seq")}
        for row in rows:
            self._read_wide(group, row)
        for row in rows:
            values = row.values
            if not has_instalment(row):
                if values.get("seq") and group.value("price"):
                    row.error("amount", "required", f"第 {values['seq']} 期没有应缴金额。")
                values["seq"] = 0
                continue
            if not values.get("seq"):
                values["seq"] = next(seq for seq in range(1, 1000) if seq not in taken)
                taken.add(values["seq"])
            self._keep_line(group, row, values["seq"], "due_on", "amount")
        for row in rows[1:] if is_first else rows:
            if not row.values["seq"]:
                message = f"与第 {group.head.number} 行是同一宗供地，又没有另一期的应缴金额，只留一行。"
                row.error(self._column(row), "duplicate_row", message)

    def _read_wide(self, group: Group, row: Row) -> None:
        for seq in range(1, MOST_WIDE + 1):
            due_on, amount = f"due_on_{seq}", f"amount_{seq}"
            if row.values.get(due_on) is not None or row.values.get(amount) is not None:
                self._keep_line(group, row, seq, due_on, amount)
            elif amount in row.values and group.known and seq in group.known.lines and row is group.head:
                group.cleared[seq] = amount

    def _keep_line(self, group: Group, row: Row, seq: int, due_on: str, amount: str) -> None:
        held = group.known.lines.get(seq, (None, None)) if group.known else (None, None)
        line = row.values.get(due_on, held[0]), row.values.get(amount, held[1])
        if line[1] is None:
            row.error(amount, "required", f"第 {seq} 期没有应缴金额。")
        if seq in group.wide:
            row.error(amount, "duplicate_instalment", f"第 {seq} 期在同一宗供地中填了两次，只留一处。")
        if amount != "amount":
            group.wide.add(seq)
        group.cleared.pop(seq, None)
        group.lines.setdefault(seq, line)

    # --- What a supply needs -------------------------------------------------------------------------------

    def _check_head(self, group: Group) -> None:
        row, known = group.head, group.known
        values = row.values
        if "payment_rate" in values and values["payment_rate"] is None:
            values["payment_rate"] = self.numbers["payment_rate"]
        for name in RATES:
            if values.get(name) == NONE_AGREED and name != "payment_rate":
                values[name] = None
            ask_if_fraction(group, name)
        if known and not values.get("supervision_number") and "supervision_number" in values:
            values["supervision_number"] = known.values["supervision_number"] or None
        if known is None and self._is_rest(group):
            row.failed = True
            return
        if known is None and not values.get("method"):
            row.error("method", "required", "新的供地要有供应方式。")
        if known is None and not values.get("land_user") and (above := self.company_above.get(id(row))):
            values["land_user"] = above
            self.carried.append(row.number)
        self._find_party(group)
        self._check_dates(group)
        self._check_cleared(group)
        if not row.failed:
            self._find_places(group)

    def _is_rest(self, group: Group) -> bool:
        """Rows of further instalments whose first row could not be read: that is told there."""
        said = set(group.said) - set(NUMBERS)
        findings = group.head.findings.sheet.findings
        return not said and any(finding.is_error or finding.is_open for finding in findings)

    def _find_party(self, group: Group) -> None:
        row, known = group.head, group.known
        of_supply = self.parties.by_pk.get(known.supply.land_user_id) if known else None
        group.party = self.parties.find(row, of_supply)
        if group.party is None:
            row.failed = True

    def _check_dates(self, group: Group) -> None:
        start, completion = group.value("agreed_start_on"), group.value("agreed_completion_on")
        if not (start and completion and completion < start):
            return
        held = group.known.values if group.known else {}
        if (start, completion) == (held.get("agreed_start_on"), held.get("agreed_completion_on")):
            return
        message = f"“{group.number}”的约定竣工日期 {completion} 早于约定开工日期 {start}，请核对。"
        answer = group.head.ask(
            "agreed_completion_on", "dates_out_of_order", message, KEEP, ((KEEP, "就是这样，照原样登记"),)
        )
        if answer not in (None, KEEP):
            group.head.error("agreed_completion_on", "dates_out_of_order", message)

    def _check_cleared(self, group: Group) -> None:
        """Blank cells take instalments away, but none that somebody has paid for."""
        known, row = group.known, group.head
        if known is None:
            return
        if "amount" in row.values and not group.lines and not group.cleared and known.lines:
            if len(known.lines) > 1:
                message = f"系统中有 {len(known.lines)} 期，表中一期也没有；要取消的，请在供地页面更正分期。"
                row.error("amount", "instalments_missing", message)
                return
            group.cleared = dict.fromkeys(known.lines, "amount")

    def _keep_what_is_paid(self, cleared: list[Group]) -> None:
        paid = groups.paid_of([group.known.supply.pk for group in cleared if group.known])
        for group in cleared:
            for seq, column in group.cleared.items():
                if group.known and (group.known.supply.pk, seq) in paid:
                    message = f"第 {seq} 期已有缴款或催缴，应缴金额不能清空。"
                    group.head.error(column, "instalment_paid", message)

    def _find_places(self, group: Group) -> None:
        row, values = group.head, group.head.values
        held = group.known.values if group.known else {}
        township = held.get("township")
        if values.get("township"):
            township = values["township"] = self.places.township(row, held.get("township"))
        elif "township" in values:
            township = None
        if values.get("village"):
            # The village in the system stays only where the township does.
            of_same = held.get("village") if township == held.get("township") else None
            found, values["village"] = self.places.village(row, township, of_same)
            if found != township:
                township = values["township"] = found
        if values.get("officer"):
            officer = group.known.officer if group.known else None
            values["officer"] = self.places.officer(row, township, officer)
        if noted := values.pop("noted", None):
            remark = f"{group.value('remark') or ''}"
            added = "".join(note for note in noted if note not in remark)
            values["remark"] = f"{remark[: LONGEST_REMARK - len(added)]}{added}"

    # --- What the system holds, and what is written ---------------------------------------------------------

    def current(self, keys: Collection[Key]) -> Mapping[Key, Current]:
        found: dict[Key, Current] = {}
        for key in keys:
            number, seq = key
            group = self.by_key[number]
            known = group.known
            if known is None:
                continue
            line = known.lines.get(seq)
            if self.heads.get(key) is group:
                if not seq and "amount" in group.cleared.values():
                    line = next(known.lines[one] for one in group.cleared)
                found[key] = Current(known.supply.pk, known.with_lines(seq, line))
            elif line is not None:
                found[key] = Current(known.supply.pk, {"due_on": line[0], "amount": line[1]})
        return found

    def _complete(self, group: Group) -> None:
        """Fill in what is known of the land user; only now have all rows been read."""
        values, party = group.head.values, group.party
        if party is None:
            return
        if "land_user" in values:
            values["land_user"] = party.name
        values |= {name: party.detail(name) for name in OF_LAND_USER if name in values}

    def everything(self) -> Mapping[Key, str]:
        """Supplies that the file lacks altogether are one each, whatever their instalments."""
        supplies = LandSupply.objects.all()
        if self.actor is not None:
            supplies = supplies.visible_to(cast(User, self.actor))
        rows = supplies.order_by("number", "instalments__seq").values_list(
            "number", "instalments__seq", "land_user__name"
        )
        numbers = {group.final_number: group.number for group in self.groups.values()}
        found: dict[Key, str] = {}
        for number, seq, name in rows:
            key = numbers.get(number, number), seq or 0
            if number not in numbers and key[0] not in self.by_key:
                found[number, 0] = f"{number}　{name}"
            elif key not in self.covered:
                found[key] = "　".join(filter(None, (number, f"第{seq}期" if seq else "", name)))
        return found

    def note(self, created: Sequence[Row], updated: Sequence[Update]) -> None:
        for row in (*created, *(update.row for update in updated)):
            group = self.by_key[row.values["number"]]
            self.noted[group.number] = group

    def consequences(self) -> list[str]:
        noted = self.noted.values()
        renewed = {
            group.party.name
            for group in noted
            if group.known is None and group.party is not None and group.party.changes()
        }
        told = (
            [f"已登记的用地单位，证照号码或联系方式按表更新：{'、'.join(sorted(renewed))}。"]
            if renewed
            else []
        )
        if self.carried:
            told.append(f"用地单位空着，与上一行的相同：{warnings.rows_in_words(self.carried)}。")
        return [*self.places.consequences(), *told, *warnings.told(noted, self.numbers)]

    def warnings(self) -> list[Warn]:
        return warnings.before_go_live(self.noted.values(), self.actor, self.today)

    def write(self, created: Sequence[Row], updated: Sequence[Update]) -> None:
        write(self, created, updated)

    def export_rows(self, pks: Collection[Any] | None = None) -> Iterable[Mapping[str, Any]]:
        supplies = LandSupply.objects.order_by("number")
        if self.actor is not None:
            supplies = supplies.visible_to(cast(User, self.actor))
        if pks is not None:
            supplies = supplies.filter(pk__in=pks)
        places = Places(cast(User | None, self.actor), self.others)
        return groups.export(places.called, list(supplies.distinct().values_list("pk", flat=True)))


def _has_columns(row: Row) -> bool:
    """Whether the sheet speaks of instalments at all."""
    return not OF_INSTALMENTS.isdisjoint(row.findings.columns)
