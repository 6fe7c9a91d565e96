"""Absences: the deputy may on these days, in Shanghai's days, and not before or after."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction

from landbureau.accounts.errors import AbsenceError
from landbureau.accounts.models import Absence, User
from landbureau.accounts.services import cancel_absence, grant_role, register_absence
from tests.accounts.factories import TODAY, role
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
FROM, TO = date(2026, 11, 24), date(2026, 11, 25)


@pytest.fixture
def leader() -> User:
    user: User = UserFactory.create(name="周局长")
    grant_role(user=user, role=role("leader"), actor=None)
    return user


@pytest.fixture
def deputy() -> User:
    user: User = UserFactory.create(name="吴副局")
    return user


def register(
    person: User, deputy: User, *, starts: date = FROM, ends: date = TO, actor: User | None = None
) -> Absence:
    return register_absence(
        person=person, deputy=deputy, starts_on=starts, ends_on=ends, today=TODAY, actor=actor or person
    )


def may(user: User, codename: str = "approve_case") -> bool:
    return User.objects.get(pk=user.pk).has_perm(f"accounts.{codename}")


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-23T15:59:59Z", False),  # 23:59:59 in Shanghai, the day before
        ("2026-11-23T16:00:00Z", True),  # midnight in Shanghai, still the 23rd in UTC
        ("2026-11-25T15:59:59Z", True),
        ("2026-11-25T16:00:00Z", False),
    ],
)
def test_the_deputy_may_from_midnight_to_midnight_in_shanghai(
    leader: User, deputy: User, moment: str, expected: bool
) -> None:
    register(leader, deputy)

    with time_machine.travel(moment, tick=False):
        assert may(deputy) is expected
        assert may(leader)


def test_cancelling_ends_it_at_once(leader: User, deputy: User) -> None:
    absence = register(leader, deputy)
    with time_machine.travel("2026-11-24T08:00:00+08:00", tick=False):
        assert may(deputy)
        cancel_absence(absence=absence, today=FROM)
        assert not may(deputy)
        with pytest.raises(AbsenceError, match="已经撤销"):
            cancel_absence(absence=absence, today=FROM)


def test_an_absence_that_is_over_cannot_be_cancelled(leader: User, deputy: User) -> None:
    absence = register(leader, deputy)
    with pytest.raises(AbsenceError, match="已经结束"):
        cancel_absence(absence=absence, today=TO + timedelta(days=1))


def test_deputising_does_not_pass_on(leader: User, deputy: User) -> None:
    """Even with rows that the service would refuse."""
    third = UserFactory.create()
    Absence.objects.create(user=leader, deputy=deputy, starts_on=FROM, ends_on=TO)
    Absence.objects.create(user=deputy, deputy=third, starts_on=FROM, ends_on=TO)

    with time_machine.travel("2026-11-24T08:00:00+08:00", tick=False):
        assert may(deputy)
        assert not may(third)


def test_nothing_is_had_from_someone_who_has_left(leader: User, deputy: User) -> None:
    register(leader, deputy)
    User.objects.filter(pk=leader.pk).update(is_active=False)

    with time_machine.travel("2026-11-24T08:00:00+08:00", tick=False):
        assert not may(deputy)


@pytest.mark.parametrize(
    ("starts", "ends", "refused"),
    [
        (FROM - timedelta(days=2), FROM - timedelta(days=1), False),
        (FROM - timedelta(days=2), FROM, True),
        (FROM, TO, True),
        (TO, TO + timedelta(days=3), True),
        (FROM - timedelta(days=1), TO + timedelta(days=1), True),
        (TO + timedelta(days=1), TO + timedelta(days=1), False),
    ],
)
def test_two_absences_of_one_person_share_no_day(
    leader: User, deputy: User, starts: date, ends: date, refused: bool
) -> None:
    register(leader, deputy)

    if not refused:
        register(leader, deputy, starts=starts, ends=ends)
        return
    with pytest.raises(AbsenceError, match="已有外出委托") as error:
        register(leader, UserFactory.create(), starts=starts, ends=ends)
    assert error.value.field == "starts_on"


def test_a_cancelled_absence_leaves_its_days_free(leader: User, deputy: User) -> None:
    cancel_absence(absence=register(leader, deputy), today=TODAY)

    assert register(leader, deputy)


def test_who_is_away_deputises_for_nobody_and_who_deputises_stays(leader: User, deputy: User) -> None:
    third = UserFactory.create()
    register(deputy, third)
    with pytest.raises(AbsenceError, match="吴副局在 2026-11-24 至 2026-11-25 外出"):
        register(leader, deputy)
    with pytest.raises(AbsenceError, match="的代办人，请先为吴副局另定代办人"):
        register(third, leader)


def test_one_may_deputise_for_two(leader: User, deputy: User) -> None:
    clerk = UserFactory.create()
    grant_role(user=clerk, role=role("archive_clerk"), actor=None)
    register(leader, deputy)
    register(clerk, deputy)

    with time_machine.travel("2026-11-24T08:00:00+08:00", tick=False):
        assert may(deputy)
        assert may(deputy, "update_archive_lookup")


def test_dates_must_make_sense(leader: User, deputy: User) -> None:
    with pytest.raises(AbsenceError, match="不能早于开始日期"):
        register(leader, deputy, starts=TO, ends=FROM)
    with pytest.raises(AbsenceError, match="已经过去"):
        register(leader, deputy, starts=TODAY - timedelta(days=5), ends=TODAY - timedelta(days=1))
    assert register(leader, deputy, starts=TODAY - timedelta(days=5), ends=TODAY)


def test_both_must_work_here(leader: User, deputy: User) -> None:
    gone = UserFactory.create(is_active=False)
    with pytest.raises(AbsenceError, match="已停用"):
        register(leader, gone)
    with pytest.raises(AbsenceError, match="已停用"):
        register(gone, deputy)


def test_nobody_deputises_for_himself(leader: User) -> None:
    with pytest.raises(AbsenceError, match="不能是本人"):
        register(leader, leader)
    with pytest.raises(IntegrityError), transaction.atomic():
        Absence.objects.create(user=leader, deputy=leader, starts_on=FROM, ends_on=TO)


def test_nobody_makes_himself_the_deputy_of_another(leader: User) -> None:
    admin = UserFactory.create()
    grant_role(user=admin, role=role("admin"), actor=None)

    with pytest.raises(AbsenceError, match="不能指定自己为代办人"):
        register(leader, admin, actor=admin)
