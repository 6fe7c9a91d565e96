"""Work that people answer for, and that changes hands."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from landbureau.accounts.errors import WorkError
from landbureau.accounts.models import Assignment, User
from landbureau.accounts.services import (
    VILLAGE_ROUND,
    assign,
    assign_villages,
    end_assignment,
    hand_over,
    open_work,
    register_absence,
)
from landbureau.audit.models import Entry
from tests.accounts.factories import TODAY, RoundFactory, TakerFactory
from tests.factories import OfficeFactory, TownshipFactory, UserFactory, VillageFactory, allow
from tests.workdays.factories import make_deadline

pytestmark = pytest.mark.django_db
YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture
def admin() -> User:
    user: User = UserFactory.create(name="管理员")
    return user


def give(person: User, *takers: User, admin: User, **more: Any) -> Any:
    return hand_over(person=person, takers=takers, on=TODAY, reason="调动", actor=admin, **more)


class HandOverProperties(TestCase):
    @given(
        starts=st.lists(st.integers(-400, 30), min_size=1, max_size=8),
        takers=st.integers(1, 4),
        on=st.integers(-30, 30),
        chosen=st.sets(st.integers(0, 7)),
        everything=st.booleans(),
    )
    @settings(max_examples=40, deadline=None)
    def test_open_work_is_conserved_and_no_day_has_two_or_none(
        self, starts: list[int], takers: int, on: int, chosen: set[int], everything: bool
    ) -> None:
        person, actor, others = UserFactory.create(), UserFactory.create(), TakerFactory.create_batch(takers)
        day = TODAY + timedelta(days=on)
        rows = [RoundFactory.create(user=person, starts_on=TODAY + timedelta(days=n)) for n in starts]
        ids = [row.pk for index, row in enumerate(rows) if everything or index in chosen]
        rows_by_key = {row.pk: row for row in rows}
        before = Counter(Assignment.objects.filter(ends_on=None).values_list("object_id", "task"))
        given = [row for row in rows if row.pk in ids]
        if not ids or any(row.starts_on > day for row in given):
            with pytest.raises(WorkError):
                hand_over(person=person, takers=others, on=day, reason="", actor=actor, assignments=ids)
            assert open_work(person).count() == len(rows)
            return

        result = hand_over(
            person=person, takers=others, on=day, reason="", actor=actor,
            assignments=None if everything else ids,
        )  # fmt: skip

        after = Assignment.objects.filter(ends_on=None)
        assert Counter(after.values_list("object_id", "task")) == before
        assert result.count == len(ids)
        assert after.filter(user=person).count() == len(rows) - len(ids)
        assert after.filter(user__in=others).count() == len(ids)
        sizes = [result.shares.get(taker, 0) for taker in others]
        assert sizes == sorted(sizes, reverse=True)
        for new in after.filter(user__in=others):
            assert new.starts_on == day
            if new.taken_over_from_id is None:  # it began on that very day
                assert rows_by_key[new.pk].starts_on == day
                assert new.pk in ids
                continue
            old = rows_by_key[new.taken_over_from_id]
            old.refresh_from_db()
            assert old.pk in ids
            assert old.starts_on <= old.ends_on == day - timedelta(days=1)


def test_the_old_row_ends_the_day_before_and_the_new_one_says_from_whom(admin: User) -> None:
    person, taker = TakerFactory.create_batch(2)
    old = RoundFactory.create(user=person)

    result = give(person, taker, admin=admin)

    old.refresh_from_db()
    new = Assignment.objects.get(user=taker)
    assert (old.ends_on, new.starts_on, new.ends_on) == (YESTERDAY, TODAY, None)
    assert (new.taken_over_from, new.subject, new.task) == (old, old.subject, old.task)
    assert str(result) == f"{taker} 1 项"


def test_a_hand_over_is_one_row_of_the_audit_record(admin: User) -> None:
    person, taker = TakerFactory.create_batch(2)
    rows = RoundFactory.create_batch(3, user=person)
    before = Entry.objects.count()

    give(person, taker, admin=admin)

    entry = Entry.objects.latest("pk")
    assert Entry.objects.count() == before + 1
    assert entry.object_repr == f"移交工作：{person} → {taker} 3 项（调动）"
    assert entry.additional_data == {
        "on": "2026-11-23",
        "assignments": [row.pk for row in rows],
        "deadlines": [],
        "takers": {taker.username: 3},
    }


def test_several_takers_get_even_shares_in_the_order_of_the_list(admin: User) -> None:
    person, first, second = TakerFactory.create_batch(3)
    rows = RoundFactory.create_batch(5, user=person)

    result = give(person, first, second, admin=admin)

    assert result.shares == {first: 3, second: 2}
    assert list(open_work(first).order_by("object_id").values_list("object_id", flat=True)) == [
        row.object_id for row in rows[:3]
    ]


def test_running_time_limits_change_hands_with_the_work(admin: User) -> None:
    person, first, second = TakerFactory.create_batch(3)
    RoundFactory.create(user=person)
    limits = [make_deadline(owner=person, event_on=date(2026, 11, day)) for day in (3, 1, 2)]
    settled = make_deadline(owner=person, settled_on=date(2026, 11, 1))

    result = give(person, first, second, admin=admin)

    assert result.shares == {first: 2, second: 2}
    for limit in (*limits, settled):
        limit.refresh_from_db()
    assert [limit.owner for limit in limits] == [second, first, second]  # the earliest stay together
    assert limits[0].version == 2
    assert settled.owner == person


def test_single_time_limits_are_handed_over_by_their_keys(admin: User) -> None:
    person, taker = TakerFactory.create_batch(2)
    row, limit, kept = (
        RoundFactory.create(user=person),
        make_deadline(owner=person),
        make_deadline(owner=person),
    )

    result = give(person, taker, admin=admin, deadlines=[limit.pk])

    limit.refresh_from_db()
    kept.refresh_from_db()
    assert (result.count, limit.owner, kept.owner) == (1, taker, person)
    assert open_work(person).get() == row
    with pytest.raises(WorkError, match="其中 1 项刚刚已移交他人"):
        give(person, taker, admin=admin, deadlines=[limit.pk, kept.pk])


def test_queries_do_not_grow_with_the_work(admin: User, django_assert_max_num_queries: Any) -> None:
    person, taker, second = TakerFactory.create_batch(3)
    RoundFactory.create_batch(80, user=person)
    give(person, taker, admin=admin)

    with django_assert_max_num_queries(16):
        give(taker, second, admin=admin)
    with django_assert_max_num_queries(16):
        give(second, taker, admin=admin, assignments=[open_work(second).first().pk])


def test_a_second_hand_over_of_the_same_rows_says_that_they_are_gone(admin: User) -> None:
    person, first, second = TakerFactory.create_batch(3)
    rows = RoundFactory.create_batch(2, user=person)
    give(person, first, admin=admin, assignments=[rows[0].pk])

    with pytest.raises(WorkError, match="其中 1 项刚刚已移交他人"):
        give(person, second, admin=admin, assignments=[row.pk for row in rows])

    assert open_work(person).count() == open_work(first).count() == 1


@pytest.mark.parametrize("case", ["nobody", "himself", "gone"])
def test_only_another_active_person_takes_over(case: str, admin: User) -> None:
    person = UserFactory.create()
    RoundFactory.create(user=person)
    takers, message = {
        "nobody": ([], "请选择接办人"),
        "himself": ([person], "不能是本人"),
        "gone": ([UserFactory.create(name="李离岗", is_active=False)], "李离岗已停用"),
    }[case]

    with pytest.raises(WorkError, match=message) as refused:
        give(person, *takers, admin=admin)

    assert refused.value.field == "takers"
    assert open_work(person).count() == 1


def test_who_may_not_open_the_work_does_not_take_it(admin: User) -> None:
    person, clerk = TakerFactory.create(), UserFactory.create(name="钱科员")
    village, limit = RoundFactory.create(user=person), make_deadline(owner=person)
    allow(clerk, "view_deadline", on=clerk)

    with pytest.raises(WorkError, match="钱科员没有“动态巡查：登记”的权限，不能接办包村巡查") as refused:
        give(person, TakerFactory.create(), clerk, admin=admin)
    assert refused.value.field == "takers"
    with pytest.raises(WorkError, match="没有“期限：查看”的权限，不能接办期限"):
        give(person, allow(UserFactory.create(), "create_patrol"), admin=admin, deadlines=[limit.pk])
    assert open_work(person).get() == village

    assert give(person, clerk, admin=admin, deadlines=[limit.pk]).count == 1


def test_a_deputys_permission_is_not_enough_to_take_work(admin: User) -> None:
    person, deputy = TakerFactory.create(), UserFactory.create(name="李代办")
    RoundFactory.create(user=person)
    register_absence(person=person, deputy=deputy, starts_on=TODAY, ends_on=TODAY, today=TODAY, actor=person)

    with time_machine.travel("2026-11-23T10:00:00+08:00"):
        assert deputy.has_perm("accounts.create_patrol")
    with pytest.raises(WorkError, match="李代办没有"):
        give(person, deputy, admin=admin)


def test_villages_are_not_given_to_who_makes_no_rounds(admin: User) -> None:
    with pytest.raises(WorkError, match="不能接办包村巡查") as refused:
        assign_villages(
            villages=[VillageFactory.create()], to=UserFactory.create(), starts_on=TODAY, actor=admin
        )

    assert refused.value.field == "officer"


def test_work_is_not_handed_over_before_it_began(admin: User) -> None:
    person, taker = TakerFactory.create_batch(2)
    row = RoundFactory.create(user=person, starts_on=date(2026, 6, 1))

    with pytest.raises(WorkError, match="其中 1 项自 2026-06-01 起才由现承办人负责") as refused:
        hand_over(person=person, takers=[taker], on=date(2020, 1, 1), reason="", actor=admin)
    assert refused.value.field == "on"
    with pytest.raises(WorkError, match="日期不能早于这一天") as refused:
        assign_villages(villages=[row.subject], to=taker, starts_on=date(2026, 5, 31), actor=admin)
    assert refused.value.field == "starts_on"

    row.refresh_from_db()
    assert (row.user, row.ends_on) == (person, None)


def test_the_database_too_refuses_work_that_ends_before_it_begins() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        RoundFactory.create(starts_on=TODAY, ends_on=YESTERDAY)


def test_nothing_to_hand_over_is_said(admin: User) -> None:
    with pytest.raises(WorkError, match="没有可移交的工作"):
        give(UserFactory.create(), UserFactory.create(), admin=admin)


def test_work_of_others_cannot_be_handed_over_by_its_key(admin: User) -> None:
    person, taker, other = TakerFactory.create_batch(3)
    RoundFactory.create(user=person)
    foreign = RoundFactory.create(user=other)

    with pytest.raises(WorkError):
        give(person, taker, admin=admin, assignments=[foreign.pk])

    assert open_work(other).get() == foreign


def test_takers_from_elsewhere_or_absent_are_allowed_and_pointed_out(admin: User) -> None:
    here, there = OfficeFactory.create_batch(2)
    person = UserFactory.create(office=here)
    taker, colleague = TakerFactory.create(office=there, name="钱外所"), TakerFactory.create(office=here)
    RoundFactory.create_batch(2, user=person)
    register_absence(person=taker, deputy=colleague, starts_on=TODAY, ends_on=TODAY, today=TODAY, actor=admin)

    result = give(person, taker, colleague, admin=admin)

    assert result.warnings == [
        f"钱外所不在{here}，请核对是否合适。",
        "钱外所在 2026-11-23 外出，期间由代办人办理。",
    ]


def test_assigning_starts_on_the_day_and_only_once() -> None:
    first, second = TakerFactory.create_batch(2)
    village = VillageFactory.create()

    row = assign(user=first, task=VILLAGE_ROUND, subject=village, starts_on=TODAY)

    assert (row.starts_on, row.ends_on, row.subject) == (TODAY, None, village)
    with pytest.raises(WorkError, match=f"已由{first}承办"):
        assign(user=second, task=VILLAGE_ROUND, subject=village, starts_on=TODAY)
    assign(user=second, task="供地监管", subject=village, starts_on=TODAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        RoundFactory.create(user=second, subject=village)


def test_someone_who_has_left_gets_no_work() -> None:
    gone = UserFactory.create(is_active=False)
    with pytest.raises(WorkError, match="已停用"):
        assign(user=gone, task=VILLAGE_ROUND, subject=VillageFactory.create(), starts_on=TODAY)
    with pytest.raises(WorkError, match="已停用"):
        assign_villages(villages=[VillageFactory.create()], to=gone, starts_on=TODAY, actor=gone)


def test_villages_are_assigned_together_whoever_had_them(admin: User) -> None:
    office = OfficeFactory.create()
    township = TownshipFactory.create(office=office)
    officer, before = TakerFactory.create(office=office), UserFactory.create(office=office)
    free, taken, own = VillageFactory.create_batch(3, township=township)
    RoundFactory.create(user=before, subject=taken)
    kept = RoundFactory.create(user=officer, subject=own)

    result = assign_villages(villages=[free, taken, own], to=officer, starts_on=TODAY, actor=admin)

    assert result.count == 2
    assert result.warnings == []
    assert set(open_work(officer).values_list("object_id", flat=True)) == {free.pk, taken.pk, own.pk}
    assert Assignment.objects.get(pk=kept.pk).ends_on is None
    assert Assignment.objects.get(user=before).ends_on == YESTERDAY
    assert Entry.objects.latest("pk").object_repr == f"安排包村巡查：{officer} 2 个村"
    with pytest.raises(WorkError, match="已经由"):
        assign_villages(villages=[free], to=officer, starts_on=TODAY, actor=admin)


def test_an_officer_of_another_office_is_pointed_out(admin: User) -> None:
    result = assign_villages(
        villages=[VillageFactory.create()], to=TakerFactory.create(), starts_on=TODAY, actor=admin
    )

    assert "不在这些村所属的国土所" in result.warnings[0]


def test_an_assignment_ends_on_its_last_day_and_once() -> None:
    row = RoundFactory.create(starts_on=date(2026, 11, 1))
    with pytest.raises(WorkError, match="不能早于开始日期 2026-11-01"):
        end_assignment(assignment=row, on=date(2026, 10, 31))

    end_assignment(assignment=row, on=TODAY)

    assert Assignment.objects.get(pk=row.pk).ends_on == TODAY
    with pytest.raises(WorkError, match="已经结束"):
        end_assignment(assignment=row, on=TODAY)
