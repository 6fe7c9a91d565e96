"""The staff as a table: new people are enrolled, what is known about others is changed.

Where somebody works and which roles somebody has are changed by acts of their own (``services.move``,
``services.grant_role``): sessions end, work changes hands. A table that says otherwise is asked about, and
the system keeps what it has.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.db.models import Prefetch, QuerySet

from landbureau.accounts.errors import GrantError
from landbureau.accounts.imports.names import Names
from landbureau.accounts.models import Grant, Role, Section, SectionAlias, TownshipOffice, User
from landbureau.accounts.selectors_people import BY_UNIT
from landbureau.accounts.services.grants import bound_to
from landbureau.accounts.services.imports import change_people, enrol_people, reaches_of
from landbureau.accounts.services.locks import lock_grants
from landbureau.imports.errors import ImportRefused
from landbureau.imports.targets import Column, Current, Key, Row, Target, Update
from landbureau.imports.values import EMPTY_WORDS, Choice, Code, Date, Phone, Text

Unit = Section | TownshipOffice
UNIT = ("section", "office")
WORDS = ("position", "roles", "certificate_number", *UNIT)  # where 无 and / mean that there is nothing
LEAVE_BLANK = "不填"
STATES = {True: "在岗", False: "离岗"}
_BETWEEN = re.compile(r"[、，,;；/\s]+")


@dataclass(frozen=True, slots=True)
class Known:
    """A person as the system has it; ``values`` as the columns have them."""

    pk: int
    unit: Unit | None
    is_active: bool
    is_superuser: bool
    values: Mapping[str, Any]

    def __str__(self) -> str:
        place = f"{self.unit or ''}{self.values['position']}"
        return f"{self.values['name']}（{self.values['username']}{'，' if place else ''}{place}）"


class Staff(Target):
    """人员."""

    name = "staff"
    title = "人员"
    unit = "人"
    permission = "update_staff"  # new people and roles take more, see ``_check_new``
    key = ("username",)
    label = ("name",)
    list_url = "people:staff"
    columns = (
        Column(
            "username",
            "登录名",
            Code(150, r"[\w.@+-]+", "登录名", hint="文字、数字和 @ . + - _"),  # as the model's validator
            ("用户名", "账号", "帐号", "登录账号"),
        ),
        Column("name", "姓名", Text(40), ("人员姓名",), required=True),
        Column("section", "科室", Text(40), ("部门", "股室", "所在科室", "所在部门", "所在股室")),
        Column("office", "国土所", Text(40), ("所在国土所", "国土资源所", "自然资源所")),
        Column("position", "职务", Text(40), ("职位", "岗位")),
        Column("roles", "角色", Text(120), ("系统角色",)),
        Column(
            "phone",
            "手机",
            Phone(30),
            ("手机号", "手机号码", "联系电话", "电话", "联系方式"),
            personal=True,
        ),
        Column("certificate_number", "执法证号", Code(30, meaning="执法证号"), ("执法证编号", "执法证件号")),
        Column("certificate_expires_on", "执法证有效期至", Date(), ("执法证有效期", "执法证到期日")),
        Column(
            "state",
            "状态",
            Choice(STATES, {"在职": True, "外出": True, "离职": False}),
            ("在岗状态", "人员状态"),
        ),
    )

    # --- What the checks look up -----------------------------------------------------------------------

    def prepare(self) -> None:
        actor = cast(User | None, self.actor)
        self.may_enrol = actor is None or actor.holds_everywhere("create_staff")
        self.may_change_superusers = actor is None or actor.is_superuser
        sections, offices = Section.objects.all(), TownshipOffice.objects.all()
        aliases = SectionAlias.objects.select_related("section")
        self.units: Names[Unit] = Names(
            [
                *((office.name, office) for office in offices),
                *((alias.name, alias.section) for alias in aliases),
                *((section.name, section) for section in sections),
            ]
        )
        roles = list(Role.objects.all())
        self.roles, self.reaches = Names((role.name, role) for role in roles), reaches_of(roles)
        self.known = {person.values["username"]: person for person in _known(User.objects.order_by("pk"))}
        self.by_name: defaultdict[str, list[Known]] = defaultdict(list)
        for person in self.known.values():
            self.by_name[person.values["name"]].append(person)
        self.spelling = {username.casefold(): username for username in self.known}
        self.enrolled = self.granted = 0

    # --- Checks ------------------------------------------------------------------------------------------

    def check(self, rows: Sequence[Row]) -> None:
        for row in rows:
            for name in WORDS:
                if row.values.get(name) in EMPTY_WORDS:
                    row.values[name] = None
            username = row.values.get("username") or self._ask_who(row)
            if username is None:
                continue
            if username not in self.known:  # whoever types Zhaowb means zhaowb
                username = self.spelling.setdefault(username.casefold(), username)
            row.values["username"] = username
            if person := self.known.get(username):
                self._check_known(row, person)
            else:
                self._check_new(row)

    def _ask_who(self, row: Row) -> str | None:
        """The login name of somebody whom the table only calls by name."""
        name = row.values["name"]
        alike = self.by_name.get(name, [])
        alike = [person for person in alike if person.is_active] or alike
        if len(alike) != 1:
            found = f"系统中有 {len(alike)} 个“{name}”：{'、'.join(map(str, alike))}" if alike else ""
            message = f"{found or f'系统中没有“{name}”，新人员要有登录名'}，请填写登录名。"
            row.error("username", "several_people" if alike else "no_username", message)
            return None
        person = alike[0]
        username = cast(str, person.values["username"])
        answer = row.ask(
            "name",
            "same_person",
            f"没有填登录名，是否就是系统中的{person}？不是的，请在“登录名”中填写。",
            username,
            ((username, f"是{person}"),),
        )
        if answer in (None, username):
            return answer
        row.error("username", "no_username", f"“{name}”不是{person}，请填写登录名。")
        return None

    def _check_new(self, row: Row) -> None:
        if not self.may_enrol:
            row.error("username", "may_not_enrol", "系统中没有此人，您没有登记人员的权限。")
        if row.values.get("state") is False:
            row.error("state", "left", "系统中没有此人，不能登记为离岗。")
        unit, roles = self._stated_unit(row), self._stated_roles(row)
        if row.failed:
            return
        section, office = _section_and_office(unit)
        if unit and not unit.is_active:
            row.error(_column(unit), "unit_closed", f"{unit}已停用，请改为在用的科室或国土所。")
        for role in roles:
            try:
                bound_to(role, self.reaches[role.pk], section, office)
            except GrantError as error:
                row.error("roles", "role_needs_unit", str(error))
        row.values |= {"section": _name(section), "office": _name(office), "roles": _names(roles)}

    def _check_known(self, row: Row, person: Known) -> None:
        if not person.is_active and row.values.get("state") is not False:
            message = f"{person}已离岗。回来上班的，请先在其页面办理“恢复在岗”，再导入。"
            row.error("username", "left", message)
        elif person.is_active and row.values.get("state") is False:
            row.error("state", "left", f"{person}在岗。离岗要移交工作、停用账号，请在其页面办理。")
        unit = self._stated_unit(row)
        roles = self._stated_roles(row)
        if row.failed:
            return
        self._keep_unit(row, person, unit)
        if "roles" in row.values:
            if _names(roles) != person.values["roles"]:
                message = f"{person}的角色在其页面“授权”中授予和撤销，导入不改。"
                _ask_to_keep(row, "roles", "role_changed", message, person.values["roles"])
            row.values["roles"] = person.values["roles"]
        if "state" in row.values:
            row.values["state"] = person.is_active
        if person.is_superuser and not self.may_change_superusers and self._differs(row, person):
            row.error("username", "superuser", f"{person}是应急账号，只有应急账号本身能改。")

    def _keep_unit(self, row: Row, person: Known, unit: Unit | None) -> None:
        stated = [name for name in UNIT if name in row.values]
        if unit != person.unit and (unit or any(person.values[name] for name in stated)):
            column = next((name for name in stated if row.values[name] or person.values[name]), stated[0])
            place = person.unit or "没有科室和国土所"
            message = f"{person}现在的科室（国土所）：{place}。调动在其页面“调动”中办理，导入不改。"
            _ask_to_keep(row, column, "unit_changed", message, _name(person.unit))
        for name in stated:
            row.values[name] = person.values[name]

    def _stated_unit(self, row: Row) -> Unit | None:
        """Section or office of the row; tables write offices into the column of sections, too."""
        found = []
        for column in UNIT:
            text = row.values.get(column)
            if text and (unit := self.units.find(text) or self._ask_unit(row, column, text)):
                found.append(unit)
        if len(found) == 2 and found[0] != found[1]:
            message = f"“{found[0]}”和“{found[1]}”只能填一个；在国土所工作的，只填国土所。"
            row.error("office", "two_units", message)
        return found[0] if found else None

    def _ask_unit(self, row: Row, column: str, text: str) -> Unit | None:
        nearest = self.units.nearest(text)
        others = [name for name in self.units.all() if name not in nearest]
        answer = row.ask(
            column,
            "unknown_section",
            "没有这个科室或国土所，是否应为最接近的一个？" if nearest else "没有这个科室或国土所，是否不填？",
            nearest[0] if nearest else LEAVE_BLANK,
            (*((name, name) for name in (*nearest, *others)), (LEAVE_BLANK, "不填科室和国土所")),
        )
        if answer is None or answer in ("", LEAVE_BLANK):
            return None
        if (unit := self.units.find(answer)) is None:
            row.error(column, "unknown_section", f"没有“{answer}”这个科室或国土所，请改正。")
        return unit

    def _stated_roles(self, row: Row) -> list[Role]:
        """In their order; nothing that is no role is passed over."""
        found = set()
        for word in filter(None, _BETWEEN.split(row.values.get("roles") or "")):
            if role := self.roles.find(word):
                found.add(role)
            else:
                message = f"没有“{word}”这个角色，应为{'、'.join(self.roles.all())}，几个角色之间用顿号隔开。"
                row.error("roles", "unknown_role", message, next(iter(self.roles.nearest(word)), ""))
        return sorted(found, key=lambda role: (role.order, role.pk))

    def _differs(self, row: Row, person: Known) -> bool:
        return any(
            not column.kind.same(person.values[column.name], row.values[column.name])
            for column in self.columns
            if column.name in row.values
        )

    # --- What the system holds, and what is written --------------------------------------------------------

    def current(self, keys: Collection[Key]) -> Mapping[Key, Current]:
        people = User.objects.filter(username__in=[username for (username,) in keys])
        if self.writes:
            people = people.select_for_update(no_key=True, of=("self",)).order_by("pk")
        return {(person.values["username"],): Current(person.pk, person.values) for person in _known(people)}

    def everything(self) -> Mapping[Key, str]:
        """Of those who work here: who has left is missing in a list of the staff, and rightly so."""
        return {
            (username,): f"{username}　{person.values['name']}"
            for username, person in self.known.items()
            if person.is_active and not person.is_superuser
        }

    def write(self, created: Sequence[Row], updated: Sequence[Update]) -> None:
        actor = cast(User | None, self.actor)
        if created:
            people = [self._person(row) for row in created]
            roles = {row.values["username"]: self._stated_roles(row) for row in created}
            try:
                enrol_people(people=people, roles=roles, actor=actor)
            except GrantError as error:
                raise ImportRefused(str(error)) from None
        if fields := sorted({name for update in updated for name in update.changed}):
            change_people(people=[_changed(update, fields) for update in updated], fields=fields)

    def _person(self, row: Row) -> User:
        section, office = _section_and_office(self._stated_unit(row))
        facts = {
            name: row.values.get(name) or ""
            for name in ("username", "name", "position", "phone", "certificate_number")
        }
        expires_on = row.values.get("certificate_expires_on")
        return User(section=section, office=office, certificate_expires_on=expires_on, **facts)

    def note(self, created: Sequence[Row], updated: Sequence[Update]) -> None:
        self.enrolled += len(created)
        self.granted += sum(len(self._stated_roles(row)) for row in created)

    def consequences(self) -> list[str]:
        told = []
        if self.enrolled:
            told.append(f"{self.enrolled} 个新账号没有密码：导入后在各人页面“重置密码”，把临时密码交给本人。")
        if self.granted:
            told.append(f"新人员按表授予角色 {self.granted} 项。")
        return told

    @classmethod
    def lock(cls) -> None:
        lock_grants()  # before any person, as everywhere; nobody moves, leaves or gets a role meanwhile

    def export_rows(self, pks: Collection[Any] | None = None) -> Iterable[Mapping[str, Any]]:
        people = User.objects.order_by("-is_active", *BY_UNIT, "name", "pk")
        if pks is not None:
            people = people.filter(pk__in=pks)
        return (person.values for person in _known(people))


def _known(people: QuerySet[User]) -> Iterator[Known]:
    """In two queries."""
    in_force = Grant.objects.filter(ended_at=None).select_related("role").order_by("role__order", "role")
    people = people.select_related("section", "office").prefetch_related(
        Prefetch("grants", in_force, to_attr="grants_in_force")
    )
    for person in people:
        yield Known(
            pk=person.pk,
            unit=person.unit,
            is_active=person.is_active,
            is_superuser=person.is_superuser,
            values={
                "username": person.username,
                "name": person.name,
                "section": _name(person.section),
                "office": _name(person.office),
                "position": person.position,
                "roles": _names(grant.role for grant in person.grants_in_force),
                "phone": person.phone,
                "certificate_number": person.certificate_number,
                "certificate_expires_on": person.certificate_expires_on,
                "state": person.is_active,
            },
        )


def _ask_to_keep(row: Row, column: str, code: str, message: str, kept: str | None) -> None:
    proposal = kept or LEAVE_BLANK
    answer = row.ask(column, code, message, proposal, ((proposal, f"保留“{kept}”" if kept else "仍不填"),))
    if answer not in (None, proposal):
        row.error(column, code, message, proposal)


def _changed(update: Update, fields: Collection[str]) -> User:
    """The person with ``fields`` as they are to be: what the row does not change stays as it is."""
    values = {
        name: update.row.values[name] if name in update.changed else update.current.values[name]
        for name in fields
    }
    expires_on = values.pop("certificate_expires_on", None)
    texts = {name: value or "" for name, value in values.items()}
    return User(pk=update.current.pk, certificate_expires_on=expires_on, **texts)


def _section_and_office(unit: Unit | None) -> tuple[Section | None, TownshipOffice | None]:
    section = unit if isinstance(unit, Section) else None
    return section, unit if isinstance(unit, TownshipOffice) else None


def _column(unit: Unit) -> str:
    return "section" if isinstance(unit, Section) else "office"


def _name(unit: Unit | None) -> str | None:
    return unit.name if unit else None


def _names(roles: Iterable[Role]) -> str:
    return "、".join(dict.fromkeys(role.name for role in roles))
