"""The sheet of events as a table (contract.md): what happened to supplies, one row each."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, cast

from landbureau.accounts.models import Bureau, User
from landbureau.imports.errors import ImportRefused
from landbureau.imports.targets import Column, Current, Key, Row, Target, Update
from supervision.supply.imports import access, timeline
from supervision.supply.imports.event_columns import COLUMNS, COMPARED
from supervision.supply.imports.groups import Group, parts
from supervision.supply.imports.kinds import Derived, plain_key
from supervision.supply.imports.numbers import NUMBERS
from supervision.supply.imports.supplies import Supplies
from supervision.supply.imports.timeline import Identity, Site
from supervision.supply.imports.warnings import rows_in_words
from supervision.supply.models import Event, Instalment, LandSupply
from supervision.supply.models.events import KindChoice
from supervision.supply.selectors.facts import JUDGED
from supervision.supply.services.ledger import save_events

KEYS = {
    "number": Column("number", "编号", Derived()),
    "identity": Column("identity", "", Derived(shown=False)),
}
TEXTS = ("track", "cause", "finding", "remark")  # blank is an empty text
NEEDS_APPROVER = "这是审批决定，要由有审批权限的人办理或者导入；启用日期之前的历史决定可以照录。"
DETAILS = ("seq", "amount", "new_due_on", "new_completion_on", "developed_area", "invested")


class Events(Target):
    """供后事项. A row is known by what it says; in the order of the sheet within a day."""

    name = "events"
    title = "供后事项"
    unit = "项"
    permission = "update_supply"
    list_url = "supply:supplies"
    key = ("number", "identity")
    label = ("kind", "on", "amount")
    one_of = NUMBERS
    whole = True
    after_others = True  # of supplies that come with the same file
    columns = COLUMNS

    @classmethod
    def allows(cls, user: Any) -> bool:
        return access.allows(user)

    @classmethod
    def column(cls, name: str) -> Column:
        return KEYS.get(name) or super().column(name)

    def prepare(self) -> None:
        rows = LandSupply.objects.order_by("pk").values_list(
            "pk", "number", "supervision_number", "contract_number", "signed_on", "deposit", "section"
        )
        self.sites: dict[int, Site] = {}
        self.by_number: dict[str, Site] = {}
        self.by_contract: defaultdict[str, list[Site]] = defaultdict(list)
        for pk, number, supervision, contract, signed_on, deposit, section in rows:
            site = Site(number, supervision, contract, pk, signed_on, set(), deposit, section)
            self.sites[pk] = site
            self.by_number[plain_key(number)] = site
            if contract:
                self.by_contract[plain_key(contract)].append(site)
        supplies = self.others.get(Supplies.name)
        if isinstance(supplies, Supplies):
            for group in supplies.groups.values():
                self._add_coming(group)
        self.read: set[int] = set()  # supplies whose events are known
        self.held: dict[tuple[str, Identity], Event] = {}
        self.left: Counter[tuple[str, Identity]] = Counter()  # corrected or withdrawn, by number and kind
        self.numbering = timeline.Numbering()
        self.named: dict[str, Site] = {}
        self.kept: list[int] = []  # rows that the system has corrected since
        self.replaced: set[Key] = set()  # and their keys
        self.early: list[int] = []  # rows before the contract was signed
        self.go_live = Bureau.objects.values_list("go_live_on", flat=True).get()

    def _add_coming(self, group: Group) -> None:
        """A supply of this file as it will be."""
        number = group.final_number
        pk = group.known.supply.pk if group.known else None
        site = self.sites.get(pk) if pk else self.by_number.get(plain_key(number))
        if site is None:
            site = Site(number, "", "", None, None, set())
        site.number = number
        site.supervision_number = group.value("supervision_number") or ""
        site.contract_number = group.value("contract_number") or ""
        site.signed_on = group.value("signed_on")
        site.deposit = group.value("deposit")
        site.seqs |= set(group.all_lines())
        for name in (group.number, number):
            self.by_number[plain_key(name)] = site
        if site.contract_number and site not in self.by_contract[plain_key(site.contract_number)]:
            self.by_contract[plain_key(site.contract_number)].append(site)

    # --- Checks ------------------------------------------------------------------------------------------

    def check(self, rows: Sequence[Row]) -> None:
        found = [(row, site) for row in rows if (site := self._site(row))]
        self._read({site.pk for _, site in found if site.pk})
        fresh: dict[Site, list[Row]] = {}
        for row, site in found:
            self._normalise(row, site)
            identity = timeline.identity_of(row.values)
            numbered = self.numbering.next(site.number, identity)
            row.values |= {"number": site.number, "identity": numbered}
            if (site.number, numbered) in self.held:
                self._check_changed(row, site, self.held[site.number, numbered])
            elif self.left[site.number, identity] > 0:
                self.left[site.number, identity] -= 1
                self.kept.append(row.number)
                self.replaced.add((site.number, numbered))
            else:
                self._check_decided(row, site, row.values["on"])
                timeline.check_row(row, site)
                fresh.setdefault(site, []).append(row)
        for site, of_site in fresh.items():
            timeline.check_order(site, of_site, self.today)
            if site.signed_on:
                signed_on = site.signed_on
                self.early += [row.number for row in of_site if row.values["on"] < signed_on]

    def _site(self, row: Row) -> Site | None:
        supervision, contract = (row.values.get(name) for name in NUMBERS)
        column = NUMBERS[0] if supervision or NUMBERS[0] in row.values else NUMBERS[1]
        column = NUMBERS[1] if contract and not supervision else column
        text = supervision or contract
        if not text:
            row.error(column, "required", "电子监管号和合同编号至少填一个。")
            return None
        key = plain_key(text)
        alike = [self.by_number[key]] if key in self.by_number else self.by_contract.get(key, [])
        if len(alike) != 1:
            known = f"有 {len(alike)} 宗供地的合同编号是" if alike else "没有编号是"
            end = "，请填写电子监管号。" if alike else "的供地，请核对，或先导入供地台账。"
            row.error(column, "several_supplies" if alike else "unknown_supply", f"{known}“{text}”{end}")
            return None
        site = alike[0]
        if site.section and not access.may_change(self.actor, site.section):
            row.error(column, "other_section", "这宗供地由别的科室监管，您没有修改的权限。")
            return None
        self.named[site.number] = site
        return site

    def _read(self, keys: set[int]) -> None:
        """Instalments and events of supplies that were not met before."""
        for part in parts(keys - self.read):
            if self.writes:  # before their events, as everywhere
                rows = LandSupply.objects.select_for_update(no_key=True).filter(pk__in=part)
                list(rows.order_by("pk").values("pk"))
            for supply, seq in Instalment.objects.filter(supply__in=part).values_list("supply", "seq"):
                self.sites[supply].seqs.add(seq)
            timeline.read_events(self.sites, part, lock=self.writes)
            self.read |= set(part)
            for pk in part:
                site = self.sites[pk]
                for identity, event in timeline.held_by_identity(site).items():
                    self.held[site.number, identity] = event
                for identity, count in site.replaced.items():
                    self.left[site.number, identity] = count

    def _normalise(self, row: Row, site: Site) -> None:
        values = row.values
        for name in NUMBERS:
            if name in values:
                values[name] = getattr(site, name) or None
        if "track" in values:
            values["track"] = timeline.identity_of(values)[2] or None

    def _check_decided(self, row: Row, site: Site, on: date | None) -> None:
        """A decision comes from a table only as history, before the bureau went live, or from who decides.

        ``on`` None: a decision of the system that the row would change.
        """
        if on is not None and self.go_live is not None and on < self.go_live:
            return
        if not access.may_decide(self.actor, row.values["kind"], site.section):
            row.error("kind", "needs_approver", NEEDS_APPROVER)

    def _check_changed(self, row: Row, site: Site, event: Event) -> None:
        """What a known event says otherwise must still be enough, and is a decision's only by who decides."""
        known = timeline.values_of(event)
        compared = (column for column in COLUMNS if column.name in known and column.name in row.values)
        if any(not column.kind.same(known[column.name], row.values[column.name]) for column in compared):
            self._check_decided(row, site, None)
        if event.kind != KindChoice.EXTENSION_APPROVED:
            return
        new_dates = ("new_due_on", "new_completion_on")
        if any(getattr(event, name) for name in new_dates) and not any(
            row.values.get(name, getattr(event, name)) for name in new_dates
        ):
            row.error("new_due_on", "required", "“延期批准”要有新约定日期。")

    # --- What the system holds, and what is written ---------------------------------------------------------

    def current(self, keys: Collection[Key]) -> Mapping[Key, Current]:
        found: dict[Key, Current] = {}
        for number, identity in keys:
            site = self.named[number]
            if event := self.held.get((number, identity)):
                numbers = {name: getattr(site, name) for name in NUMBERS}
                found[number, identity] = Current(event.pk, {**timeline.values_of(event), **numbers})
            elif (number, identity) in self.replaced:
                found[number, identity] = Current(None, {})
        return found

    def everything(self) -> Mapping[Key, str]:
        """Of the supplies that the file names: it need not be the whole record of all."""
        rows: dict[Key, str] = {}
        for site in self.named.values():
            for identity, event in timeline.held_by_identity(site).items():
                amount = f"　{event.amount:,}" if event.amount is not None else ""
                rows[site.number, identity] = f"{site.number}　{event.get_kind_display()}　{event.on}{amount}"
        return rows

    def consequences(self) -> list[str]:
        told = []
        if self.kept:
            told.append(f"与系统中已更正或撤销的记录相同，保留系统中的：{rows_in_words(self.kept)}。")
        if self.early:
            told.append(f"日期早于合同签订日期，照原样登记：{rows_in_words(self.early)}。")
        return told

    def write(self, created: Sequence[Row], updated: Sequence[Update]) -> None:
        numbers = {row.values["number"] for row in created}
        keys: dict[str, int] = {}
        for part in _in_parts(sorted(numbers)):
            keys |= dict(LandSupply.objects.filter(number__in=part).values_list("number", "pk"))
        if missing := numbers - keys.keys():
            raise ImportRefused(f"供地“{min(missing)}”刚刚被更正了编号，没有写入，请重试。")
        save_events(
            new=[_columns(row.values) | {"supply_id": keys[row.values["number"]]} for row in created],
            corrected=[_correction(self.held[_key(update.row)], update) for update in updated],
            actor=cast(User | None, self.actor),
            today=self.today,
        )

    def export_rows(self, pks: Collection[Any] | None = None) -> Iterable[Mapping[str, Any]]:
        events = Event.objects.in_force().filter(kind__in=JUDGED)
        if self.actor is not None:
            events = events.visible_to(cast(User, self.actor))
        if pks is not None:
            events = events.filter(pk__in=pks)
        events = events.order_by("supply__number", "on", "pk").distinct()
        for event in events.select_related("supply").iterator():
            numbers = {name: getattr(event.supply, name) for name in NUMBERS}
            yield {**timeline.values_of(event), **numbers}


def _key(row: Row) -> tuple[str, Identity]:
    return row.values["number"], row.values["identity"]


def _columns(values: Mapping[str, Any]) -> dict[str, Any]:
    """Columns of ``Event``, the same for all rows."""
    return {
        "kind": values["kind"],
        "on": values["on"],
        **{name: values.get(name) or "" for name in TEXTS},
        **{name: values.get(name) for name in DETAILS},
        "partial": timeline.is_partial(values),
    }


def _correction(event: Event, update: Update) -> tuple[Event, dict[str, Any]]:
    values = update.row.values
    changes = {name: values[name] for name in update.changed if name in COMPARED}
    changes = {name: "" if value is None and name in TEXTS else value for name, value in changes.items()}
    if "remark" in changes and event.kind == KindChoice.TRANSFER:
        changes["partial"] = timeline.is_partial(values)
    return event, changes


def _in_parts(numbers: Sequence[str]) -> Iterator[Sequence[str]]:
    for at in range(0, len(numbers), 500):
        yield numbers[at : at + 500]
