"""Townships, villages and officers of a ledger: those that the bureau has, or a question."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from landbureau.accounts.imports import Townships
from landbureau.accounts.imports.names import Names, stem
from landbureau.accounts.models import Bureau, Township, TownshipOffice, User, Village
from landbureau.accounts.services import SUPERVISION, able_to_take
from landbureau.imports.targets import Row, Target

OPEN = "暂不填"
LONGEST_NAME = 40  # of a township, a village, a person


class Places:
    """``noted``: what a row leaves open, by column; it goes into the remark, so that nothing is lost."""

    def __init__(self, actor: User | None, others: Mapping[str, Target]) -> None:
        self.may_create = actor is None or actor.holds_everywhere("update_config")
        self.may_enrol = actor is None or all(
            actor.holds_everywhere(codename) for codename in ("create_staff", "update_staff")
        )
        self.county = Bureau.objects.values_list("county", flat=True).get()
        townships = list(Township.objects.select_related("office"))
        coming = getattr(others.get(Townships.name), "new", ())  # on an earlier sheet of this file
        self.townships = Names((name, name) for name in [*(row.name for row in townships), *coming])
        self.office_of = {township.name: township.office_id for township in townships}
        self.villages: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for township, village in Village.objects.values_list("township__name", "name"):
            self.villages[township][village] = village
        self.names_of: dict[str, Names[str]] = {}
        officers = User.objects.filter(able_to_take(SUPERVISION)).order_by("pk")
        self.officers: defaultdict[str, list[User]] = defaultdict(list)
        for officer in officers:
            self.officers[officer.name].append(officer)
        self.officer_names = Names((name, name) for name in self.officers)
        self.new_townships: dict[str, str] = {}  # with the name of their office
        self.new_villages: dict[tuple[str, str], None] = {}
        self.new_officers: dict[str, str] = {}  # with the township of their office

    # --- Places ------------------------------------------------------------------------------------------

    def township(self, row: Row, held: str | None) -> str | None:
        """The name of the township; ``held``: that of the supply in the system."""
        typed: str = row.values["township"]
        known = self.townships.find(typed) or self.townships.find(typed.removeprefix(self.county))
        known = known or next((name for name in self.townships.all() if typed.endswith(name)), None)
        if known or typed in self.new_townships:
            return known or typed
        options = [*self.townships.nearest(typed)]
        options += [name for name in self.townships.all() if name not in options]
        create = self.may_create and len(typed) <= LONGEST_NAME
        answer = self._ask(row, "township", "乡镇", typed, _same(typed, options), options, create)
        if answer == OPEN:
            return held or self._note(row, "乡镇", typed)
        if answer == typed and create:
            self.new_townships[typed] = f"{stem(typed)}国土所"
            return typed
        return self._chosen(row, "township", "乡镇", answer, self.townships)

    def village(self, row: Row, township: str | None, held: str | None) -> tuple[str | None, str | None]:
        """Township and village; a village that only one township has tells the township."""
        typed: str = row.values["village"]
        if typed == held:
            return township, typed
        if township is None:
            within = [name for name, villages in self.villages.items() if typed in villages]
            if len(within) == 1:
                return within[0], typed
            return township, self._left_open(row, "village", "村", typed, held)
        name = typed.removeprefix(self.county).removeprefix(township) or typed
        known = self.villages[township]
        if not known and self.may_create and not name.isdecimal():
            # The bureau has not entered this township's villages yet: there is no list to check against.
            self.new_villages[township, name] = None
            return township, name
        names = self.names_of.setdefault(township, Names((village, village) for village in known))
        if found := names.find(name) or (name if (township, name) in self.new_villages else None):
            return township, found
        create = self.may_create and not name.isdecimal() and len(name) <= LONGEST_NAME
        nearest = names.nearest(name)
        answer = self._ask(row, "village", "村", name, _same(name, nearest), nearest, create, township)
        if answer == OPEN:
            return township, held or self._note(row, "村", typed)
        if answer == name and create:
            self.new_villages[township, name] = None
            return township, name
        return township, self._chosen(row, "village", "村", answer, names)

    # --- Officers ----------------------------------------------------------------------------------------

    def officer(self, row: Row, township: str | None, held: User | None) -> str | None:
        """How the officer is called in the table: by name, and by login name where several are called so."""
        typed: str = row.values["officer"]
        if held and typed in (held.name, held.username, self.called(held)):
            return self.called(held)
        found = self._people(typed)
        if len(found) == 1:
            return self.called(found[0])
        if typed in self.new_officers:
            return typed
        if found:
            return self._ask_which(row, typed, found, township)
        office = self.office_of.get(township or "")
        create = self.may_enrol and office is not None and 1 < len(typed) <= LONGEST_NAME
        nearest = self.officer_names.nearest(typed)
        answer = self._ask(row, "officer", "能承担供地监管的人员", typed, [], nearest, create)
        if answer == OPEN:
            return self.called(held) if held else self._note(row, "监管国土员", typed)
        if answer == typed and create:
            self.new_officers[typed] = township or ""
            return typed
        if answer is None:
            return None
        if len(chosen := self._people(answer)) == 1:
            return self.called(chosen[0])
        row.error("officer", "unknown_officer", f"没有“{answer}”，或者有几个，请改正。")
        return None

    def called(self, person: User) -> str:
        return (
            person.name
            if len(self.officers.get(person.name, ())) < 2
            else f"{person.name}（{person.username}）"
        )

    def person(self, called: str | None) -> User | None:
        """Of an answer of ``officer``; None: nobody, or somebody new."""
        return next(iter(self._people(called)), None) if called else None

    def _people(self, text: str) -> list[User]:
        if people := self.officers.get(text):
            return people
        everybody = [person for people in self.officers.values() for person in people]
        if exact := [one for one in everybody if text in (one.username, f"{one.name}（{one.username}）")]:
            return exact
        name = self.officer_names.find(text)
        return self.officers[name] if name else []

    def _ask_which(self, row: Row, typed: str, found: list[User], township: str | None) -> str | None:
        office = self.office_of.get(township or "")
        likely = sorted(found, key=lambda person: (person.office_id != office, person.pk))
        options = tuple(
            (self.called(person), f"{self.called(person)}　{person.unit or ''}") for person in likely
        )
        answer = row.ask(
            "officer", "several_officers", f"有 {len(found)} 个“{typed}”，是哪一个？", options[0][0], options
        )
        if answer is None or answer in dict(options):
            return answer
        row.error("officer", "several_officers", f"答复应为“{'”或“'.join(dict(options))}”。")
        return None

    # --- Questions ---------------------------------------------------------------------------------------

    def _ask(
        self,
        row: Row,
        column: str,
        what: str,
        typed: str,
        same: list[str],
        offered: list[str],
        create: bool,
        within: str = "",
    ) -> str | None:
        """One that is known, ``typed`` for a new one, or ``OPEN``."""
        asked = "是否应为最接近的一个？" if same else "是否暂不填？"
        more = ((typed, f"新建“{typed}”"),) if create else ()
        return row.ask(
            column,
            f"unknown_{column}",
            f"{within}没有“{typed}”这个{what}，{asked}",
            same[0] if same else OPEN,
            (*((name, name) for name in offered), *more, (OPEN, "暂不填，原文记入备注")),
        )

    def _left_open(self, row: Row, column: str, what: str, typed: str, held: str | None) -> str | None:
        answer = self._ask(row, column, what, typed, [], [], create=False)
        if answer not in (None, OPEN):
            row.error(column, f"unknown_{column}", "不知道是哪个乡镇的村，请先填乡镇。")
            return None
        return None if answer is None else held or self._note(row, what, typed)

    def _chosen(self, row: Row, column: str, what: str, answer: str | None, names: Names[str]) -> str | None:
        if answer is None:
            return None
        if (chosen := names.find(answer)) is None:
            row.error(column, f"unknown_{column}", f"没有“{answer}”这个{what}，请改正。")
        return chosen

    def _note(self, row: Row, what: str, typed: str) -> str | None:
        """Nothing, but what was typed goes into the remark."""
        row.values.setdefault("noted", []).append(f"（表中{what}：{typed}）")
        return None

    # --- What is to be created -----------------------------------------------------------------------------

    def consequences(self) -> list[str]:
        told: list[tuple[str, list[Any]]] = [
            ("新建乡镇", [f"{name}（{office}）" for name, office in self.new_townships.items()]),
            ("新建村居", ["".join(key) for key in self.new_villages]),
            ("新登记监管国土员（没有密码，由管理员发放）", list(self.new_officers)),
        ]
        return [f"{what}：{'、'.join(names)}。" for what, names in told if names]

    def offices_of_new(self) -> dict[str, str]:
        """Offices for new townships that the bureau does not have yet are created, too."""
        there = set(TownshipOffice.objects.values_list("name", flat=True))
        return {name: office for name, office in self.new_townships.items() if office not in there}


def _same(typed: str, names: list[str]) -> list[str]:
    """Names but for the kind of place (寻寨乡 for 寻寨镇): only these are proposed, others are offered.

    Names of two characters that differ in one are other places.
    """
    return [name for name in names if stem(name) == stem(typed)]
