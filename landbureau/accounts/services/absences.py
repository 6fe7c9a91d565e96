"""Absences with a deputy: the deputy holds the absent person's permissions on these days, and no longer."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from landbureau.accounts.errors import AbsenceError
from landbureau.accounts.models import Absence, User
from landbureau.accounts.services.locks import lock_people


@transaction.atomic
def register_absence(
    *,
    person: User,
    deputy: User,
    starts_on: date,
    ends_on: date,
    today: date,
    actor: User,
    reason: str = "",
) -> Absence:
    """``person`` is away on these days (both included), ``deputy`` acts meanwhile.

    Deputising does not pass on: whoever deputises may not be absent on a day of it. Nobody appoints himself
    deputy of another (he would give himself permissions). Raises ``AbsenceError``.
    """
    people = lock_people(person, deputy)
    if ends_on < starts_on:
        raise AbsenceError("结束日期不能早于开始日期。", "ends_on")
    if ends_on < today:
        raise AbsenceError("这段日期已经过去，不需要委托。", "ends_on")
    if deputy == person:
        raise AbsenceError("代办人不能是本人。", "deputy")
    if actor == deputy:
        raise AbsenceError("替他人登记外出时，不能指定自己为代办人。", "deputy")
    for someone, field in ((person, "person"), (deputy, "deputy")):
        if not people[someone.pk].is_active:
            raise AbsenceError(f"{someone}已停用。", field)
    days = _in_force(starts_on, ends_on)
    if own := days.filter(user=person).first():
        raise AbsenceError(f"{person}在 {_days(own)} 已有外出委托，请先撤销或改选日期。", "starts_on")
    if own := days.filter(user=deputy).first():
        raise AbsenceError(f"{deputy}在 {_days(own)} 外出，不能代办。", "deputy")
    if other := days.filter(deputy=person).select_related("user").first():
        raise AbsenceError(
            f"{person}在 {_days(other)} 是{other.user}的代办人，请先为{other.user}另定代办人。", "starts_on"
        )
    return Absence.objects.create(
        user=person, deputy=deputy, starts_on=starts_on, ends_on=ends_on, reason=reason
    )


@transaction.atomic
def cancel_absence(*, absence: Absence, today: date) -> None:
    """End the deputising at once. Raises ``AbsenceError``: cancelled already, or over."""
    absence = Absence.objects.select_for_update(no_key=True, of=("self",)).get(pk=absence.pk)
    if absence.cancelled_at:
        raise AbsenceError("这项委托已经撤销。")
    if absence.ends_on < today:
        raise AbsenceError("这项委托已经结束。")
    absence.cancelled_at = timezone.now()
    absence.save(update_fields=["cancelled_at"])


def _in_force(starts_on: date, ends_on: date) -> QuerySet[Absence]:
    """Absences that share a day with the interval (both ends included)."""
    return Absence.objects.filter(
        Q(starts_on__lte=ends_on, ends_on__gte=starts_on), cancelled_at=None
    ).order_by("starts_on")


def _days(absence: Absence) -> str:
    return f"{absence.starts_on.isoformat()} 至 {absence.ends_on.isoformat()}"
