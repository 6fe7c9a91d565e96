"""Check lists are drawn: at random among the supplies, or for officers of other offices (交叉巡查).

A draw can be repeated: the supplies are put into an order that follows from the seed and their numbers
alone, and the first ones are taken. Whoever knows the seed can do the same with paper and SHA-256.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from hashlib import sha256

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import QuerySet
from guardian.models import UserObjectPermission

from landbureau.accounts.models import Township, TownshipOffice, User
from landbureau.audit.models import Entry
from landbureau.audit.services import record
from supervision.supply.errors import SupplyError
from supervision.supply.models import CheckList, CheckListEntry, LandSupply
from supervision.supply.selectors.supervised import officers_of, under_supervision

Kind = CheckList.Kind
MOST = 500


def rank(seed: str, *words: str) -> str:
    """The place of something in the order of a seed."""
    return sha256("\n".join((seed, *words)).encode()).hexdigest()


def population(actor: User, today: date, townships: Sequence[Township] = ()) -> QuerySet[LandSupply]:
    """The supplies from which ``actor`` may draw: under supervision, of these townships or of all."""
    rows: QuerySet[LandSupply] = LandSupply.objects.visible_to(actor, "approve_supply")
    rows = rows.filter(under_supervision("", today))
    if townships:
        rows = rows.filter(parcel__township__in=townships)
    return rows.select_related("parcel__township").order_by("number")


@transaction.atomic
def draw(
    *,
    kind: str,
    title: str,
    count: int,
    due_on: date,
    seed: str,
    actor: User,
    today: date,
    townships: Sequence[Township] = (),
) -> CheckList:
    """Draw ``count`` supplies and say who looks at each: its officer, or for 交叉巡查 one of another office.

    Raises ``SupplyError``: fewer supplies, a day that has passed, nobody of another office.
    """
    if due_on < today:
        raise SupplyError("完成期限不能早于今天。", "due_on")
    if not 0 < count <= MOST:
        raise SupplyError(f"一次可抽取 1 至 {MOST} 宗。", "count")
    rows = list(population(actor, today, townships))
    if len(rows) < count:
        raise SupplyError(f"范围内在管的只有 {len(rows)} 宗。", "count")
    drawn = chosen(rows, seed, count)
    people = _others(drawn, seed) if kind == Kind.CROSS else officers_of([row.pk for row in drawn])
    made = CheckList.objects.create(
        kind=kind, title=title, drawn_on=today, due_on=due_on, seed=seed, drawn_by=actor
    )
    CheckListEntry.objects.bulk_create(
        CheckListEntry(check_list=made, supply=row, officer=people.get(row.pk)) for row in drawn
    )
    record(
        Entry.Action.BULK,
        actor=actor,
        subject=made,
        text=f"抽取检查名单：{title}，{count} 宗",
        data={"count": count},
    )
    return made


def chosen(rows: Iterable[LandSupply], seed: str, count: int) -> list[LandSupply]:
    """The first ``count`` in the order of the seed."""
    return sorted(rows, key=lambda row: rank(seed, row.number))[:count]


def _others(drawn: Sequence[LandSupply], seed: str) -> Mapping[int, User]:
    """For each supply an officer of another office than that of its township; evenly, by the seed."""
    offices = visitors()
    load: Counter[int] = Counter()
    found: dict[int, User] = {}
    for row in drawn:
        township = row.parcel.township
        able = [
            person for person, own in offices.items() if township is None or township.office_id not in own
        ]
        if not able:
            raise SupplyError("没有其他国土所的巡查人员，不能交叉巡查。", "kind")
        taker = min(able, key=lambda one: (load[one.pk], rank(seed, row.number, one.username)))
        load[taker.pk] += 1
        found[row.pk] = taker
    return found


def visitors() -> dict[User, set[int]]:
    """Who makes visits, with the offices for which they do. One query."""
    rows = UserObjectPermission.objects.filter(
        permission__codename="create_visit",
        content_type=ContentType.objects.get_for_model(TownshipOffice),
        user__is_active=True,
    )
    found: dict[User, set[int]] = {}
    for row in rows.select_related("user").order_by("user__username", "pk"):
        found.setdefault(row.user, set()).add(int(row.object_pk))
    return found
