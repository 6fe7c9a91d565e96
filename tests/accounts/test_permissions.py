"""django-guardian's rows are at all times what the grants in force define."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from guardian.models import UserObjectPermission
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from landbureau.accounts import catalogue
from landbureau.accounts.models import Bureau, Grant, Role, RolePermission, Section, TownshipOffice, User
from landbureau.accounts.selectors import scopes_for
from landbureau.accounts.services import sync_people, sync_permissions
from tests.accounts.factories import GrantFactory, role
from tests.factories import OfficeFactory, SectionFactory, UserFactory, allow

ROLES = tuple(entry.code for entry in catalogue.roles())


def held(user: User) -> set[tuple[str, str, int]]:
    rows = UserObjectPermission.objects.filter(user=user)
    return {(r.permission.codename, r.content_type.model, int(r.object_pk)) for r in rows}


def defined(user: User) -> set[tuple[str, str, int]]:
    """Written down again, in the words of the rule."""
    found = set()
    for grant in Grant.objects.filter(user=user, ended_at=None):
        for cell in grant.role.permissions.all():
            if cell.reach == "*":
                found.add((cell.codename, "bureau", Bureau.objects.get().pk))
            elif cell.reach == "X" and grant.section:
                found.add((cell.codename, "section", grant.section.pk))
            elif cell.reach == "T" and grant.office:
                found.add((cell.codename, "townshipoffice", grant.office.pk))
            elif cell.reach == "O":
                found.add((cell.codename, "user", user.pk))
    return found if user.is_active else set()


class SyncProperties(TestCase):
    @given(
        grants=st.sets(
            st.tuples(st.sampled_from(ROLES), st.integers(-1, 2), st.integers(-1, 2), st.booleans()),
            max_size=6,
        ),
        junk=st.sets(st.sampled_from(sorted(catalogue.permissions())), max_size=3),
        active=st.booleans(),
    )
    @settings(max_examples=30, deadline=None)
    def test_rows_equal_the_definition_whatever_was_there_before(
        self, grants: set[tuple[str, int, int, bool]], junk: set[str], active: bool
    ) -> None:
        sections, offices = list(Section.objects.all()[:3]), list(TownshipOffice.objects.all()[:3])
        user = UserFactory.create(is_active=active)
        for code, section, office, ended in grants:
            GrantFactory.create(
                user=user,
                role=role(code),
                section=sections[section] if section >= 0 else None,
                office=offices[office] if office >= 0 else None,
                ended_at="2026-01-01T00:00+08:00" if ended else None,
            )
        allow(user, *junk)

        sync_permissions(user)

        assert held(user) == defined(user)
        assert sync_permissions(user) == 0


@pytest.mark.django_db
def test_a_section_grant_reaches_its_section_only() -> None:
    mine, other = SectionFactory.create_batch(2)
    user = UserFactory.create()
    GrantFactory.create(user=user, role=role("clerk"), section=mine)
    sync_permissions(user)

    assert user.has_perm("accounts.create_supply")
    assert user.has_perm("accounts.create_supply", mine)
    assert not user.has_perm("accounts.create_supply", other)
    assert user.has_perm("accounts.view_calendar", other)


@pytest.mark.django_db
def test_own_work_reaches_the_person() -> None:
    user, other = UserFactory.create_batch(2)
    GrantFactory.create(user=user, role=role("brigade"))
    sync_permissions(user)

    assert scopes_for(user, "update_case").people == {user.pk}
    assert user.has_perm("accounts.update_case", user)
    assert not user.has_perm("accounts.update_case", other)


@pytest.mark.django_db
def test_two_grants_of_one_role_add_up_and_ending_one_leaves_the_other() -> None:
    first, second = OfficeFactory.create_batch(2)
    user = UserFactory.create()
    kept = GrantFactory.create(user=user, role=role("land_officer"), office=first)
    ended = GrantFactory.create(user=user, role=role("land_officer"), office=second)
    sync_permissions(user)
    assert scopes_for(user, "view_supply").offices == {first.pk, second.pk}

    Grant.objects.filter(pk=ended.pk).update(ended_at="2026-11-01T00:00+08:00")
    sync_permissions(user)

    assert scopes_for(user, "view_supply").offices == {kept.office.pk}


@pytest.mark.django_db
def test_rows_about_single_objects_are_left_alone() -> None:
    """A case shared with one person is no scope."""
    user = UserFactory.create()
    permission = Permission.objects.exclude(content_type__app_label="accounts").first()
    assert permission
    UserObjectPermission.objects.bulk_create(
        [
            UserObjectPermission(
                user=user, permission=permission, content_type=permission.content_type, object_pk="7"
            )
        ]
    )

    sync_permissions(user)

    assert UserObjectPermission.objects.filter(user=user, object_pk="7").exists()


@pytest.mark.django_db
def test_queries_do_not_grow_with_the_number_of_people(django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    def people(count: int) -> list[int]:
        users = UserFactory.create_batch(count)
        for user in users:
            GrantFactory.create(user=user, role=role("clerk"), section=section)
        return [user.pk for user in users]

    section = SectionFactory.create()
    sync_people(people(1))  # the content types are known from now on
    few, many = people(2), people(20)

    with django_assert_num_queries(9) as first:
        sync_people(few)
    with django_assert_num_queries(9 + _batches(first, 20)):
        sync_people(many)


def _batches(captured: object, people: int) -> int:
    """SQLite takes 999 parameters a statement: more inserts, nothing else."""
    from django.db import connection

    limit = connection.features.max_query_params
    cells = RolePermission.objects.filter(role__code="clerk").count()
    return 0 if limit is None else -(-people * cells * 4 // limit) - 1


@pytest.mark.django_db
def test_a_section_cell_without_a_section_gives_nothing() -> None:
    user = UserFactory.create()
    GrantFactory.create(user=user, role=role("section_head"))
    sync_permissions(user)

    assert not user.has_perm("accounts.approve_supply")
    assert user.has_perm("accounts.view_visit")


@pytest.mark.django_db
def test_someone_without_grants_may_nothing_and_a_superuser_everything() -> None:
    nobody, superuser = UserFactory.create(), UserFactory.create(is_superuser=True)
    sync_people([nobody.pk, superuser.pk])

    assert not any(nobody.has_perm(f"accounts.{codename}") for codename in catalogue.permissions())
    assert all(superuser.has_perm(f"accounts.{codename}") for codename in catalogue.permissions())
    assert Role.objects.count() == len(ROLES)
