"""The page of an import, for the ledgers: where it stands in the navigation, what it warns of."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.core.files.base import ContentFile

from landbureau.accounts.models import Bureau, User
from landbureau.imports import services
from landbureau.imports.models import ImportSession
from tests.documents.desk import as_
from tests.factories import UserFactory, allow
from tests.imports import files
from tests.supply.factories import TODAY, make_supply
from tests.supply.sheets import happenings, ledger, supply
from tests.web.pages import body_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("read_here")]
LINE = re.compile(r'<a[^>]*aria-current="page"[^>]*>\s*(?:<[^>]+>\s*)*([^<]+)<')


@pytest.fixture
def clerk() -> User:
    return allow(UserFactory(), "create_supply", "update_supply", "view_supply", "update_config")


def begin(clerk: User, rows: list[list[Any]], kind: str = "") -> ImportSession:
    file = ContentFile(files.xlsx(rows), "台账.xlsx")
    return services.begin(file=file, kind=kind, actor=clerk, today=TODAY)


@pytest.mark.parametrize("kind", ["supplies", ""])
def test_while_a_ledger_comes_in_the_navigation_stays_where_it_was(clerk: User, kind: str) -> None:
    client = as_(clerk)
    before = LINE.findall(body_of(client.get("/desk/imports/?kind=supplies")))
    assert "台账导入" in before
    session = begin(clerk, ledger(supply(1)), kind)
    assert LINE.findall(body_of(client.get(session.get_absolute_url())))[: len(before)] == before


def test_events_are_under_the_same_line(clerk: User) -> None:
    made = make_supply(supervision_number="1305302025B00001")
    session = begin(clerk, happenings([made.supervision_number, "交地", date(2026, 5, 2)]))
    assert "台账导入" in LINE.findall(body_of(as_(clerk).get(session.get_absolute_url())))


def test_another_table_is_under_the_imports_of_the_system(clerk: User) -> None:
    session = begin(clerk, [["名称", "国土所"], ["试验镇", "试验国土所"]], "townships")
    lines = LINE.findall(body_of(as_(clerk).get(session.get_absolute_url())))
    assert "表格导入" in lines
    assert "台账导入" not in lines


def test_an_old_ledger_before_go_live_is_warned_of_with_where_to_set_it(clerk: User) -> None:
    session = begin(clerk, ledger(supply(1)))
    page = body_of(as_(clerk).get(session.get_absolute_url()))
    assert "本单位还没有设定启用日期" in page
    assert '<a href="/desk/people/bureau/edit/">去设定启用日期</a>' in page
    Bureau.objects.update(go_live_on=TODAY)
    services.check(session=ImportSession.objects.get(), today=TODAY)
    assert "还没有设定启用日期" not in body_of(as_(clerk).get(session.get_absolute_url()))
    services.confirm(
        session=ImportSession.objects.get(), seen=ImportSession.objects.get().digest, today=TODAY
    )
    assert ImportSession.objects.get().is_over
