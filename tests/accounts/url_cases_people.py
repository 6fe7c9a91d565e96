"""The addresses of ``/desk/people/`` and what each of the four actors gets."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from landbureau.accounts.models import Absence
from tests.accounts.factories import GrantFactory, role
from tests.factories import TownshipFactory, UserFactory, VillageFactory
from tests.urlwalk import UrlCase, World

Key = tuple[int]


def colleague(world: World) -> Key:
    return (UserFactory(name="钱同事", section=world.section).pk,)


def left(world: World) -> Key:
    return (UserFactory(section=world.section, is_active=False).pk,)


def officer(world: World) -> Key:
    return (UserFactory(office=world.office).pk,)


def given(world: World) -> Key:
    return (GrantFactory(user=UserFactory(section=world.section)).pk,)


def a_role(world: World) -> Key:
    return (role("clerk").pk,)


def office(world: World) -> Key:
    VillageFactory(name="东测试村", township=TownshipFactory(office=world.office))
    return (world.office.pk,)


def own_absence(world: World) -> Key:
    today = timezone.localdate()
    absence = Absence.objects.create(
        user=world.right, deputy=UserFactory(), starts_on=today, ends_on=today + timedelta(days=1)
    )
    return (absence.pk,)


def colleague_in_list(world: World) -> tuple[()]:
    UserFactory(name="钱同事", section=world.section)
    return ()


def name(world: World) -> str:
    return "钱同事"


CASES = [
    UrlCase("people:staff", "view_staff", args=colleague_in_list, other_status=200, shows=name),
    UrlCase("people:new", "create_staff", bureau_wide=True),
    UrlCase("people:person", "view_staff", args=colleague, shows=name),
    UrlCase("people:person", "view_staff", args=officer),
    UrlCase("people:edit", "update_staff", args=colleague, shows=name),
    UrlCase("people:move", "update_staff", args=colleague, shows=name),
    UrlCase("people:leave", "update_staff", args=colleague, shows=name),
    UrlCase("people:reinstate", "update_staff", args=left, method="post", right_status=302, bureau_wide=True),
    UrlCase("people:reset_password", "update_staff", args=colleague, shows=name, bureau_wide=True),
    UrlCase("people:password_once"),
    UrlCase("people:unlock", "update_staff", args=colleague, method="post", right_status=302),
    UrlCase("people:phone", "view_staff", args=colleague, method="post"),
    UrlCase("people:work", "update_staff", args=colleague, shows=name),
    UrlCase("people:access", "view_staff", args=colleague, shows=name),
    UrlCase("people:grant", "update_staff", args=colleague, shows=name, bureau_wide=True),
    UrlCase("people:end_grant", "update_staff", args=given, bureau_wide=True),
    UrlCase("people:my_work"),
    UrlCase("people:my_access"),
    UrlCase("people:who", "view_staff", other_status=200),
    UrlCase("people:roles", "view_staff", other_status=200),
    UrlCase("people:role", "update_staff", args=a_role, bureau_wide=True),
    UrlCase("people:absences"),
    UrlCase("people:new_absence"),
    UrlCase("people:cancel_absence", args=own_absence),
    UrlCase("people:offices", "view_round", other_status=200, shows=lambda world: world.office.name),
    UrlCase("people:office", "view_round", args=office, shows=lambda world: "东测试村"),
    UrlCase("people:bureau", "view_config", bureau_wide=True),
    UrlCase("people:edit_bureau", "update_config", bureau_wide=True),
]
