"""Both questions about permissions are answered as ``has_perm`` answers."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from landbureau.accounts import catalogue
from landbureau.accounts.models import Absence, Bureau, Section, TownshipOffice, User
from landbureau.accounts.selectors_access import access_of, by_object, who_can
from landbureau.accounts.services import grant_role, sync_people
from tests.accounts.factories import GrantFactory, role
from tests.factories import SectionFactory, UserFactory, allow

ROLES = tuple(entry.code for entry in catalogue.roles())
SOME = ["approve_case", "create_supply", "serve_notice", "update_case", "view_calendar", "view_round"]


class TheTruth(TestCase):
    @given(
        grants=st.sets(
            st.tuples(st.integers(0, 3), st.sampled_from(ROLES), st.integers(0, 1), st.integers(0, 1)),
            max_size=6,
        ),
        gone=st.sets(st.integers(0, 3), max_size=1),
        away=st.sets(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(-1, 1)), max_size=3),
        codename=st.sampled_from(SOME),
    )
    @settings(max_examples=12, deadline=None)
    def test_pages_and_has_perm_agree(
        self,
        grants: set[tuple[int, str, int, int]],
        gone: set[int],
        away: set[tuple[int, int, int]],
        codename: str,
    ) -> None:
        today = date(2026, 11, 23)
        sections, offices = list(Section.objects.all()[:2]), list(TownshipOffice.objects.all()[:2])
        users = [UserFactory.create(is_active=index not in gone) for index in range(4)]
        for who, code, section, office in grants:
            GrantFactory.create(
                user=users[who], role=role(code), section=sections[section], office=offices[office]
            )
        sync_people([user.pk for user in users])
        for who, deputy, day in away:
            if who != deputy:
                on = today + timedelta(days=day)
                Absence.objects.create(user=users[who], deputy=users[deputy], starts_on=on, ends_on=on)
        scopes = [Bureau.objects.get(), *sections, *offices, *users]

        with time_machine.travel("2026-11-23T10:00:00+08:00", tick=False):
            for user in users:
                access = access_of(user, today)
                shown = {(i.entry.codename, i.scope) for i in access if i.entry.codename in SOME}
                told = {
                    (name, (type(scope), scope.pk))
                    for name in SOME
                    for scope in scopes
                    if user.has_perm(f"accounts.{name}", scope)
                }
                everywhere = {name for name, (model, _) in shown if model is Bureau}
                widened = {(name, (type(scope), scope.pk)) for name in everywhere for scope in scopes}
                assert shown | widened == told
                assert all(s.grant for item in access for s in item.sources)
            for scope in [None, *scopes]:
                holders = {holder.user.pk for holder in who_can(codename, scope, today)}
                assert holders == {u.pk for u in users if u.has_perm(f"accounts.{codename}", scope)}


pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


def test_each_permission_names_its_grant_and_the_person_deputised_for() -> None:
    section, boss, deputy = SectionFactory.create(), UserFactory.create(name="周局长"), UserFactory.create()
    grant_role(user=boss, role=role("leader"), actor=None)
    own = grant_role(user=deputy, role=role("clerk"), section=section, actor=None)
    absence = Absence.objects.create(user=boss, deputy=deputy, starts_on=TODAY, ends_on=TODAY)

    held = {(item.entry.codename, item.where): item.sources for item in access_of(deputy, TODAY)}

    assert [source.grant for source in held["create_supply", section.name]] == [own]
    assert [source.absence for source in held["approve_case", "全局"]] == [absence]
    assert {source.absence for source in held["view_visit", "全局"]} == {None, absence}


def test_what_is_shown_is_grouped_by_object_in_the_order_of_the_matrix() -> None:
    user = UserFactory.create()
    grant_role(user=user, role=role("admin"), actor=None)

    groups = by_object(access_of(user, TODAY))

    assert [name for name, _ in groups] == [
        "职责、边界与服务事项", "动态巡查", "公文编号与签发", "人员与授权", "单位与系统配置", "工作日历",
        "后台任务与备份", "审计记录",
    ]  # fmt: skip
    assert [item.entry.action for item in groups[3][1]] == ["查看", "新增", "修改、授权与移交"]


def test_a_row_without_a_grant_is_shown_as_a_fault() -> None:
    user = allow(UserFactory.create(), "view_jobs")

    [item] = access_of(user, TODAY)

    assert [(source.grant, source.absence) for source in item.sources] == [(None, None)]


def test_someone_who_has_left_is_shown_with_nothing_and_holds_nothing() -> None:
    user = allow(UserFactory.create(is_active=False), "view_jobs")

    assert access_of(user, TODAY) == []
    assert who_can("view_jobs", None, TODAY) == []


def test_the_superuser_may_do_everything_without_a_grant() -> None:
    superuser = UserFactory.create(is_superuser=True)

    [holder] = who_can("approve_case", SectionFactory.create(), TODAY)

    assert (holder.user, holder.held) == (superuser, [])


def test_queries_do_not_grow_with_people_and_permissions(django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    users: list[User] = UserFactory.create_batch(15)
    for user in users:
        for section in Section.objects.all()[:3]:
            GrantFactory.create(user=user, role=role("clerk"), section=section)
    sync_people([user.pk for user in users])

    with django_assert_max_num_queries(8):
        assert len(access_of(users[0], TODAY)) > 30
    with django_assert_max_num_queries(9):
        assert len(who_can("create_supply", None, TODAY)) == 15
