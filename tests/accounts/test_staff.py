"""People come, move, leave and come back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from landbureau.accounts.errors import GrantError, OpenWorkLeft, StaffError, WorkError
from landbureau.accounts.models import Absence, Assignment, Grant, User
from landbureau.accounts.services import (
    enrol,
    grant_role,
    hand_over,
    leave,
    move,
    open_work,
    register_absence,
    reinstate,
    reveal_phone,
)
from landbureau.audit.models import Entry
from tests.accounts.factories import TODAY, RoundFactory, TakerFactory, role
from tests.factories import PASSWORD, OfficeFactory, SectionFactory, UserFactory
from tests.workdays.factories import make_deadline

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> User:
    user: User = UserFactory.create(name="管理员")
    grant_role(user=user, role=role("admin"), actor=None)
    return user


@pytest.fixture
def officer() -> User:
    office = OfficeFactory.create()
    user: User = UserFactory.create(name="王外业", office=office, phone="13800000000")
    grant_role(user=user, role=role("land_officer"), office=office, actor=None)
    return user


def go(person: User, actor: User, *takers: User, **more: Any) -> Any:
    kwargs: dict[str, Any] = {
        "on": TODAY,
        "cancel_deputising": False,
        "reason": "退休",
        "today": TODAY,
    } | more
    return leave(person=person, takers=takers, actor=actor, **kwargs)


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def test_a_new_person_gets_a_first_password_that_must_be_changed(admin: User) -> None:
    password = enrol(person=UserFactory.build(username="newone", password=""), actor=admin)

    person = User.objects.get(username="newone")
    assert person.check_password(password)
    assert person.must_change_password


def test_leaving_ends_everything_and_deletes_nothing(admin: User, officer: User) -> None:
    client = Client()
    client.force_login(officer)
    taker = TakerFactory.create(office=officer.office)
    RoundFactory.create_batch(3, user=officer)
    ahead = register_absence(
        person=officer, deputy=taker, starts_on=TODAY, ends_on=TODAY, today=TODAY, actor=officer
    )

    result = go(officer, admin, taker)

    gone = fresh(officer)
    assert (gone.is_active, gone.left_on, gone.version) == (False, TODAY, officer.version + 1)
    assert result.count == open_work(taker).count() == 3
    assert not Grant.objects.filter(user=officer, ended_at=None).exists()
    assert Grant.objects.get(user=officer).end_reason == "离岗：退休"
    assert Absence.objects.get(pk=ahead.pk).cancelled_at
    assert client.get("/desk/").status_code == 302
    sign_in = client.post("/accounts/login/", {"username": officer.username, "password": PASSWORD})
    assert (sign_in.status_code, "_auth_user_id" in client.session) == (200, False)
    assert not gone.has_perm("accounts.create_visit")
    entry = Entry.objects.get(object_repr="人员离岗：王外业（退休）")
    assert entry.additional_data == {
        "on": "2026-11-23", "handed_over": 3, "brought_forward": {}, "grants_ended": 1,
        "absences_cancelled": 1, "sessions_ended": 1,
    }  # fmt: skip


def test_leaving_is_refused_while_work_is_open_and_nobody_takes_it(admin: User, officer: User) -> None:
    RoundFactory.create_batch(2, user=officer)

    with pytest.raises(OpenWorkLeft, match="王外业还有 2 项在办工作"):
        go(officer, admin)

    assert fresh(officer).is_active
    assert fresh(officer).has_perm("accounts.create_visit")


def test_a_running_time_limit_is_open_work_too(admin: User, officer: User) -> None:
    limit, taker = make_deadline(owner=officer), TakerFactory.create()
    with pytest.raises(OpenWorkLeft, match="还有 1 项在办工作"):
        go(officer, admin)

    go(officer, admin, taker)

    limit.refresh_from_db()
    assert limit.owner == taker


def test_leaving_without_open_work_needs_no_taker(admin: User, officer: User) -> None:
    RoundFactory.create(user=officer, ends_on=TODAY - timedelta(days=1))

    assert go(officer, admin) is None
    assert not fresh(officer).is_active


def test_nothing_is_done_when_the_taker_cannot_take(admin: User, officer: User) -> None:
    RoundFactory.create(user=officer)

    with pytest.raises(WorkError):
        go(officer, admin, UserFactory.create(is_active=False))

    assert fresh(officer).is_active
    assert open_work(officer).count() == 1


def test_work_handed_over_to_a_later_day_changes_hands_when_the_person_leaves(
    admin: User, officer: User
) -> None:
    taker, row = TakerFactory.create(), RoundFactory.create(user=officer)
    hand_over(person=officer, takers=[taker], on=TODAY + timedelta(days=7), reason="", actor=admin)

    go(officer, admin)

    row.refresh_from_db()
    assert row.ends_on == TODAY - timedelta(days=1)
    assert Assignment.objects.get(user=taker).starts_on == TODAY
    entry = Entry.objects.get(object_repr="人员离岗：王外业（退休）")
    assert entry.additional_data["brought_forward"] == {str(row.pk): "2026-11-29"}


def test_who_leaves_before_work_begins_leaves_no_day_of_it_behind(admin: User, officer: User) -> None:
    """Begun after the day of leaving: open, or handed over already to a still later day."""
    taker, later = TakerFactory.create(), TODAY + timedelta(days=7)
    to_come, passed_on = (RoundFactory.create(user=officer, starts_on=later) for _ in range(2))
    hand_over(
        person=officer, takers=[taker], on=later + timedelta(days=3), reason="", actor=admin,
        assignments=[passed_on.pk],
    )  # fmt: skip

    go(officer, admin, taker)

    assert not Assignment.objects.filter(user=officer).exists()
    for row in (to_come, passed_on):
        row.refresh_from_db()
        assert (row.user, row.starts_on) == (taker, later)
    assert open_work(taker).count() == 2


def test_a_deputy_of_others_leaves_only_when_that_is_settled(admin: User, officer: User) -> None:
    boss = UserFactory.create(name="周局长")
    absence = register_absence(
        person=boss,
        deputy=officer,
        starts_on=TODAY,
        ends_on=TODAY + timedelta(days=3),
        today=TODAY,
        actor=boss,
    )
    with pytest.raises(StaffError, match="王外业是周局长的代办人") as refused:
        go(officer, admin)
    assert refused.value.field == "cancel_deputising"

    go(officer, admin, cancel_deputising=True)

    assert Absence.objects.get(pk=absence.pk).cancelled_at


def test_the_last_administrator_does_not_leave(admin: User) -> None:
    other = UserFactory.create()
    with pytest.raises(GrantError, match="没有人能管理"):
        go(admin, other)

    grant_role(user=other, role=role("admin"), actor=admin)
    go(admin, other)

    assert not fresh(admin).is_active


def test_nobody_lets_himself_go_nor_twice_nor_in_the_future(admin: User, officer: User) -> None:
    with pytest.raises(StaffError, match="自己的离岗"):
        go(admin, admin)
    with pytest.raises(StaffError, match="不能晚于今天"):
        go(officer, admin, on=TODAY + timedelta(days=1))
    go(officer, admin, on=date(2026, 11, 1))
    with pytest.raises(StaffError, match="已经离岗"):
        go(officer, admin)


def test_who_comes_back_has_an_account_without_grants(admin: User, officer: User) -> None:
    go(officer, admin)

    password = reinstate(person=officer, actor=admin)

    back = fresh(officer)
    assert (back.is_active, back.left_on, back.must_change_password) == (True, None, True)
    assert back.check_password(password)
    assert not back.has_perm("accounts.create_visit")
    with pytest.raises(StaffError, match="在岗"):
        reinstate(person=back, actor=admin)


def transfer(person: User, actor: User, *takers: User, **more: Any) -> Any:
    kwargs: dict[str, Any] = {
        "section": None, "office": None, "position": "科员", "role": None, "on": TODAY, "reason": "轮岗",
        "take_along": False, "today": TODAY,
    } | more  # fmt: skip
    return move(person=person, takers=takers, actor=actor, **kwargs)


def test_moving_ends_the_grants_of_the_old_unit_and_gives_the_new_role(admin: User, officer: User) -> None:
    section, old = SectionFactory.create(name="测试监察股"), officer.office
    grant_role(user=officer, role=role("archive_clerk"), actor=admin)
    RoundFactory.create(user=officer)
    taker = TakerFactory.create(office=old)

    result = transfer(officer, admin, taker, section=section, role=role("clerk"))

    moved = fresh(officer)
    assert (moved.section, moved.office, moved.position) == (section, None, "科员")
    assert moved.has_perm("accounts.create_supply", section)
    assert not moved.has_perm("accounts.create_visit")
    assert moved.has_perm("accounts.update_archive_lookup")  # bound to no unit
    assert result.shares == {taker: 1}
    entry = Entry.objects.get(object_repr=f"人员调动：王外业 {old} → 测试监察股（轮岗）")
    assert entry.additional_data == {
        "on": "2026-11-23", "handed_over": 1, "grants_ended": 1, "sessions_ended": 0,
    }  # fmt: skip


def test_the_work_goes_along_only_when_that_is_said(admin: User, officer: User) -> None:
    RoundFactory.create(user=officer)
    with pytest.raises(OpenWorkLeft, match="王外业还有 1 项在办工作，请选择接办人，或选择随人带走"):
        transfer(officer, admin, office=OfficeFactory.create())

    assert transfer(officer, admin, office=OfficeFactory.create(), take_along=True) is None
    assert open_work(officer).count() == 1


def test_a_move_names_a_unit_unless_the_new_role_needs_none(admin: User, officer: User) -> None:
    for nowhere in (None, role("clerk")):
        with pytest.raises(StaffError, match="请选择调入的科室或国土所") as refused:
            transfer(officer, admin, role=nowhere)
        assert refused.value.field == "section"
    assert fresh(officer).has_perm("accounts.create_visit")

    transfer(officer, admin, role=role("leader"))

    assert fresh(officer).unit is None
    assert fresh(officer).has_perm("accounts.approve_case")


def test_a_move_takes_effect_on_the_day_it_is_entered(admin: User, officer: User) -> None:
    with pytest.raises(StaffError, match="预先的调动请到当天办理") as refused:
        transfer(officer, admin, section=SectionFactory.create(), on=TODAY + timedelta(days=1))

    assert refused.value.field == "on"
    assert fresh(officer).office == officer.office


def test_takers_are_compared_with_the_unit_that_is_left(admin: User, officer: User) -> None:
    RoundFactory.create_batch(2, user=officer)
    section, old = SectionFactory.create(), officer.office
    stays = TakerFactory.create(name="李同所", office=old)
    elsewhere = TakerFactory.create(name="钱新股", section=section)

    result = transfer(officer, admin, stays, elsewhere, section=section)

    assert result.warnings == [f"钱新股不在{old}，请核对是否合适。"]


def test_a_move_ends_the_sessions_of_the_person_but_not_the_actors_own(admin: User, officer: User) -> None:
    browsers = {}
    for person in (officer, admin):
        browsers[person] = Client()
        browsers[person].force_login(person)

    transfer(officer, admin, section=SectionFactory.create())
    transfer(admin, admin, section=SectionFactory.create())

    assert browsers[officer].get("/desk/").status_code == 302
    assert browsers[admin].get("/desk/").status_code == 200


def test_a_move_that_moves_nothing_and_one_of_somebody_gone_are_refused(admin: User, officer: User) -> None:
    with pytest.raises(StaffError, match="与现在相同"):
        transfer(officer, admin, office=officer.office)
    go(officer, admin)
    with pytest.raises(StaffError, match="已停用"):
        transfer(officer, admin)


def test_moving_oneself_gives_oneself_no_role(admin: User) -> None:
    with pytest.raises(GrantError, match="不能给自己授权"):
        transfer(admin, admin, section=SectionFactory.create(), role=role("section_head"))

    assert fresh(admin).section is None


def test_reading_a_whole_phone_number_is_recorded(admin: User, officer: User) -> None:
    assert reveal_phone(person=officer, actor=admin) == "13800000000"

    entry = Entry.objects.latest("pk")
    assert (entry.action, entry.actor, entry.object_id) == (Entry.Action.REVEAL, admin, officer.pk)
    assert "13800000000" not in f"{entry.object_repr}{entry.additional_data}"


def test_the_audit_record_holds_no_password_and_no_whole_phone_number(officer: User) -> None:
    officer.phone = "13900001111"
    officer.set_password("Geheim-2026-xyz")
    officer.save()

    told = str(list(Entry.objects.get_for_object(officer).values_list("changes", flat=True)))
    assert "139****1111" in told
    assert "13900001111" not in told
    assert officer.password not in told
