"""The daily sweep (house.md 4): finds what is due and writes notice rows, nothing else.

Set-based, against a unique key: twice, late, or in two workers at once gives each notice once. Its cost
follows what is due. Documents are drafted from the notices by the next task.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from time import monotonic
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from landbureau.accounts.models import Bureau, User
from landbureau.audit.models import Entry
from landbureau.audit.services import record
from supervision.supply import rules
from supervision.supply.models import Event, Instalment, LandSupply, Milestone, Notice, Sweep
from supervision.supply.models.events import KindChoice
from supervision.supply.rules import Matter, NoticeCode, PaymentState, StageState, Terms, Track
from supervision.supply.rules.matters import MONTH, OF_STAGE, subject_of
from supervision.supply.selectors.facts import facts_of, terms
from supervision.supply.selectors.states import instalments_with_state
from supervision.supply.selectors.supervised import under_supervision
from supervision.supply.services.notices import ENDED, is_monthly, repeats, settle_due

HELD = (
    NoticeCode.PAYMENT_DEMAND,
    NoticeCode.START_RECHECK,
    NoticeCode.COMPLETION_RECHECK,
    NoticeCode.VISIT_DUE,
)
"""What is held back for review where it fell due before the bureau went live."""
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Found:
    """A matter of a supply, with the row that it concerns."""

    supply: int
    matter: Matter
    instalment: int | None = None

    @property
    def identity(self) -> tuple[int, str]:
        return self.supply, self.matter.key


def sweep(*, today: date, actor: User | None = None) -> Sweep:
    """Write the notices of ``today``; one audit row. The run says what was created and what held back."""
    began = monotonic()
    with transaction.atomic():
        found = due(today)
        held = {one.identity for one in _held(found)}
        wanted = [one for one in found if one.identity not in held]
        run = Sweep.objects.create(on=today, made_by=actor)
        _write(run, wanted, today)
        created: Counter[Any] = Counter(
            Notice.objects.filter(sweep=run).order_by().values_list("kind", flat=True)
        )
        settle_due({one.identity for one in found}, today)
        run.created = {code.value: created.get(code.value, 0) for code in NoticeCode}
        run.already = len(wanted) - created.total()
        gaps = sum(one.matter.code == NoticeCode.DATA_GAP for one in found)
        run.excluded = gaps + len(held)
        run.seconds = round(monotonic() - began, 3)
        run.save(update_fields=["created", "already", "excluded", "seconds"])
        record(
            Entry.Action.BULK,
            actor=actor,
            subject=run,
            text=f"每日扫描 {today}：新增 {created.total()} 项",
            data={"created": created.total(), "already": run.already, "excluded": run.excluded},
        )
    return run


def due(today: date) -> list[Found]:
    """Everything that is due on ``today``, whether it has a notice or not."""
    numbers, repeat, monthly = terms(), repeats(), is_monthly()
    found = [*_payments(today, numbers, repeat), *_stages(today, repeat)]
    found += _monthly_visits(today) if monthly else _stage_visits(today)
    found += _gaps(today, numbers)
    return sorted(found, key=lambda one: one.identity)


def held_back(today: date) -> list[Found]:
    """What fell due before the bureau went live and nobody has confirmed yet: the review list."""
    return _held(due(today)) if _go_live() else []


@transaction.atomic
def release(*, found: list[Found], today: date, actor: User) -> int:
    """Write notices for matters of the review list that were confirmed; how many are new."""
    run = Sweep.objects.create(on=today, made_by=actor)
    _write(run, found, today)
    created = Counter(Notice.objects.filter(sweep=run).values_list("kind", flat=True))
    run.created, run.already = {**created}, len(found) - created.total()
    run.save(update_fields=["created", "already"])
    record(
        Entry.Action.BULK,
        actor=actor,
        subject=run,
        text=f"确认启用前到期的事项：{created.total()} 项",
        data={"created": created.total()},
    )
    return created.total()


def _go_live() -> date | None:
    return Bureau.objects.values_list("go_live_on", flat=True).get()


def _held(found: list[Found]) -> list[Found]:
    """Those that fell due before the bureau went live. What was confirmed once goes on, and repeats."""
    since = _go_live()
    held = [one for one in found if since and _fell_due_before(one.matter, since)]
    if not held:
        return []
    before = _predecessors({one.supply for one in held})
    keys = {one.supply for one in held}.union(*before.values())
    rows = Notice.objects.filter(supply__in=keys).order_by()
    confirmed = {(supply, subject_of(key)) for supply, key in rows.values_list("supply", "key")}
    return [
        one
        for one in held
        if not any(
            (supply, subject_of(one.matter.key)) in confirmed
            for supply in (one.supply, *before.get(one.supply, ()))
        )
    ]


def _fell_due_before(matter: Matter, since: date) -> bool:
    if matter.code not in HELD or matter.due_on is None:
        return False
    if matter.about == MONTH:  # the last day of the month is the last day for its visit
        return rules.month_of(matter.due_on + timedelta(days=31)) <= since
    return matter.due_on < since


def _write(run: Sweep, found: list[Found], today: date) -> None:
    keys = {one.supply for one in found}
    known = set(Notice.objects.filter(supply__in=keys).values_list("supply", "key"))
    known |= _settled_before(keys)
    Notice.objects.bulk_create(
        [_notice(run, one, today) for one in found if one.identity not in known],
        ignore_conflicts=True,
        batch_size=500,
    )


def _predecessors(keys: Collection[int]) -> dict[int, list[int]]:
    """The supplies from which these come by transfers and splits, the nearest first. Mostly one query."""
    origin: dict[int, int] = {}
    wanted = set(keys)
    while wanted:
        rows: Any = LandSupply.objects.filter(pk__in=wanted, origin__isnull=False).order_by()
        new: dict[int, int] = dict(rows.values_list("pk", "origin"))
        wanted = set(new.values()) - set(origin) - set(new)
        origin |= new
    found: dict[int, list[int]] = {}
    for key in set(keys) & set(origin):
        chain, at = [], key
        while (at := origin.get(at, 0)) and at not in chain:
            chain.append(at)
        found[key] = chain
    return found


def _settled_before(keys: Collection[int]) -> set[tuple[int, str]]:
    """Matters of these supplies that were told and settled while the land was part of another supply.

    What was still open there when it ended is told anew here.
    """
    before = _predecessors(keys)
    if not before:
        return set()
    rows = Notice.objects.filter(supply__in=set().union(*before.values()), closed_on__isnull=False)
    settled = set(rows.exclude(closed_because=ENDED).order_by().values_list("supply", "key"))
    return {(supply, key) for supply, chain in before.items() for of, key in settled if of in chain}


def _notice(run: Sweep, one: Found, today: date) -> Notice:
    matter = one.matter
    return Notice(
        supply_id=one.supply,
        instalment_id=one.instalment,
        kind_id=matter.code.value,
        track=_track(matter),
        gap=matter.about if matter.code == NoticeCode.DATA_GAP else "",
        due_on=matter.due_on,
        round=matter.round,
        key=matter.key,
        sweep=run,
        found_on=today,
    )


def _track(matter: Matter) -> str:
    match matter.code:
        case NoticeCode.PAYMENT_REMINDER | NoticeCode.PAYMENT_DEMAND:
            return Track.PAYMENT.value
        case NoticeCode.VISIT_DUE:
            return "" if matter.about == MONTH else matter.about
        case NoticeCode.DATA_GAP:
            return ""
        case _:
            return matter.code.partition("_")[0]


def _payments(today: date, numbers: Terms, repeat: dict[str, int | None]) -> Iterator[Found]:
    """Two queries, each with an index of its own: what is unsettled, and what was settled since ``today``."""
    begun: Any = (
        instalments_with_state(today, numbers)
        .filter(under_supervision("supply__", today), remind_from__lte=today)
        .filter(state__in=[PaymentState.REMINDER.value, PaymentState.OVERDUE.value])
        .order_by()
    )
    columns = ("pk", "supply", "seq", "due_on", "effective_due_on", "demanded_on", "state")
    for rows in (begun.filter(settled_on=None), begun.filter(settled_on__gt=today)):
        for pk, supply, seq, due_on, effective, demanded_on, state in rows.values_list(*columns):
            if state == PaymentState.REMINDER:
                yield Found(supply, Matter(NoticeCode.PAYMENT_REMINDER, str(seq), due_on), pk)
            elif demanded_on is None or demanded_on > today:
                times = rules.round_of(effective + DAY, today, repeat.get(NoticeCode.PAYMENT_DEMAND))
                yield Found(supply, Matter(NoticeCode.PAYMENT_DEMAND, str(seq), due_on, times), pk)


def _open_milestones(today: date, *conditions: Any) -> Iterator[tuple[int, str, date, date | None]]:
    """Supply, stage, agreed day and visit of those in force on ``today`` with the reminder begun and the goal
    not reached; in two queries: as it is now, and what has changed since ``today``."""
    begun = Milestone.objects.filter(
        under_supervision("supply__", today), *conditions, remind_from__lte=today
    )
    in_force = Q(known_from__lte=today) & (Q(until=None) | Q(until__gt=today))
    unreached = Q(reached_on=None) | Q(reached_on__gt=today)
    for rows in (
        begun.filter(until=None, reached_on=None, known_from__lte=today),
        begun.filter(in_force, unreached).filter(Q(until__gt=today) | Q(reached_on__gt=today)),
    ):
        yield from rows.order_by().values_list("supply", "track", "due_on", "visited_on")


def _stages(today: date, repeat: dict[str, int | None]) -> Iterator[Found]:
    for supply, track, due_on, visited_on in _open_milestones(today):
        is_late = due_on < today
        if is_late and visited_on is not None and visited_on <= today:
            continue
        code = OF_STAGE[Track(track), StageState.RECHECK if is_late else StageState.REMINDER]
        times = rules.round_of(due_on + DAY, today, repeat.get(code)) if is_late else 1
        yield Found(supply, Matter(code, "", due_on, times))


def _stage_visits(today: date) -> Iterator[Found]:
    visits = Event.objects.in_force().filter(
        supply=OuterRef("supply"), kind=KindChoice.VISIT, on__gte=OuterRef("remind_from"), on__lte=today
    )
    rows = _open_milestones(today, ~Exists(visits), Q(due_on__gte=today - DAY))
    for supply, track, due_on, _ in rows:
        yield Found(supply, Matter(NoticeCode.VISIT_DUE, track, due_on))


def _monthly_visits(today: date) -> Iterator[Found]:
    month = rules.month_of(today)
    visits = Event.objects.in_force().filter(
        supply=OuterRef("pk"), kind=KindChoice.VISIT, on__range=(month, today)
    )
    rows = LandSupply.objects.filter(under_supervision("", today), ~Exists(visits))
    rows = rows.filter(Q(signed_on=None) | Q(signed_on__lte=month))
    for supply in rows.order_by().values_list("pk", flat=True):
        yield Found(supply, Matter(NoticeCode.VISIT_DUE, MONTH, month))


def _gaps(today: date, numbers: Terms) -> Iterator[Found]:
    """The few supplies that may lack something are looked at one by one, in sets."""
    suspects = LandSupply.objects.filter(under_supervision("", today), gap_suspect=True)
    for supplies in _chunks(suspects.select_related("parcel").order_by("pk")):
        found = facts_of(supplies)
        seqs = _instalment_keys(supplies)
        for supply in supplies:
            facts = found[supply.pk]
            for gap, seq in rules.gaps(facts, rules.view_of(facts, today, numbers), numbers):
                about = gap.value if seq is None else f"{gap.value}-{seq}"
                instalment = seqs.get((supply.pk, seq)) if seq is not None else None
                yield Found(supply.pk, Matter(NoticeCode.DATA_GAP, about), instalment)


def _instalment_keys(supplies: list[LandSupply]) -> dict[tuple[int, int], int]:
    rows = Instalment.objects.filter(supply__in=[supply.pk for supply in supplies])
    return {(supply, seq): pk for supply, seq, pk in rows.values_list("supply", "seq", "pk")}


def _chunks(rows: Any, size: int = 500) -> Iterator[list[LandSupply]]:
    after = 0
    while part := list(rows.filter(pk__gt=after)[:size]):
        yield part
        after = part[-1].pk


__all__ = ["Found", "due", "held_back", "release", "sweep"]
