"""Land users of a ledger: which of its rows mean the same one, and whether the system has it already."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from landbureau.accounts.models import User
from landbureau.imports.cleaning import fold
from landbureau.imports.targets import Row
from landbureau.web.masking import mask
from supervision.supply.imports.columns import OF_LAND_USER
from supervision.supply.models import LandUser
from supervision.supply.selectors.land_users import held_elsewhere

NEW = "新的用地单位"
MOST_OFFERED = 5
TITLES = {"contact": "联系人", "phone": "联系电话", "address": "送达地址"}
KEEP = "保留系统中的"


@dataclass(eq=False)
class Party:
    """A land user. ``pk`` None: new. ``held``: name and details as the system has them.

    ``said``: details in the sheet, each with the row that said it. ``is_seen``: whether the importer sees it
    in the system; ``is_own``: whether all its supplies are the importer's to change.
    """

    pk: int | None
    name: str
    identity: str = ""
    held: dict[str, str] = field(default_factory=dict)
    said: dict[str, tuple[str, int]] = field(default_factory=dict)
    is_seen: bool = True
    is_own: bool = True

    def detail(self, name: str) -> str | None:
        """As the sheet says; what it leaves blank stays: it belongs to all supplies of the land user.

        Of one that the importer does not see nothing is told.
        """
        if name in self.said:
            return self.said[name][0]
        if not self.is_seen:
            return None
        return (self.identity if name == "identity" else self.held.get(name)) or None

    def changes(self) -> dict[str, str]:
        """Columns of a known land user that the sheet says otherwise."""
        if not self.held or not self.is_own:
            return {}
        now = {"name": self.name, **{name: self.detail(name) or "" for name in OF_LAND_USER}}
        return {name: value for name, value in now.items() if value != self.held[name]}


class Parties:
    """All land users, in one query; those of the sheet join them as they are met.

    ``actor`` None: a command, which sees and may change all.
    """

    def __init__(self, actor: User | None) -> None:
        rows = LandUser.objects.order_by("pk").values_list(
            "pk", "name", "identity", "contact", "phone", "address", "merged_into"
        )
        merged: dict[int, tuple[int, str, str]] = {}
        self.by_pk: dict[int, Party] = {}
        self.by_identity: dict[str, Party] = {}
        self.by_name: defaultdict[str, list[Party]] = defaultdict(list)
        for pk, name, identity, contact, phone, address, into in rows:
            if into is not None:
                merged[pk] = into, name, identity
                continue
            held = {
                "name": name,
                "identity": identity,
                "contact": contact,
                "phone": phone,
                "address": address,
            }
            self.by_pk[pk] = self._add(Party(pk, name, identity, held))
        for pk in merged:
            self._add_merged(pk, merged)
        if actor is not None:
            self._narrow(actor)

    def _narrow(self, actor: User) -> None:
        known = set(self.by_pk)
        seen = set(LandUser.objects.visible_to(actor).values_list("pk", flat=True))
        elsewhere = held_elsewhere(actor, known)
        for pk, party in self.by_pk.items():
            if party.pk == pk:
                party.is_seen, party.is_own = pk in seen, pk not in elsewhere

    def _add(self, party: Party) -> Party:
        if party.identity:
            self.by_identity.setdefault(party.identity.upper(), party)
        self.by_name[fold(party.name)].append(party)
        return party

    def _add_merged(self, pk: int, merged: dict[int, tuple[int, str, str]]) -> None:
        """The names of a duplicate mean the land user into which it was merged."""
        _, name, identity = merged[pk]
        into, seen = pk, set()
        while into in merged and into not in seen:
            seen.add(into)
            into = merged[into][0]
        party = self.by_pk.get(into)
        if party is None:
            return
        self.by_pk[pk] = party
        if identity:
            self.by_identity.setdefault(identity.upper(), party)
        if not self.by_name[fold(name)]:
            self.by_name[fold(name)].append(party)

    def find(self, row: Row, of_supply: Party | None) -> Party | None:
        """The land user of a row; None: a question is open. ``of_supply``: whom the system has for it.

        Without a name it is ``of_supply``. Details in the row are kept with it.
        """
        name, identity = row.values.get("land_user"), row.values.get("identity")
        party = self._of_supply(name, identity, of_supply) or (
            self._by_identity(row, name, identity) if identity else self._by_name(row, name)
        )
        if party is not None:
            self._keep_details(row, party)
            if identity and not party.is_own and identity.upper() != party.identity.upper():
                self._keeps(row, party, "identity", "证照号码", mask(identity))
        return party

    def _of_supply(self, name: str | None, identity: str | None, of_supply: Party | None) -> Party | None:
        if of_supply is None:
            return None
        if name and fold(name) not in (fold(of_supply.name), fold(of_supply.held.get("name", ""))):
            return None
        if identity and identity.upper() != of_supply.identity.upper():
            if of_supply.identity or identity.upper() in self.by_identity:
                return None
            if of_supply.is_own:
                self._identify(of_supply, identity)
        return of_supply

    def _by_identity(self, row: Row, name: str | None, identity: str) -> Party | None:
        if party := self.by_identity.get(identity.upper()):
            return self._same_name(row, name, party)
        if name is None:
            row.error("land_user", "required", "“用地单位”不能空着。")
            return None
        alike = self.by_name[fold(name)]
        for party in alike:
            if not party.identity and party.is_own:
                self._identify(party, identity)
                return party
        return self._with_another_identity(row, name, identity, alike)

    def _identify(self, party: Party, identity: str) -> None:
        party.identity = identity
        self.by_identity[identity.upper()] = party

    def _same_name(self, row: Row, name: str | None, party: Party) -> Party | None:
        """A known identity; under another name it may be a slip, or the land user is called otherwise now."""
        if name is None or fold(name) in (fold(party.name), fold(party.held.get("name", ""))):
            return party
        if not party.is_seen:
            message = "这个证照号码已登记在另一个名称的用地单位名下，请核对号码和名称。"
            row.error("identity", "other_name", message)
            return None
        if not party.is_own:
            return party if self._keeps(row, party, "land_user", "名称", name) else None
        answer = row.ask(
            "land_user",
            "other_name",
            f"证照号码 {mask(party.identity)} 在别处是“{party.name}”，这里是“{name}”，用哪一个名称？",
            party.name,
            ((party.name, f"用“{party.name}”"), (name, f"已更名为“{name}”")),
        )
        if answer == name:
            party.name = name
            self.by_name[fold(name)].append(party)
        elif answer not in (None, party.name):
            row.error("land_user", "other_name", f"答复应为“{party.name}”或“{name}”。")
            return None
        return None if answer is None else party

    def _with_another_identity(self, row: Row, name: str, identity: str, alike: list[Party]) -> Party | None:
        seen = [party for party in alike if party.is_seen][:MOST_OFFERED]
        offered = {f"同一单位（{mask(party.identity) or '无证照号码'}）": party for party in seen}
        answer: str | None = NEW
        if offered:
            answer = row.ask(
                "identity",
                "other_identity",
                f"已有证照号码不同的“{name}”，是否另一个单位？",
                NEW,
                ((NEW, "是，登记为新的用地单位"), *((text, f"不是，就是{text}") for text in offered)),
            )
        if answer is None:
            return None
        if answer in offered:
            return offered[answer]
        if answer != NEW:
            row.error("identity", "other_identity", f"答复应为“{NEW}”或“{'”或“'.join(offered)}”。")
            return None
        return self._add(Party(None, name, identity))

    def _by_name(self, row: Row, name: str | None) -> Party | None:
        if name is None:
            row.error("land_user", "required", "“用地单位”不能空着。")
            return None
        alike = self.by_name[fold(name)]
        if not alike:
            return self._add(Party(None, name))
        seen = [party for party in alike if party.is_seen]
        if len(alike) == 1 or len(seen) == 1:
            return (seen or alike)[0]
        if not seen:  # which of them is meant, the importer cannot say
            return self._add(Party(None, name))
        seen = seen[:MOST_OFFERED]
        offered = {f"{name}（{mask(party.identity) or '无证照号码'}）": party for party in seen}
        answer = row.ask(
            "land_user",
            "several_land_users",
            f"有 {len(seen)} 个“{name}”，是哪一个？",
            next(iter(offered)),
            tuple((text, text) for text in offered),
        )
        if answer is None:
            return None
        if answer not in offered:
            row.error("land_user", "several_land_users", f"答复应为“{'”或“'.join(offered)}”。")
            return None
        return offered[answer]

    def _keep_details(self, row: Row, party: Party) -> None:
        """What the row says about its land user; two rows that differ are asked about."""
        for name, title in TITLES.items():
            value = row.values.get(name)
            if not value:
                continue
            if not party.is_own:
                if not row_says_the_same(name, party.held[name], value):
                    self._keeps(row, party, name, title, value)
                continue
            said = party.said.setdefault(name, (value, row.number))
            if row_says_the_same(name, said[0], value):
                continue
            first = said[0]
            answer = row.ask(
                name,
                "other_detail",
                f"同一用地单位“{party.name}”在第 {said[1]} 行的{title}不同，用哪一个？",
                first,
                ((first, f"用第 {said[1]} 行的“{first}”"), (value, f"用这一行的“{value}”")),
            )
            if answer == value:
                party.said[name] = value, row.number
            elif answer not in (None, first):
                row.error(name, "other_detail", f"答复应为“{first}”或“{value}”。")

    def _keeps(self, row: Row, party: Party, column: str, title: str, value: str) -> bool:
        """What the row says otherwise about a land user with supplies of others is not written: asked."""
        answer = row.ask(
            column,
            "of_others_too",
            f"用地单位“{party.name if party.is_seen else row.values.get('land_user')}”还有您不能办理的供地，"
            f"{title}不能由这张表改为“{value}”；要改的，请由有权修改全部供地的人在用地单位页面更正。",
            KEEP,
            ((KEEP, "保留系统中的，照此登记供地"),),
        )
        if answer not in (None, KEEP):
            row.error(column, "of_others_too", f"答复应为“{KEEP}”。")
        return answer == KEEP


def row_says_the_same(name: str, one: str, other: str) -> bool:
    from supervision.supply.imports.columns import OF_CONTRACT

    kind = next(column.kind for column in OF_CONTRACT if column.name == name)
    return kind.same(one, other)
