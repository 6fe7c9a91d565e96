"""Roles given, taken and redefined."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from landbureau.accounts.errors import GrantError
from landbureau.accounts.models import Grant, User
from landbureau.accounts.services import end_grant, grant_role, set_role_permissions, sync_permissions
from landbureau.audit.models import Entry
from tests.accounts.factories import GrantFactory, role
from tests.factories import OfficeFactory, SectionFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> User:
    user: User = UserFactory.create(name="管理员")
    GrantFactory.create(user=user, role=role("admin"))
    sync_permissions(user)
    return user


def cells(code: str) -> dict[str, str]:
    return dict(role(code).permissions.values_list("codename", "reach"))


def test_a_grant_gives_the_permissions_at_once_and_says_who_why_and_when(admin: User) -> None:
    section, user = SectionFactory.create(), UserFactory.create()
    assert not user.has_perm("accounts.create_supply")

    grant = grant_role(user=user, role=role("clerk"), section=section, actor=admin, reason="新入职")

    assert user.has_perm("accounts.create_supply", section)
    assert (grant.granted_by, grant.reason, grant.ended_at) == (admin, "新入职", None)
    assert grant.granted_at is not None


def test_ending_a_grant_takes_the_permissions_back_and_keeps_the_row(admin: User) -> None:
    user = UserFactory.create()
    grant = grant_role(user=user, role=role("leader"), actor=admin)

    end_grant(grant=grant, actor=admin, reason="职务调整")

    grant.refresh_from_db()
    assert (grant.ended_by, grant.end_reason) == (admin, "职务调整")
    assert not User.objects.get(pk=user.pk).has_perm("accounts.approve_case")
    with pytest.raises(GrantError, match="已经撤销"):
        end_grant(grant=grant, actor=admin, reason="")


def test_nobody_grants_to_himself(admin: User) -> None:
    with pytest.raises(GrantError, match="不能给自己授权"):
        grant_role(user=admin, role=role("leader"), actor=admin)

    assert not admin.has_perm("accounts.approve_case")


def test_the_last_administrator_stays(admin: User) -> None:
    own = Grant.objects.get(user=admin)
    with pytest.raises(GrantError, match="没有人能管理"):
        end_grant(grant=own, actor=admin, reason="")

    second = UserFactory.create()
    grant_role(user=second, role=role("admin"), actor=admin)
    end_grant(grant=own, actor=second, reason="交接")

    assert not User.objects.get(pk=admin.pk).has_perm("accounts.update_staff")


def test_an_administrator_who_has_left_does_not_count(admin: User) -> None:
    gone = UserFactory.create(is_active=False)
    GrantFactory.create(user=gone, role=role("admin"))

    with pytest.raises(GrantError, match="没有人能管理"):
        end_grant(grant=Grant.objects.get(user=admin), actor=None, reason="")


def test_ending_another_role_asks_for_no_administrator() -> None:
    grant = grant_role(user=UserFactory.create(), role=role("leader"), actor=None)

    end_grant(grant=grant, actor=None, reason="")

    assert Grant.objects.get(pk=grant.pk).ended_at


def test_a_role_of_sections_needs_a_section_and_one_of_offices_an_office(admin: User) -> None:
    user, section, office = UserFactory.create(), SectionFactory.create(), OfficeFactory.create()
    with pytest.raises(GrantError, match="请选择科室") as refused:
        grant_role(user=user, role=role("clerk"), office=office, actor=admin)
    assert refused.value.field == "section"
    with pytest.raises(GrantError, match="请选择国土所") as refused:
        grant_role(user=user, role=role("land_officer"), section=section, actor=admin)
    assert refused.value.field == "office"


def test_a_unit_that_the_role_has_no_use_for_is_not_kept(admin: User) -> None:
    grant = grant_role(
        user=UserFactory.create(),
        role=role("leader"),
        section=SectionFactory.create(),
        office=OfficeFactory.create(),
        actor=admin,
    )

    assert grant.unit is None


def test_the_same_grant_twice_is_refused_and_in_another_section_allowed(admin: User) -> None:
    user, (first, second) = UserFactory.create(), SectionFactory.create_batch(2)
    grant_role(user=user, role=role("clerk"), section=first, actor=admin)
    with pytest.raises(GrantError, match="已有这项授权"):
        grant_role(user=user, role=role("clerk"), section=first, actor=admin)

    grant_role(user=user, role=role("clerk"), section=second, actor=admin)

    assert user.has_perm("accounts.create_supply", first)
    assert user.has_perm("accounts.create_supply", second)


@pytest.mark.parametrize("with_section", [True, False])
@pytest.mark.parametrize("with_office", [True, False])
def test_the_database_too_refuses_the_same_grant_twice(with_section: bool, with_office: bool) -> None:
    unit = {
        "section": SectionFactory.create() if with_section else None,
        "office": OfficeFactory.create() if with_office else None,
    }
    user = UserFactory.create()
    GrantFactory.create(user=user, ended_at="2026-01-01T00:00+08:00", **unit)
    GrantFactory.create(user=user, **unit)

    with pytest.raises(IntegrityError), transaction.atomic():
        GrantFactory.create(user=user, **unit)


def test_someone_who_has_left_gets_no_role(admin: User) -> None:
    with pytest.raises(GrantError, match="已停用"):
        grant_role(user=UserFactory.create(is_active=False), role=role("leader"), actor=admin)


def test_changing_a_role_changes_all_who_hold_it_and_is_recorded(admin: User) -> None:
    leader = UserFactory.create()
    grant_role(user=leader, role=role("leader"), actor=admin)
    wanted = cells("leader") | {"view_jobs": "*"}
    del wanted["view_audit"]

    assert set_role_permissions(role=role("leader"), permissions=wanted, actor=admin) == 2

    leader = User.objects.get(pk=leader.pk)
    assert leader.has_perm("accounts.view_jobs")
    assert not leader.has_perm("accounts.view_audit")
    assert role("leader").version == 2
    entry = Entry.objects.get(object_repr="修改角色权限：局领导")
    assert entry.additional_data == {"view_jobs": [None, "*"], "view_audit": ["*", None]}


def test_saving_a_role_unchanged_is_no_edit(admin: User) -> None:
    assert set_role_permissions(role=role("leader"), permissions=cells("leader"), actor=admin) == 0
    assert role("leader").version == 1


def test_nobody_widens_a_role_that_he_holds(admin: User) -> None:
    with pytest.raises(GrantError, match="您本人持有"):
        set_role_permissions(
            role=role("admin"), permissions=cells("admin") | {"approve_case": "*"}, actor=admin
        )
    with pytest.raises(GrantError, match="您本人持有"):
        set_role_permissions(
            role=role("admin"), permissions=cells("admin") | {"view_round": "X"}, actor=admin
        )

    smaller = {codename: reach for codename, reach in cells("admin").items() if codename != "view_jobs"}
    assert set_role_permissions(role=role("admin"), permissions=smaller, actor=admin) == 1


def test_the_role_of_the_last_administrator_keeps_its_core(admin: User) -> None:
    smaller = {codename: reach for codename, reach in cells("admin").items() if codename != "update_staff"}

    with pytest.raises(GrantError, match="没有人能管理"):
        set_role_permissions(role=role("admin"), permissions=smaller, actor=admin)

    assert cells("admin")["update_staff"] == "*"


def test_a_reach_for_which_grants_name_no_unit_is_refused(admin: User) -> None:
    grant_role(user=UserFactory.create(), role=role("leader"), actor=admin)
    for reach, word in (("X", "科室"), ("T", "国土所")):
        with pytest.raises(GrantError, match=f"没有指定{word}"):
            set_role_permissions(
                role=role("leader"), permissions=cells("leader") | {"create_supply": reach}, actor=admin
            )


def test_an_unknown_permission_is_refused(admin: User) -> None:
    with pytest.raises(GrantError, match="没有这样的权限：fly"):
        set_role_permissions(role=role("leader"), permissions={"fly": "*"}, actor=admin)
