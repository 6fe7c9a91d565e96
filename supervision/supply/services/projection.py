"""What follows from the facts of supplies, written beside them (``models.derived``).

Every act that adds or corrects a fact ends here, in its transaction. The rows hang on no day, so nothing has
to run at night to keep them true; only the calendar and the regime's numbers move them besides.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from django.db import transaction
from django.db.models import F, Q

from landbureau.accounts.models import User
from landbureau.imports.writing import update_rows
from landbureau.jobs.models import JobRun
from landbureau.jobs.progress import Progress
from landbureau.jobs.services import enqueue
from landbureau.workdays.rules import Calendar, WorkdaysError, roll_forward
from landbureau.workdays.selectors import current_calendar
from landbureau.workdays.services import lock_calendar
from supervision.supply import rules
from supervision.supply.models import Instalment, LandSupply, Milestone, Parameter, Share
from supervision.supply.rules.dates import days_after, days_before
from supervision.supply.rules.money import demanded_on, settled_on
from supervision.supply.selectors.facts import facts_of, terms

CHUNK = 500
JOB = "project_supplies"
PROJECTED = (
    "handed_over_on",
    "board_on",
    "started_on",
    "completed_on",
    "suspended_since",
    "closed_on",
    "urgent_on",
    "gap_suspect",
)
OF_INSTALMENT = ("remind_from", "terminable_from", "settled_on", "demanded_on")


@transaction.atomic
def project(keys: Collection[int]) -> None:
    """Write anew what follows from the facts of these supplies, in sets."""
    numbers = terms()
    keys = sorted(keys)
    for at in range(0, len(keys), CHUNK):
        part = keys[at : at + CHUNK]
        rows = LandSupply.objects.select_for_update(of=("self",), no_key=True).select_related("parcel")
        _project(list(rows.filter(pk__in=part).order_by("pk")), numbers)


def project_all_later(*, changed: Parameter | None = None, actor: User | None = None) -> JobRun | None:
    """Have every supply projected anew, after a number of the regime was changed. None: there are none.

    Each change gets a run of its own: one that is under way has begun with the old number.
    """
    if not LandSupply.objects.exists():
        return None
    trigger = JobRun.Trigger.PERSON if actor else JobRun.Trigger.COMMAND
    args = {"parameter": changed.pk, "version": changed.version} if changed else None
    return enqueue(JOB, trigger=trigger, actor=actor, args=args, recorded=False)


def project_supplies(run: Progress) -> None:
    """Job: every supply in chunks, each in a transaction of its own; supplies are never removed."""
    keys = list(LandSupply.objects.order_by("pk").values_list("pk", flat=True))
    for at in range(run.done, len(keys), CHUNK):
        part = keys[at : at + CHUNK]
        with transaction.atomic():
            project(part)
            run.progress(at + len(part), len(keys))
    run.counts["supplies"] = len(keys)


def roll(instalments: Iterable[Instalment], calendar: Calendar | None = None) -> None:
    """Set ``effective_due_on`` from ``due_on`` (the next working day); nothing is saved.

    Without ``calendar``: by the one in force, which nobody changes until the transaction ends.
    """
    if calendar is None:
        lock_calendar(shared=True)
        calendar = current_calendar()
    for one in instalments:
        if one.due_on is None:
            one.effective_due_on, one.provisional = None, False
            continue
        try:
            due = roll_forward(one.due_on, calendar)
        except WorkdaysError:
            one.effective_due_on, one.provisional = one.due_on, True
        else:
            one.effective_due_on, one.provisional = due.on, due.provisional


def _project(supplies: list[LandSupply], numbers: rules.Terms) -> None:
    """After its end nothing counts for a supply any more: what came later is left out."""
    keys = [supply.pk for supply in supplies]
    Milestone.objects.filter(supply__in=keys).delete()
    Share.objects.filter(instalment__supply__in=keys).delete()
    instalments: dict[int, list[Instalment]] = {}
    for one in Instalment.objects.filter(supply__in=keys):
        instalments.setdefault(one.supply_id, []).append(one)
    milestones: list[Milestone] = []
    shares: list[Share] = []
    all_facts = facts_of(supplies)
    for supply in supplies:
        facts = all_facts[supply.pk]
        ended = rules.closed_on(facts)
        if ended is not None:
            facts = facts.until(ended)
        rows = instalments.get(supply.pk, [])
        shares += _shares(facts, rows, numbers)
        milestones += _milestones(supply, facts, numbers)
        supply.handed_over_on = facts.first(rules.Kind.HANDOVER)
        supply.board_on = facts.first(rules.Kind.BOARD)
        supply.started_on, supply.completed_on = facts.started_on, facts.completed_on
        supply.suspended_since, supply.closed_on = facts.suspended_since, ended
        supply.gap_suspect = _may_lack_facts(facts)
        supply.urgent_on = None if ended else _urgent_on(facts, rows, numbers)
    Milestone.objects.bulk_create(milestones)
    Share.objects.bulk_create(shares)
    update_rows(supplies, PROJECTED)
    update_rows([one for rows in instalments.values() for one in rows], OF_INSTALMENT)


def _shares(facts: rules.Facts, rows: list[Instalment], numbers: rules.Terms) -> list[Share]:
    by_seq = {one.seq: one for one in rows}
    spread = rules.shares(facts)
    demands = list(facts.demands)
    for one in rows:
        paid = [share for share in spread if share.seq == one.seq]
        effective = one.effective_due_on
        one.settled_on = settled_on(one.amount, paid)
        one.demanded_on = demanded_on(effective, one.seq, one.amount, paid, demands)
        one.remind_from = days_before(one.due_on, numbers.remind_days) if one.due_on else None
        one.terminable_from = (
            days_after(effective, numbers.terminable_days + 1) if effective is not None else None
        )
    return [
        Share(
            instalment=by_seq[share.seq],
            event_id=share.event,
            on=share.on,
            amount=share.amount,
            surplus=share.surplus,
            moved=share.moved,
        )
        for share in spread
    ]


def _milestones(supply: LandSupply, facts: rules.Facts, numbers: rules.Terms) -> list[Milestone]:
    found = []
    for track, reached in (
        (rules.Track.START, facts.start_reached_on),
        (rules.Track.COMPLETION, facts.completed_on),
    ):
        for version in rules.versions(facts, track, numbers):
            found.append(
                Milestone(
                    supply=supply,
                    track=track.value,
                    due_on=version.due_on,
                    remind_from=days_before(version.due_on, numbers.remind_days),
                    known_from=version.known_from,
                    until=version.until,
                    source=version.source,
                    event_id=version.event,
                    reached_on=reached,
                    visited_on=version.visited_on,
                )
            )
    return found


def _may_lack_facts(facts: rules.Facts) -> bool:
    """Whether ``rules.gaps`` may find something on any day."""
    return (
        facts.agreed_start_on is None
        or facts.agreed_completion_on is None
        or any(one.due_on is None for one in facts.instalments)
        or bool(facts.price and not facts.instalments)
        or any(
            event.kind == rules.Kind.STOP or event.finding == rules.Finding.STOPPED for event in facts.events
        )
    )


def _urgent_on(facts: rules.Facts, rows: list[Instalment], numbers: rules.Terms) -> date | None:
    """The earliest agreed date that is not settled: what waits longest comes first in lists."""
    days = [one.due_on for one in rows if one.settled_on is None and one.due_on]
    goals = (
        (rules.Track.START, facts.start_reached_on),
        (rules.Track.COMPLETION, facts.completed_on),
    )
    for track, reached in goals:
        if reached is None and (found := rules.versions(facts, track, numbers)):
            days.append(found[-1].due_on)
    return min(days, default=None)


@transaction.atomic
def recompute_calendar(calendar: Calendar | None = None) -> int:
    """After the calendar changed: store the rolled dates of instalments anew. How many have another day.

    What was paid late, and what belongs to a supply that has ended, stays as it was. Start and completion
    never roll. A notice that has gone out is not repeated for a moved day.
    """
    changed = _rolled_anew(calendar)
    if changed:
        rows = [one for one, _ in changed]
        supplies = sorted({one.supply_id for one in rows})
        locked = LandSupply.objects.select_for_update(no_key=True).filter(pk__in=supplies)
        list(locked.order_by("pk").values_list("pk"))
        Instalment.objects.bulk_update(rows, ["effective_due_on", "provisional"], batch_size=200)
        project(supplies)
    return sum(one.effective_due_on != before for one, before in changed)


def moving_instalments(calendar: Calendar) -> int:
    """How many instalments would have another day by ``calendar``; nothing is saved."""
    return sum(one.effective_due_on != before for one, before in _rolled_anew(calendar))


def _rolled_anew(calendar: Calendar | None) -> list[tuple[Instalment, date | None]]:
    """Instalments whose day or certainty changes, with their new values and the old day."""
    in_time = Q(settled_on=None) | Q(settled_on__lte=F("due_on"))
    rows = list(Instalment.objects.filter(in_time, due_on__isnull=False, supply__closed_on=None))
    before = [(one.effective_due_on, one.provisional) for one in rows]
    roll(rows, calendar)
    return [
        (one, on)
        for one, (on, provisional) in zip(rows, before, strict=True)
        if (one.effective_due_on, one.provisional) != (on, provisional)
    ]
