"""Acts that concern the whole bureau are for those who hold the permission on the whole bureau."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from landbureau.accounts import catalogue
from landbureau.accounts.errors import GrantError, WorkError
from landbureau.accounts.models import Absence, Grant, RolePermission, Section, User
from landbureau.accounts.selectors import acting_for, scopes_for
from landbureau.accounts.services import assign, grant_role, move, register_absence, set_role_permissions
from landbureau.audit.models import Entry
from landbureau.web.versions import EditConflict
from landbureau.workdays.services import DeadlineError, reassign_deadlines
from tests.accounts.factories import TODAY, role
from tests.factories import SectionFactory, UserFactory, VillageFactory, allow
from tests.workdays.factories import make_deadline

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel("2026-11-23T10:00:00+08:00", tick=False):
        yield


@pytest.fixture
def admin() -> User:
    user: User = UserFactory.create(name="林管理")
    grant_role(user=user, role=role("admin"), actor=None)
    return user


@pytest.fixture
def section() -> Section:
    found: Section = SectionFactory.create()
    return found


@pytest.fixture
def head(section: Section) -> User:
    """Holds the permissions of an administrator, but in one section only."""
    return allow(UserFactory.create(section=section), "update_staff", "view_staff", on=section)


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def cells(code: str) -> dict[str, str]:
    return dict(role(code).permissions.values_list("codename", "reach"))


# --- Held in a part of the bureau only --------------------------------------------------------------------


def test_who_administers_a_section_neither_grants_nor_changes_roles_nor_sees_passwords(
    head: User, section: Section
) -> None:
    colleague, client = UserFactory.create(section=section), browser(head)
    leader = grant_role(user=colleague, role=role("leader"), actor=None)
    acts = [
        ("grant", colleague.pk, {"role": role("admin").pk, "reason": "x"}),
        ("end_grant", leader.pk, {"reason": "x"}),
        ("role", role("clerk").pk, cells("clerk") | {"update_staff": "*", "version": 1}),
        ("reset_password", colleague.pk, {}),
    ]

    for view, pk, data in acts:
        assert client.post(reverse(f"people:{view}", args=[pk]), data).status_code == 403, view

    assert list(Grant.objects.filter(user=colleague, ended_at=None)) == [leader]
    assert "update_staff" not in cells("clerk")
    page = client.get(colleague.get_absolute_url()).content.decode()
    assert "修改信息" in page
    assert "授予角色" not in page
    assert "重置密码" not in page
    assert "撤销</a>" not in page


def test_the_services_refuse_him_too(head: User, section: Section) -> None:
    colleague = UserFactory.create(section=section)
    with pytest.raises(GrantError, match="您没有这项权限"):
        grant_role(user=colleague, role=role("leader"), actor=head)
    with pytest.raises(GrantError, match="您没有这项权限"):
        set_role_permissions(role=role("clerk"), permissions=cells("leader"), actor=head)


def test_he_moves_people_without_giving_them_a_role(head: User, section: Section) -> None:
    colleague, other = UserFactory.create(section=section), SectionFactory.create()
    client, address = browser(head), reverse("people:move", args=[colleague.pk])
    assert "在新单位的角色" not in client.get(address).content.decode()

    client.post(address, {"section": other.pk, "role": role("clerk").pk, "on": TODAY, "reason": "轮岗"})

    colleague.refresh_from_db()
    assert colleague.section == other
    assert not Grant.objects.filter(user=colleague).exists()


def test_who_may_do_this_names_only_people_whose_record_the_reader_may_open(
    head: User, admin: User, section: Section
) -> None:
    colleague = UserFactory.create(name="钱同事", section=section)
    for person in (colleague, UserFactory.create(name="周局长")):
        grant_role(user=person, role=role("leader"), actor=None)

    response = browser(head).get(reverse("people:who"), {"permission": "approve_case", "scope": ""})

    assert [holder.user for holder in response.context["holders"]] == [colleague]
    assert "周局长" not in response.content.decode()
    assert "只列出您能查看的人员" in response.content.decode()


@pytest.mark.parametrize("reach", ["X", "T", "O"])
@pytest.mark.parametrize("codename", ["update_staff", "view_jobs", "update_calendar", "update_config"])
def test_what_concerns_the_whole_bureau_is_given_everywhere_or_not_at_all(
    codename: str, reach: str, admin: User
) -> None:
    wanted = cells("clerk") | {codename: reach}
    with pytest.raises(GrantError, match="关系到整个单位，只能选“全局”"):
        set_role_permissions(role=role("clerk"), permissions=wanted, actor=admin)

    address = reverse("people:role", args=[role("clerk").pk])
    response = browser(admin).post(address, wanted | {"version": 1})

    assert response.context["form"].errors == {codename: ["关系到整个单位，只能选“全局”。"]}


def test_the_shipped_roles_keep_to_that() -> None:
    for entry in catalogue.roles():
        assert {entry.permissions.get(codename, "*") for codename in catalogue.BUREAU_WIDE} == {"*"}
    assert catalogue.permissions().keys() >= catalogue.BUREAU_WIDE


def test_who_only_enters_people_gives_no_role() -> None:
    clerk = allow(UserFactory.create(), "create_staff")
    client, address = browser(clerk), reverse("people:new")
    assert "暂不授予" not in client.get(address).content.decode()

    client.post(address, {"username": "sock", "name": "某", "role": role("admin").pk})

    assert not Grant.objects.filter(user=User.objects.get(username="sock")).exists()


# --- Oneself, and whom one stands in for ------------------------------------------------------------------


def test_a_deputy_gives_nothing_to_the_person_he_stands_in_for(admin: User) -> None:
    away = UserFactory.create(name="周局长")
    grant_role(user=away, role=role("clerk"), section=SectionFactory.create(), actor=None)
    register_absence(person=away, deputy=admin, starts_on=TODAY, ends_on=TODAY, today=TODAY, actor=away)
    deputy = User.objects.get(pk=admin.pk)

    with pytest.raises(GrantError, match="您正在代周局长办理，不能给其授权"):
        grant_role(user=away, role=role("leader"), actor=deputy)
    with pytest.raises(GrantError, match="由您代办的周局长持有“科员”，不能为它增加权限"):
        set_role_permissions(
            role=role("clerk"), permissions=cells("clerk") | {"approve_case": "*"}, actor=deputy
        )

    with time_machine.travel("2026-11-24T10:00:00+08:00", tick=False):
        grant_role(user=away, role=role("leader"), actor=deputy)


def test_permissions_are_read_once_a_day(django_assert_num_queries: Any) -> None:
    boss, deputy = UserFactory.create(), UserFactory.create()
    allow(boss, "approve_case")
    Absence.objects.create(user=boss, deputy=deputy, starts_on=TODAY, ends_on=TODAY)
    scopes_for(UserFactory.create(), "view_case")  # the content types are known from now on

    with django_assert_num_queries(2):
        for _ in range(3):
            assert deputy.has_perm("accounts.approve_case")
            assert not deputy.has_perm("accounts.view_case")
            assert acting_for(deputy, TODAY) == [boss.pk]
    with time_machine.travel("2026-11-24T00:00:01+08:00", tick=False):
        assert not deputy.has_perm("accounts.approve_case")


def test_moving_the_last_administrator_is_refused(admin: User, section: Section) -> None:
    Grant.objects.all().delete()
    RolePermission.objects.create(role=role("admin"), codename="create_supply", reach="X")
    last, other = UserFactory.create(section=section), allow(UserFactory.create(), "update_staff")
    grant_role(user=last, role=role("admin"), section=section, actor=None)

    with pytest.raises(GrantError, match="没有人能管理"):
        move(
            person=last, section=SectionFactory.create(), office=None, position="", role=None, takers=[],
            take_along=True, on=TODAY, reason="", actor=other, today=TODAY,
        )  # fmt: skip

    assert User.objects.get(pk=last.pk).section == section
    move(
        person=last, section=SectionFactory.create(), office=None, position="", role=role("admin"), takers=[],
        take_along=True, on=TODAY, reason="", actor=other, today=TODAY,
    )  # fmt: skip
    assert User.objects.get(pk=last.pk).holds_everywhere("update_staff")


# --- The forms --------------------------------------------------------------------------------------------


def test_the_edit_form_holds_no_phone_number_and_blank_keeps_it(admin: User) -> None:
    person = UserFactory.create(name="王外业", phone="13800000000")
    client, address = browser(admin), reverse("people:edit", args=[person.pk])
    response = client.get(address)
    assert "13800000000" not in response.content.decode()
    assert "新手机号" in response.content.decode()
    form = response.context["form"]
    opened = {name: form.initial[name] or "" for name in form.fields}

    client.post(address, opened | {"position": "所长"})
    person.refresh_from_db()
    assert (person.position, person.phone) == ("所长", "13800000000")

    stale = client.post(address, opened | {"position": "副所长"})
    assert "13800000000" not in stale.content.decode()
    client.post(address, opened | {"version": 2, "phone": "13800000001"})
    person.refresh_from_db()
    assert person.phone == "13800000001"
    assert not Entry.objects.filter(action=Entry.Action.REVEAL).exists()


def test_two_edits_of_a_role_do_not_overwrite_each_other(admin: User) -> None:
    client, address = browser(admin), reverse("people:role", args=[role("clerk").pk])
    opened = cells("clerk") | {"version": client.get(address).context["form"].initial["version"]}
    client.post(address, opened | {"view_case": "X"})

    response = client.post(address, opened | {"view_hearing": "X"})

    text = response.content.decode()
    assert "“科员”已被他人修改，您的修改尚未保存" in text
    assert "“案件：查看”现为“本科室”" in text
    assert response.context["form"]["view_hearing"].value() == "X"
    assert ("view_case" in cells("clerk"), "view_hearing" in cells("clerk")) == (True, False)

    again = {field.name: field.value() or "" for field in response.context["form"]}
    assert client.post(address, again | {"view_case": "X"}).status_code == 302
    assert cells("clerk")["view_hearing"] == cells("clerk")["view_case"] == "X"
    assert "页面版本号无效" in client.post(address, cells("clerk")).content.decode()
    with pytest.raises(EditConflict):
        set_role_permissions(role=role("clerk"), permissions={}, actor=admin, opened=1)


# --- Who has left -----------------------------------------------------------------------------------------


def test_nothing_comes_to_those_who_have_left() -> None:
    gone, limit = (
        UserFactory.create(name="赵离岗", is_active=False),
        make_deadline(event_on=date(2026, 11, 1)),
    )
    with pytest.raises(DeadlineError, match="赵离岗已停用"):
        make_deadline(owner=gone)
    with pytest.raises(DeadlineError, match="赵离岗已停用"):
        reassign_deadlines(deadlines=[limit.pk], owner=gone)
    with pytest.raises(WorkError, match="已停用"):
        assign(user=gone, task="供地监管", subject=VillageFactory.create(), starts_on=TODAY + timedelta(1))
