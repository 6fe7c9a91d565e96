"""Who answers for which work from which day on, and work that changes hands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, models, transaction
from django.db.models import Q, QuerySet
from guardian.models import UserObjectPermission

from landbureau.accounts import catalogue
from landbureau.accounts.errors import WorkError
from landbureau.accounts.models import SCOPE_MODELS, Assignment, User, Village
from landbureau.accounts.services.locks import lock_people
from landbureau.audit.models import Entry
from landbureau.audit.services import record
from landbureau.workdays.models import Deadline
from landbureau.workdays.services import reassign_deadlines

VILLAGE_ROUND = "包村巡查"
DEADLINES = "期限"
SERVING = "文书送达"
SERVING_NOTICE = "通知单送达"
SUPERVISION = "供地监管"
NEEDED = {
    VILLAGE_ROUND: "create_patrol",
    DEADLINES: "view_deadline",
    SERVING: "serve_document",
    SERVING_NOTICE: "serve_notice",
    SUPERVISION: "create_visit",
}
"""Who takes over a task must hold this permission somewhere: who cannot open the work cannot do it."""
DAY = timedelta(days=1)
Row = TypeVar("Row", bound=models.Model)


@dataclass(frozen=True)
class HandOver:
    """What a hand-over did: how many rows each taker got, and what the person who ordered it should know."""

    shares: dict[User, int]
    warnings: list[str]

    @property
    def count(self) -> int:
        return sum(self.shares.values())

    def __str__(self) -> str:
        return "，".join(f"{taker} {count} 项" for taker, count in self.shares.items())


@transaction.atomic
def assign(*, user: User, task: str, subject: models.Model, starts_on: date) -> Assignment:
    """Make ``user`` answer for ``task`` on ``subject`` from ``starts_on``.

    Raises ``WorkError``: the person has left, or somebody answers for it already (hand it over instead).
    """
    _require_active(user)
    open_row = Assignment.objects.filter(
        content_type=ContentType.objects.get_for_model(subject), object_id=subject.pk, task=task, ends_on=None
    ).first()
    if open_row:
        raise WorkError(f"{subject}的{task}已由{open_row.user}承办，请用移交。")
    try:
        with transaction.atomic():
            return Assignment.objects.create(user=user, task=task, subject=subject, starts_on=starts_on)
    except IntegrityError as error:
        raise WorkError(f"{subject}的{task}刚刚已由他人安排，请刷新后再看。") from error


@transaction.atomic
def assign_villages(*, villages: Collection[Village], to: User, starts_on: date, actor: User) -> HandOver:
    """Give the rounds (包村巡查) of ``villages`` to one officer, whoever made them before.

    Villages that the officer has already stay as they are. Raises ``WorkError``: the officer has left or
    makes no rounds, or nothing would change.
    """
    _require_active(to)
    _require_able([to], [VILLAGE_ROUND], "officer")
    content_type = ContentType.objects.get_for_model(Village)
    rows = Assignment.objects.filter(
        content_type=content_type,
        object_id__in=[village.pk for village in villages],
        task=VILLAGE_ROUND,
        ends_on=None,
    )
    held = _locked(rows)
    _require_begun([row for row in held if row.user_id != to.pk], on=starts_on, field="starts_on")
    _change_hands([(row, to) for row in held if row.user_id != to.pk], on=starts_on)
    free = {village.pk for village in villages} - {row.object_id for row in held}
    try:
        with transaction.atomic():
            Assignment.objects.bulk_create(
                Assignment(
                    user=to, task=VILLAGE_ROUND, content_type=content_type, object_id=pk, starts_on=starts_on
                )
                for pk in sorted(free)
            )
    except IntegrityError as error:
        raise WorkError("其中有的村刚刚已由他人安排，请刷新后再看。") from error
    count = len(free) + sum(row.user_id != to.pk for row in held)
    if not count:
        raise WorkError(f"所选的村已经由{to}负责。")
    record(
        Entry.Action.BULK,
        actor=actor,
        subject=to,
        text=f"安排{VILLAGE_ROUND}：{to} {count} 个村",
        data={"villages": sorted(village.pk for village in villages), "starts_on": starts_on.isoformat()},
    )
    offices = {village.township.office_id for village in villages}
    warnings = [f"{to}不在这些村所属的国土所，请核对。"] if offices != {to.office_id} else []
    return HandOver({to: count}, warnings)


@transaction.atomic
def end_assignment(*, assignment: Assignment, on: date) -> None:
    """``on`` is the last day. Raises ``WorkError``: ended already, or before it began."""
    assignment = Assignment.objects.select_for_update(no_key=True, of=("self",)).get(pk=assignment.pk)
    if assignment.ends_on:
        raise WorkError("这项承办已经结束。")
    if on < assignment.starts_on:
        raise WorkError(f"结束日期不能早于开始日期 {assignment.starts_on.isoformat()}。", "on")
    assignment.ends_on = on
    assignment.save(update_fields=["ends_on"])


@transaction.atomic
def end_work(*, task: str, subject: models.Model, on: date) -> None:
    """The matter is settled: ``on`` is the last day of whoever answers for ``task`` on ``subject``.

    What was to begin later does not begin.
    """
    rows = Assignment.objects.filter(
        Q(ends_on=None) | Q(ends_on__gt=on),
        content_type=ContentType.objects.get_for_model(subject),
        object_id=subject.pk,
        task=task,
    )
    for row in sorted(_locked(rows), key=lambda row: (row.starts_on, row.pk), reverse=True):
        if row.starts_on > on:
            row.delete()
        else:
            row.ends_on = on
            row.save(update_fields=["ends_on"])


@transaction.atomic
def hand_over(
    *,
    person: User,
    takers: Sequence[User],
    on: date,
    reason: str,
    actor: User,
    assignments: Collection[int] | None = None,
    deadlines: Collection[int] | None = None,
    begun_only: bool = True,
) -> HandOver:
    """Hand open work of ``person`` to one or several takers: all of it, or what the keys name.

    Assignments end the day before ``on``, the takers' begin on it. Running time limits change their owner at
    once. Several takers get even shares in the order of the list. Raises ``WorkError``: no taker, one who has
    left, is the person or may not open such work, nothing to hand over, rows handed over meanwhile, or rows
    that begin after ``on`` (not with ``begun_only=False``: they change hands on their own first day).
    """
    people = lock_people(person, *takers)
    if not takers:
        raise WorkError("请选择接办人。", "takers")
    if person in takers:
        raise WorkError("接办人不能是本人。", "takers")
    if gone := [str(taker) for taker in takers if not people[taker.pk].is_active]:
        raise WorkError(f"{'、'.join(gone)}已停用，不能接办。", "takers")
    if assignments is None and deadlines is None:
        rows, limits = _locked(open_work(person)), _locked(open_deadlines_of(person))
    else:
        keys, limit_keys = set(assignments or ()), set(deadlines or ())
        rows = _locked(open_work(person).filter(pk__in=keys))
        limits = _locked(open_deadlines_of(person).filter(pk__in=limit_keys))
        if gone_rows := len(keys) + len(limit_keys) - len(rows) - len(limits):
            raise WorkError(f"其中 {gone_rows} 项刚刚已移交他人，请刷新后再选。")
    if not rows and not limits:
        raise WorkError(f"{person}没有可移交的工作。")
    _require_able(takers, {*(row.task for row in rows), *([DEADLINES] if limits else [])}, "takers")
    if begun_only:
        _require_begun(rows, on=on, field="on")
    rows.sort(key=lambda row: (row.task, row.content_type_id, row.object_id))
    limits.sort(key=lambda limit: limit.due_on)
    share = -(-(len(rows) + len(limits)) // len(takers))  # rounded up: the last taker may get fewer
    turns = [takers[index // share] for index in range(len(rows) + len(limits))]
    _change_hands(list(zip(rows, turns, strict=False)), on=on)
    for taker in takers:
        of_taker = zip(limits, turns[len(rows) :], strict=True)
        reassign_deadlines(deadlines=[limit.pk for limit, one in of_taker if one == taker], owner=taker)
    shares = dict(Counter(turns))
    result = HandOver(shares, _doubts(person, shares, on))
    record(
        Entry.Action.BULK,
        actor=actor,
        subject=person,
        text=f"移交工作：{person} → {result}（{reason or '未填事由'}）",
        data={
            "on": on.isoformat(),
            "assignments": [row.pk for row in rows],
            "deadlines": [limit.pk for limit in limits],
            "takers": {taker.username: count for taker, count in shares.items()},
        },
    )
    return result


def bring_forward(*, person: User, on: date) -> dict[str, str]:
    """Whoever takes over from ``person`` after ``on`` takes over on that day already.

    Of work that was to begin on ``on`` or later, the taker gets the person's days too. Returns the last days
    that the changed rows had, by their keys, for the record.
    """
    rows = _locked(Assignment.objects.filter(user=person, ends_on__gte=on))
    takers = {
        row.taken_over_from_id: row for row in _locked(Assignment.objects.filter(taken_over_from__in=rows))
    }
    changed = [row for row in rows if row.starts_on < on or row.pk in takers]
    before = {str(row.pk): row.ends_on.isoformat() for row in changed if row.ends_on}
    for row in changed:
        taker = takers.get(row.pk)
        if row.starts_on >= on and taker:
            row.user = taker.user
        else:
            row.ends_on = on - DAY
            if taker:
                taker.starts_on = on
    Assignment.objects.bulk_update(changed, ["user", "ends_on"])
    Assignment.objects.bulk_update(takers.values(), ["starts_on"])
    return before


def able_to_take(task: str) -> Q:
    """Condition on people: active, and holding by a grant of their own what the task needs."""
    if task not in NEEDED:
        return Q(is_active=True)
    holders = UserObjectPermission.objects.filter(
        permission__codename=NEEDED[task],
        content_type__in=[ContentType.objects.get_for_model(model).pk for model in SCOPE_MODELS],
    )
    return Q(is_active=True, pk__in=holders.values("user_id"))


def open_work(person: User) -> QuerySet[Assignment]:
    """What ``person`` answers for without an end."""
    return Assignment.objects.filter(user=person, ends_on=None)


def open_deadlines_of(person: User) -> QuerySet[Deadline]:
    """Running time limits (期限) of ``person``."""
    return Deadline.objects.filter(owner=person, settled_on=None)


def open_work_count(person: User) -> int:
    """How many things somebody else must take when ``person`` leaves."""
    return open_work(person).count() + open_deadlines_of(person).count()


def _locked(rows: QuerySet[Row]) -> list[Row]:
    return list(rows.select_for_update(no_key=True, of=("self",)).order_by("pk"))


def _change_hands(given: Iterable[tuple[Assignment, User]], *, on: date) -> None:
    """End the (locked) rows and begin their takers'; rows without a day before ``on`` get another person."""
    given = list(given)
    unbegun = [row for row, _ in given if row.starts_on >= on]
    for row, taker in given:
        if row.starts_on >= on:
            row.user = taker
    Assignment.objects.bulk_update(unbegun, ["user"])
    begin = [
        Assignment(
            user=taker,
            task=row.task,
            content_type_id=row.content_type_id,
            object_id=row.object_id,
            starts_on=on,
            taken_over_from=row,
        )
        for row, taker in given
        if row.starts_on < on
    ]
    ended = [row.taken_over_from for row in begin if row.taken_over_from]
    for row in begin:
        if row.taken_over_from:
            row.taken_over_from.ends_on = on - DAY
    Assignment.objects.bulk_update(ended, ["ends_on"])
    Assignment.objects.bulk_create(begin)


def _require_able(takers: Sequence[User], tasks: Iterable[str], field: str) -> None:
    for task in sorted(tasks):
        asked = User.objects.filter(pk__in=[taker.pk for taker in takers])
        able = set(asked.filter(able_to_take(task)).values_list("pk", flat=True))
        if unable := [str(taker) for taker in takers if taker.pk not in able]:
            needed = catalogue.permissions()[NEEDED[task]]
            raise WorkError(f"{'、'.join(unable)}没有“{needed.name}”的权限，不能接办{task}。", field)


def _require_begun(rows: Collection[Assignment], *, on: date, field: str) -> None:
    later = [row.starts_on for row in rows if row.starts_on > on]
    if later:
        raise WorkError(
            f"其中 {len(later)} 项自 {max(later).isoformat()} 起才由现承办人负责，日期不能早于这一天。", field
        )


def _require_active(user: User) -> None:
    if not lock_people(user)[user.pk].is_active:
        raise WorkError(f"{user}已停用，不能安排工作。", "user")


def _doubts(person: User, takers: Iterable[User], on: date) -> list[str]:
    """What is allowed but unusual about these takers."""
    takers = list(takers)
    elsewhere = [
        str(taker)
        for taker in takers
        if (taker.section_id, taker.office_id) != (person.section_id, person.office_id)
    ]
    absent = User.objects.filter(
        Q(absences__starts_on__lte=on, absences__ends_on__gte=on, absences__cancelled_at=None),
        pk__in=[taker.pk for taker in takers],
    )
    found = []
    if elsewhere and person.unit:
        found.append(f"{'、'.join(elsewhere)}不在{person.unit}，请核对是否合适。")
    if names := "、".join(str(taker) for taker in absent.order_by("pk").distinct()):
        found.append(f"{names}在 {on.isoformat()} 外出，期间由代办人办理。")
    return found
