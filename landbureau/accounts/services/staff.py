"""People come, move, leave and come back; a phone number is shown whole."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from landbureau.accounts.errors import OpenWorkLeft, StaffError
from landbureau.accounts.models import Absence, Grant, Role, Section, TownshipOffice, User
from landbureau.accounts.services.grants import ADMINISTRATION, grant_role, keep_an_administrator
from landbureau.accounts.services.locks import lock_grants, lock_people
from landbureau.accounts.services.permissions import sync_permissions
from landbureau.accounts.services.signin import end_sessions, reset_password
from landbureau.accounts.services.work import HandOver, bring_forward, hand_over, open_work_count
from landbureau.audit.models import Entry
from landbureau.audit.services import record


@transaction.atomic
def enrol(*, person: User, actor: User) -> str:
    """Save a new (validated, unsaved) person. Returns the first password, shown once, stored nowhere."""
    person.set_unusable_password()
    person.save()
    return reset_password(user=person, actor=actor)


@transaction.atomic
def move(
    *,
    person: User,
    section: Section | None,
    office: TownshipOffice | None,
    position: str,
    role: Role | None,
    takers: Sequence[User],
    take_along: bool,
    on: date,
    reason: str,
    actor: User,
    today: date,
) -> HandOver | None:
    """Move a person to another section or office; to neither only with a role that needs none (leaders).

    Grants bound to the unit that is left and the person's sessions end; ``role`` (if any) is granted in the
    new unit. Open work is handed to ``takers`` on the day ``on``, or goes along if ``take_along``. Raises
    ``OpenWorkLeft`` if neither is said, ``StaffError`` (also for a day to come), ``WorkError``,
    ``GrantError``.
    """
    lock_grants()
    person = lock_people(person, *takers)[person.pk]
    if not person.is_active:
        raise StaffError(f"{person}已停用，不能调动。")
    if (section, office) == (person.section, person.office):
        raise StaffError("新的科室和国土所与现在相同。", "section")
    if not section and not office and (role is None or role.needs_unit()):
        raise StaffError("请选择调入的科室或国土所；只有不分科室的角色（如局领导）可以都不选。", "section")
    if on > today:
        raise StaffError("调动日期不能晚于今天；预先的调动请到当天办理。", "on")
    if not takers and not take_along and (count := open_work_count(person)):
        raise OpenWorkLeft(f"{person}还有 {count} 项在办工作，请选择接办人，或选择随人带走。", "takers")
    handed = (  # before the unit changes, to which the takers are compared
        hand_over(person=person, takers=takers, on=on, reason=f"调动：{reason}", actor=actor)
        if takers
        else None
    )
    left = Q(section__isnull=False) & ~Q(section=section) | Q(office__isnull=False) & ~Q(office=office)
    of_old_unit = Grant.objects.filter(left, user=person, ended_at=None)
    administered = of_old_unit.filter(role__permissions__codename=ADMINISTRATION).exists()
    ended = _end_grants(of_old_unit, actor, f"调动：{reason}")
    before = str(person.unit or "未定")
    person.section, person.office, person.position = section, office, position
    person.version += 1
    person.save(update_fields=["section", "office", "position", "version"])
    sync_permissions(person)
    if role:
        grant_role(
            user=person, role=role, section=section, office=office, actor=actor, reason=f"调动：{reason}"
        )
    if administered:
        keep_an_administrator()
    sessions = end_sessions(user=person) if person != actor else 0
    record(
        Entry.Action.BULK,
        actor=actor,
        subject=person,
        text=f"人员调动：{person} {before} → {person.unit or '未定'}（{reason or '未填事由'}）",
        data={
            "on": on.isoformat(),
            "handed_over": handed.count if handed else 0,
            "grants_ended": ended,
            "sessions_ended": sessions,
        },
    )
    return handed


@transaction.atomic
def leave(
    *,
    person: User,
    on: date,
    takers: Sequence[User],
    cancel_deputising: bool,
    reason: str,
    actor: User,
    today: date,
) -> HandOver | None:
    """Deactivate a person who is gone from the day ``on``: work changes hands, all else ends.

    Sessions, grants, absences and deputising end. Raises ``OpenWorkLeft`` while work is open and ``takers``
    is empty, ``StaffError`` for oneself, for someone gone already, a day to come, or a deputy of others
    (unless ``cancel_deputising``), ``GrantError`` for the last administrator.
    """
    lock_grants()
    person = lock_people(person, *takers)[person.pk]
    if actor == person:
        raise StaffError("不能办理自己的离岗，请由另一位管理员办理。")
    if not person.is_active:
        raise StaffError(f"{person}已经离岗。")
    if on > today:
        raise StaffError("离岗日期不能晚于今天；以后离岗的，可先把工作移交到那一天。", "on")
    grants = Grant.objects.filter(user=person, ended_at=None)
    if grants.filter(role__permissions__codename=ADMINISTRATION).exists():
        keep_an_administrator(ending=grants.values_list("pk", flat=True))
    if (count := open_work_count(person)) and not takers:
        raise OpenWorkLeft(f"{person}还有 {count} 项在办工作，请选择接办人一并移交。", "takers")
    ahead = Absence.objects.filter(cancelled_at=None, ends_on__gte=today)
    for_others = ahead.filter(deputy=person)
    if not cancel_deputising and (names := sorted({str(a.user) for a in for_others.select_related("user")})):
        raise StaffError(
            f"{person}是{'、'.join(names)}的代办人，请先为他们另定代办人，或同意撤销这些委托。",
            "cancel_deputising",
        )
    handed = (
        hand_over(
            person=person, takers=takers, on=on, reason=f"离岗：{reason}", actor=actor, begun_only=False
        )
        if count
        else None
    )
    brought_forward = bring_forward(person=person, on=on)
    cancelled = ahead.filter(Q(user=person) | Q(deputy=person)).update(cancelled_at=timezone.now())
    ended = _end_grants(grants, actor, f"离岗：{reason}")
    sessions = end_sessions(user=person)
    person.is_active, person.left_on = False, on
    person.version += 1
    person.save(update_fields=["is_active", "left_on", "version"])
    sync_permissions(person)
    record(
        Entry.Action.BULK,
        actor=actor,
        subject=person,
        text=f"人员离岗：{person}（{reason or '未填事由'}）",
        data={
            "on": on.isoformat(),
            "handed_over": handed.count if handed else 0,
            "brought_forward": brought_forward,
            "grants_ended": ended,
            "absences_cancelled": cancelled,
            "sessions_ended": sessions,
        },
    )
    return handed


@transaction.atomic
def reinstate(*, person: User, actor: User) -> str:
    """Someone who left is back: an account without grants. Returns a temporary password.

    Raises ``StaffError`` if the person never left.
    """
    person = lock_people(person)[person.pk]
    if person.is_active:
        raise StaffError(f"{person}在岗，不需要恢复。")
    person.is_active, person.left_on = True, None
    person.version += 1
    person.save(update_fields=["is_active", "left_on", "version"])
    return reset_password(user=person, actor=actor)


def reveal_phone(*, person: User, actor: User) -> str:
    """The whole phone number; that it was read is recorded."""
    record(Entry.Action.REVEAL, actor=actor, subject=person, text=f"查看{person}的手机号")
    return person.phone


def _end_grants(grants: QuerySet[Grant], actor: User, reason: str) -> int:
    return grants.update(ended_at=timezone.now(), ended_by=actor, end_reason=reason[:120])
