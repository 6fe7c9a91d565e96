"""The demo's people: every role, all townships, one password, loaded once."""

from __future__ import annotations

import json
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.management import CommandError, call_command
from django.test import override_settings

from landbureau.accounts import catalogue, demo
from landbureau.accounts.loading import load_bureau
from landbureau.accounts.models import (
    Absence,
    Assignment,
    Bureau,
    Grant,
    Role,
    Section,
    SectionAlias,
    Township,
    TownshipOffice,
    User,
    Village,
)
from landbureau.accounts.selectors import acting_for
from landbureau.accounts.selectors_access import access_of
from landbureau.accounts.selectors_people import expiring_certificates
from supervision.supply.models import Regime
from tests.documents.desk import blank_pdf
from tests.factories import UserFactory, allow

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


@pytest.fixture(params=["xinhe", "hongjiang"])
def bureau(request: pytest.FixtureRequest, settings: Any) -> str:
    settings.BUREAU = request.param
    if request.param != "xinhe":
        Regime.objects.all().delete()  # it names sections
        for model in (Township, TownshipOffice, SectionAlias, Section, Bureau):
            model.objects.all().delete()
        load_bureau(request.param)
    return str(request.param)


def test_every_role_has_somebody_and_every_office_an_officer(bureau: str) -> None:
    demo.load(TODAY)

    assert not Role.objects.exclude(grants__ended_at=None, grants__user__isnull=False).exists()
    assert all(office.staff.exists() for office in TownshipOffice.objects.all())
    assert all(access_of(user, TODAY) for user in User.objects.all())


def test_everybody_on_the_sign_in_page_can_sign_in(bureau: str) -> None:
    demo.load(TODAY)

    for account in demo.demo_accounts():
        user = User.objects.get(username=account.username)
        assert user.username.isascii()
        assert user.check_password(account.password)
        validate_password(account.password, user)
        assert account.title == f"{user.unit or ''} {user.position}".strip()
    assert User.objects.filter(must_change_password=True).count() == 1


def test_loading_again_adds_nothing_and_changes_nothing(bureau: str) -> None:
    created = demo.load(TODAY)
    User.objects.filter(must_change_password=True).update(must_change_password=False, position="科长")
    before = [
        list(model.objects.order_by("pk").values()) for model in (User, Village, Assignment, Absence, Grant)
    ]

    again = demo.load(TODAY + timedelta(days=40))

    assert all(created.values())
    assert again == {"people": 0, "villages": 0, "absences": 0}
    assert before == [
        list(model.objects.order_by("pk").values()) for model in (User, Village, Assignment, Absence, Grant)
    ]


def test_days_are_relative_to_the_first_load() -> None:
    reader = allow(UserFactory.create(), "view_staff")
    demo.load(TODAY)

    assert [user.name for user in expiring_certificates(reader, TODAY)] == ["刘建军"]
    boss = User.objects.get(username="zhaowb")
    assert acting_for(boss, TODAY) == []
    assert acting_for(boss, TODAY + timedelta(days=1)) == [User.objects.get(username="chenxy").pk]


def test_the_villages_stand_in_the_order_of_the_route_and_some_wait_for_an_officer() -> None:
    demo.load(TODAY)

    assert Village.objects.count() == 60
    assert {township.name for township in Township.objects.filter(villages__isnull=False)} == {
        "新河镇", "寻寨镇", "白神首乡", "荆家庄乡", "西流乡", "仁让里乡",
    }  # fmt: skip
    assert Assignment.objects.count() == 58
    assert all(
        row.subject.township.office_id == row.user.office_id
        for row in Assignment.objects.select_related("user").prefetch_related("subject__township")
    )


@override_settings(DEMO=True)
def test_the_command_tells_the_accounts_in_both_formats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("landbureau.documents.pdf.write_pdf", lambda content: blank_pdf())
    text, document = StringIO(), StringIO()
    call_command("load_demo", stdout=text)
    call_command("load_demo", format="json", stdout=document)

    assert "zhaowb" in text.getvalue()
    assert demo.PASSWORD in text.getvalue()
    accounts = json.loads(document.getvalue())["accounts"]
    assert accounts[0] == {
        "username": "zhaowb", "name": "赵文博", "title": "监察股 股长", "password": demo.PASSWORD,
    }  # fmt: skip


def test_published_passwords_do_not_get_into_a_real_installation() -> None:
    with pytest.raises(CommandError, match="DEMO=1"):
        call_command("load_demo")
    assert not User.objects.exists()


@pytest.mark.parametrize("path", sorted((settings.FIXTURES_DIR / "demo").glob("people-*.csv")))
def test_demo_numbers_are_obviously_not_real(path: Path) -> None:
    for row in catalogue.read_table(path):
        assert row["手机"].startswith("138 0000 ")
        assert row["执法证号"] == "" or row["执法证号"].startswith("演示-")


def test_the_public_page_has_a_contact_unless_the_bureau_entered_its_own() -> None:
    demo.load(TODAY)
    bureau = Bureau.objects.get()
    assert "示例" in bureau.address
    assert bureau.phone == "0319-0000000"
    Bureau.objects.update(phone="0319-1111111", address="")
    demo.load(TODAY)
    bureau.refresh_from_db()
    assert (bureau.phone, bureau.address) == ("0319-1111111", "")
