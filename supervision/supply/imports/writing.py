"""Checked rows of the ledger as what the services write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from landbureau.accounts.models import Role, Township, TownshipOffice, User, Village
from landbureau.accounts.services.imports import enrol_people, open_offices, save_townships, save_villages
from landbureau.imports.targets import Row, Update
from supervision.supply.imports import groups as ledger
from supervision.supply.imports.columns import OF_PARCEL
from supervision.supply.imports.groups import OF_ROW, Group
from supervision.supply.imports.kinds import NONE_AGREED
from supervision.supply.imports.parties import Party
from supervision.supply.imports.places import Places
from supervision.supply.models import LandSupply, LandUser
from supervision.supply.services.ledger import ChangedSupply, save_ledger
from supervision.supply.services.supplies import NewSupply

if TYPE_CHECKING:
    from supervision.supply.imports.supplies import Supplies

TEXTS = frozenset({"supervision_number", "contract_number", "remark", "location", "use", "plot_ratio"})
VISITS = "create_visit"  # what an officer must be able to do


def write(target: Supplies, created: Sequence[Row], updated: Sequence[Update]) -> None:
    actor = cast(User | None, target.actor)
    rows = [*created, *(update.row for update in updated)]
    touched = list(dict.fromkeys(target.by_key[row.values["number"]] for row in rows))
    changed = {update.row.values["number"]: update.changed for update in updated if _is_head(target, update)}
    create_places(target.places, actor)
    _read_written(touched, target.places)
    writer = _Writer(target, touched)
    new = [group for group in touched if group.known is None]
    known = [group for group in touched if group.known is not None]
    save_ledger(
        land_users=writer.changed_land_users(touched),
        new=[writer.new(group) for group in new],
        changed=[writer.changed(group, changed.get(group.number, ())) for group in known],
        actor=actor,
        today=target.today,
    )
    writer.remember()
    for group in new:
        group.written = True


def _is_head(target: Supplies, update: Update) -> bool:
    return update.row is target.by_key[update.row.values["number"]].head


def _read_written(touched: Sequence[Group], places: Places) -> None:
    """Supplies that an earlier sheet of this file has brought."""
    written = {group.final_number: group for group in touched if group.known is None and group.written}
    if not written:
        return
    keys = dict(LandSupply.objects.filter(number__in=written).values_list("number", "pk"))
    held = ledger.load(list(keys.values()), places.called, lock=True)
    for number, group in written.items():
        group.known = held[keys[number]]


class _Writer:
    def __init__(self, target: Supplies, touched: Sequence[Group]) -> None:
        self.section, self.places = target.section, target.places
        self.payment_rate = target.numbers["payment_rate"]
        names = {name for group in touched if (name := group.head.values.get("township"))}
        townships = Township.objects.filter(name__in=names)
        self.townships = {township.name: township for township in townships}
        villages = Village.objects.filter(township__name__in=names | self._held_townships(touched))
        self.villages = {
            (village.township.name, village.name): village for village in villages.select_related("township")
        }
        self.land_users: dict[Party, LandUser] = {}
        keys = {group.party.pk for group in touched if group.party and group.party.pk}
        self.known: dict[int, LandUser] = {}
        for part in ledger.parts(keys):
            rows = LandUser.objects.select_for_update().filter(pk__in=part).order_by("pk")
            self.known |= {row.pk: row for row in rows}

    @staticmethod
    def _held_townships(touched: Sequence[Group]) -> set[str]:
        return {name for group in touched if group.known and (name := group.known.values["township"])}

    def changed_land_users(self, touched: Sequence[Group]) -> dict[LandUser, Mapping[str, Any]]:
        parties = dict.fromkeys(group.party for group in touched if group.party and group.party.pk)
        return {
            self.known[party.pk]: changes
            for party in parties
            if party and party.pk and (changes := party.changes())
        }

    def remember(self) -> None:
        """What has been written is what the system has, for the next sheet."""
        for party, land_user in self.land_users.items():
            party.pk = land_user.pk
        for party in self.land_users:
            names = ("identity", "contact", "phone", "address")
            party.held = {"name": party.name, **{name: party.detail(name) or "" for name in names}}

    def new(self, group: Group) -> NewSupply:
        contract = {name: _blank(name, group.value(name)) for name in OF_ROW}
        if contract["payment_rate"] is None and "payment_rate" not in group.head.values:
            contract["payment_rate"] = self.payment_rate
        assert group.party is not None
        return NewSupply(
            contract=contract | {"section": self.section},
            parcel={name: _blank(name, group.value(name)) for name in OF_PARCEL} | self._place(group),
            land_user=self._land_user(group.party),
            instalments=_lines(group.all_lines()),
            officer=self.places.person(group.value("officer")),
        )

    def changed(self, group: Group, names: Sequence[str]) -> ChangedSupply:
        known = group.known
        assert known is not None
        contract = {name: _blank(name, group.value(name)) for name in OF_ROW if name in names}
        if group.party and group.party.pk != known.supply.land_user_id:
            contract["land_user"] = self._land_user(group.party)
        parcel = {name: _blank(name, group.value(name)) for name in OF_PARCEL if name in names}
        if not {"township", "village"}.isdisjoint(names):
            parcel |= self._place(group)
            parcel = {
                name: value for name, value in parcel.items() if getattr(known.supply.parcel, name) != value
            }
        before, after = dict(sorted(known.lines.items())), group.all_lines()
        return ChangedSupply(
            known.supply,
            contract,
            parcel,
            instalments=_lines(after) if after != before else None,
            before=_lines(before),
            officer=self.places.person(group.value("officer")),
            has_officer="officer" in names,
        )

    def _land_user(self, party: Party) -> LandUser:
        if party.pk:
            return self.known[party.pk]
        if party not in self.land_users:
            details = {name: party.detail(name) or "" for name in ("identity", "contact", "phone", "address")}
            self.land_users[party] = LandUser(name=party.name, **details)
        return self.land_users[party]

    def _place(self, group: Group) -> dict[str, Any]:
        township, village = group.value("township"), group.value("village")
        found = self.townships.get(township)
        if found is None and township and group.known:
            found = group.known.supply.parcel.township
        place = self.villages.get((township or "", village or ""))
        if place is None and village and group.known and group.known.values["village"] == village:
            place = group.known.supply.parcel.village
        return {"township": found, "village": place}


def _lines(lines: Mapping[int, ledger.Line]) -> list[tuple[int, Any, Any]]:
    return [(seq, due_on, amount) for seq, (due_on, amount) in lines.items()]


def _blank(name: str, value: Any) -> Any:
    if name == "payment_rate" and value == NONE_AGREED:
        return None
    return "" if value is None and name in TEXTS else value


def create_places(places: Places, actor: User | None) -> None:
    """Townships, villages and officers that were agreed to be new, and are not there yet."""
    if offices := places.offices_of_new():
        open_offices(names=list(dict.fromkeys(offices.values())), actor=actor)
    _create_townships(places)
    _create_villages(places)
    _create_officers(places, actor)


def _create_townships(places: Places) -> None:
    there = set(Township.objects.filter(name__in=places.new_townships).values_list("name", flat=True))
    wanted = {name: office for name, office in places.new_townships.items() if name not in there}
    if not wanted:
        return
    offices = {office.name: office for office in TownshipOffice.objects.filter(name__in=wanted.values())}
    last = max(Township.objects.values_list("order", flat=True), default=0)
    rows = [
        Township(name=name, office=offices[office], order=last + place)
        for place, (name, office) in enumerate(wanted.items(), 1)
    ]
    save_townships(created=rows, changed=[], fields=[])


def _create_villages(places: Places) -> None:
    names = {township for township, _ in places.new_villages}
    if not names:
        return
    townships = {row.name: row for row in Township.objects.filter(name__in=names)}
    there = set(Village.objects.filter(township__name__in=names).values_list("township__name", "name"))
    wanted = [key for key in places.new_villages if key not in there]
    orders = Village.objects.filter(township__name__in=names).values_list("order", flat=True)
    last = max(orders, default=0)
    rows = [
        Village(township=townships[township], name=name, order=last + place)
        for place, (township, name) in enumerate(wanted, 1)
    ]
    if rows:
        save_villages(created=rows, changed=[], fields=[])


def _create_officers(places: Places, actor: User | None) -> None:
    wanted = {name: township for name, township in places.new_officers.items() if name not in places.officers}
    role = Role.objects.filter(permissions__codename=VISITS).order_by("order", "pk").first()
    if not wanted or role is None:
        return
    townships = Township.objects.filter(name__in=wanted.values()).select_related("office")
    offices = {township.name: township.office for township in townships}
    taken = set(User.objects.values_list("username", flat=True))
    people = []
    for name, township in wanted.items():
        username = next(text for text in (name, *(f"{name}{n}" for n in range(2, 1000))) if text not in taken)
        taken.add(username)
        people.append(User(username=username, name=name, office=offices[township]))
    enrol_people(people=people, roles={person.username: [role] for person in people}, actor=actor)
    for person in people:
        places.officers[person.name].append(person)
