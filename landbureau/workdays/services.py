"""Writes: the calendar, and the time limits that run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from django.contrib.auth import get_user_model
from django.db import IntegrityError, connection, models, transaction
from django.db.models import F

from landbureau.web.versions import save_edit
from landbureau.workdays import rules, selectors
from landbureau.workdays.models import (
    CalendarChange,
    CalendarDay,
    Deadline,
    DueDateChange,
    TimeLimit,
    UnitChoice,
)
from landbureau.workdays.rules import WorkdaysError
from landbureau.workdays.selectors import DayChange, Move, Proposal

BATCH = 500
CALENDAR_LOCK = 20260101  # any number that no other advisory lock of the database uses


class CalendarConflict(WorkdaysError):
    """Somebody else has changed the calendar since it was opened; ``latest`` says who, when and what."""

    def __init__(self, latest: CalendarChange | None) -> None:
        self.latest = latest
        who = f"{latest.made_by or '系统'}已修改日历（{latest.source}）" if latest else "日历已被他人修改"
        super().__init__(f"您打开之后，{who}。您填写的内容仍在下面，请按最新的日历重新核对后再保存。")


class NoticeUnreadable(WorkdaysError):
    """Lines of the pasted notice cannot be read; nothing was saved."""

    def __init__(self, errors: Sequence[rules.LineError]) -> None:
        self.errors = list(errors)
        super().__init__("；".join(f"第{error.line}行：{error.message}" for error in errors))


class DeadlineError(WorkdaysError):
    """A step that this time limit does not allow."""


# --- The calendar ----------------------------------------------------------------------------------


def lock_calendar(*, shared: bool) -> None:
    """Until the transaction ends nobody changes the calendar; not ``shared``: nobody counts by it either.

    Who also locks people locks them first. SQLite needs nothing: it has one writer at a time.
    """
    if connection.vendor == "postgresql":
        function = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(%s)", [CALENDAR_LOCK])


def read_notice(
    *, text: str, year: int, source: str, announced_on: date | None, complete: bool = True
) -> tuple[Proposal, rules.Notice]:
    """A pasted notice as a proposal, with what was read and what was ignored.

    Raises ``NoticeUnreadable`` with every line that is wrong.
    """
    notice = rules.parse_notice(text, year)
    errors = notice.errors
    if not notice.days and not errors:
        errors = [rules.LineError(1, "", "没有读到任何放假或上班的日期")]
    if errors:
        raise NoticeUnreadable(errors)
    days = [DayChange(day.on, day.is_workday, day.name) for day in notice.days]
    return Proposal(days, source, announced_on, year if complete else None), notice


@transaction.atomic
def change_calendar(
    *, proposal: Proposal, actor: models.Model | None, text: str = "", seen: int | None = None
) -> CalendarChange:
    """Change days and move the open time limits that hang on them; those told to somebody stay.

    ``seen``: the revision that the editor saw (None: whatever there is). Raises ``CalendarConflict`` if there
    is a newer one; of two at the same moment the unique revision lets only the first through.
    """
    lock_calendar(shared=False)
    latest = CalendarChange.objects.first()
    revision = latest.revision if latest else 0
    if seen is not None and seen != revision:
        raise CalendarConflict(latest)
    before = selectors.current_calendar()
    after = selectors.proposed_calendar(proposal, before)
    found = selectors.moves(proposal, after, lock=True)
    moving = [move for move in found if not move.kept]
    change = CalendarChange(
        revision=revision + 1,
        complete_year=proposal.complete_year,
        source=proposal.source,
        announced_on=proposal.announced_on,
        text=text,
        days=[_as_record(before.day(day.on), after.day(day.on)) for day in proposal.days],
        moved=sum(move.moves for move in moving),
        kept=len(found) - len(moving),
        made_by_id=actor.pk if actor else None,
    )
    try:
        with transaction.atomic():
            change.save(force_insert=True)
    except IntegrityError:
        raise CalendarConflict(CalendarChange.objects.first()) from None
    _write_days(proposal)
    _move(moving, change)
    return change


def _as_record(before: rules.Day, after: rules.Day) -> dict[str, Any]:
    return {
        "date": before.on.isoformat(),
        "was": before.is_workday,
        "is": after.is_workday,
        "name": after.name,
    }


def _write_days(proposal: Proposal) -> None:
    gone = [day.on for day in proposal.days if day.is_workday is None]
    if gone:
        CalendarDay.objects.filter(date__in=gone).delete()
    CalendarDay.objects.bulk_create(
        [
            CalendarDay(
                date=day.on,
                is_workday=day.is_workday,
                name=day.name,
                source=proposal.source,
                announced_on=proposal.announced_on,
            )
            for day in proposal.days
            if day.is_workday is not None
        ],
        update_conflicts=True,
        unique_fields=["date"],
        update_fields=["is_workday", "name", "source", "announced_on"],
    )


def _move(moves: list[Move], change: CalendarChange) -> None:
    """The calendar's own correction of stored days: in sets, with a row of history for each that moves."""
    same_end: dict[tuple[date, bool], list[int]] = defaultdict(list)
    for move in moves:
        same_end[move.due.on, move.due.provisional].append(move.deadline.pk)
    for (due_on, provisional), keys in same_end.items():
        for at in range(0, len(keys), BATCH):
            Deadline.objects.filter(pk__in=keys[at : at + BATCH]).update(
                due_on=due_on, provisional=provisional, version=F("version") + 1
            )
    DueDateChange.objects.bulk_create(
        [
            DueDateChange(
                deadline=move.deadline,
                old_event_on=move.deadline.event_on,
                new_event_on=move.deadline.event_on,
                old_due_on=move.old_on,
                new_due_on=move.due.on,
                reason=f"日历调整：{change.source}"[:200],
                calendar_change=change,
                made_by_id=change.made_by_id,
            )
            for move in moves
            if move.moves
        ],
        batch_size=BATCH,
    )


# --- Time limits that run --------------------------------------------------------------------------


@transaction.atomic
def register_deadline(
    *,
    title: str,
    event_on: date,
    owner: models.Model | None,
    limit: TimeLimit | None = None,
    number: int | None = None,
    unit: str = UnitChoice.DAYS,
    rolls: bool = False,
    backwards: bool = False,
    told_on: date | None = None,
    note: str = "",
    subject: models.Model | None = None,
    actor: models.Model | None = None,
) -> Deadline:
    """Begin a time limit: by a row of the law, or by ``number`` and ``unit``.

    Number 0: ``event_on`` is the last day itself. How it counts is copied; its last day is computed and
    stored. Raises ``DeadlineError`` if the owner has left or it was told before the event, ``WorkdaysError``
    beyond the year 9999.
    """
    if limit is not None:
        number, unit, rolls, backwards = limit.number, limit.unit, limit.rolls, limit.backwards
    if number is None:
        raise DeadlineError("请选择法定期限，或填写天数")
    if owner:
        lock_owner(owner)
    lock_calendar(shared=True)
    deadline = Deadline(
        title=title,
        owner_id=owner.pk if owner else None,
        limit=limit,
        event_on=event_on,
        number=number,
        unit=unit,
        rolls=rolls,
        backwards=backwards,
        told_on=told_on,
        note=note,
        subject=subject,
        registered_by_id=actor.pk if actor else None,
    )
    _refuse_told_early(deadline, told_on)
    due = deadline.due(event_on, selectors.current_calendar())
    deadline.due_on, deadline.provisional = due.on, due.provisional
    deadline.save()
    return deadline


@transaction.atomic
def reassign_deadlines(*, deadlines: Collection[int], owner: models.Model) -> int:
    """Give time limits (keys) to ``owner``. The hand-over that this belongs to locks and records them.

    Raises ``DeadlineError`` if the owner has left.
    """
    lock_owner(owner)
    return Deadline.objects.filter(pk__in=deadlines).update(owner=owner.pk, version=F("version") + 1)


def lock_owner(owner: models.Model) -> None:
    """Nobody leaves while work comes to him. Raises ``DeadlineError`` if he has left already."""
    people = get_user_model()._default_manager.select_for_update(no_key=True)
    if not people.get(pk=owner.pk).is_active:
        raise DeadlineError(f"{owner}已停用，不能承办期限")


def _refuse_told_early(deadline: Deadline, told_on: date | None) -> None:
    """A last day that is counted from an event cannot be told before it."""
    if told_on and told_on < deadline.event_on and deadline.counts_forward:
        raise DeadlineError("告知日期不能早于起算事件日期")


@transaction.atomic
def settle_deadline(
    *, deadline: Deadline, on: date, note: str = "", actor: models.Model | None = None
) -> Deadline:
    """The matter was done on ``on``.

    Raises ``DeadlineError`` if it is done already or ``on`` lies before the event, ``EditConflict`` if stale.
    """
    if deadline.settled_on:
        raise DeadlineError("这项期限已经办结")
    if deadline.counts_forward and on < deadline.event_on:
        raise DeadlineError(f"办结日期不能早于起算事件日期 {deadline.event_on}")
    deadline.settled_on = on
    deadline.settled_by_id = actor.pk if actor else None
    deadline.note = note or deadline.note
    save_edit(deadline, ["settled_on", "settled_by", "note"])
    return deadline


@transaction.atomic
def mark_told(*, deadline: Deadline, on: date) -> Deadline:
    """The last day was told to somebody in a document served on ``on``: from now on no calendar moves it."""
    if deadline.settled_on:
        raise DeadlineError("这项期限已经办结，不能再登记告知")
    if deadline.told_on:
        raise DeadlineError("这项期限的到期日已于此前告知")
    _refuse_told_early(deadline, on)
    deadline.told_on = on
    save_edit(deadline, ["told_on"])
    return deadline


@transaction.atomic
def correct_event(*, deadline: Deadline, event_on: date, reason: str, actor: models.Model | None) -> Deadline:
    """The event was on another day than registered: appended with its reason, the last day recomputed.

    Raises ``DeadlineError`` without a reason or for a settled matter, ``EditConflict`` if stale.
    """
    if deadline.settled_on:
        raise DeadlineError("这项期限已经办结，不能更正")
    if not reason.strip():
        raise DeadlineError("请写明更正的理由")
    lock_calendar(shared=True)
    old_event_on, old_due_on = deadline.event_on, deadline.due_on
    due = deadline.due(event_on, selectors.current_calendar())
    deadline.event_on, deadline.due_on, deadline.provisional = event_on, due.on, due.provisional
    save_edit(deadline, ["event_on", "due_on", "provisional"])
    DueDateChange.objects.create(
        deadline=deadline,
        old_event_on=old_event_on,
        new_event_on=event_on,
        old_due_on=old_due_on,
        new_due_on=due.on,
        reason=reason,
        made_by_id=actor.pk if actor else None,
    )
    return deadline
