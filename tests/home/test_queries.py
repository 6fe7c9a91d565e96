"""What pages cost in queries, exactly: a new query is a decision, not an accident."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from landbureau.accounts.models import Absence, User
from tests.factories import UserFactory, allow
from tests.workdays.factories import make_deadline

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)  # in November, when also next year's notice is looked for
# Session and user; then who the person deputises for, the scopes, what waits (time limits, documents of all
# sorts at once, certificates), the bureau's name.
FRAME = 2 + 6
LISTS = {
    # What the filters offer (sections, offices, roles), five counts, saved views, rows with their grants.
    "/desk/people/": FRAME + 11,
    # Five counts, saved views, the owners to choose from, rows.
    "/desk/workdays/": FRAME + 8,
    # Three counts, saved views, rows.
    "/desk/people/absences/": FRAME + 5,
    # Three counts, saved views, the groups (once for all presets), rows.
    "/desk/workdays/limits/": FRAME + 6,
}


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel("2026-11-23T09:00:00+08:00", tick=False):
        yield


@pytest.fixture
def reader(client: Client) -> User:
    person = allow(UserFactory(), "view_staff", "view_deadline", "view_calendar")
    client.force_login(person)
    return person


def more_rows(reader: User) -> None:
    for _ in range(8):
        colleague = UserFactory()
        make_deadline(owner=colleague, event_on=TODAY)
        make_deadline(owner=reader, event_on=TODAY, number=5)
        Absence.objects.create(user=colleague, deputy=reader, starts_on=TODAY, ends_on=TODAY)


def cost(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


@pytest.mark.parametrize("url", LISTS)
def test_a_list_costs_its_frame_and_its_own_however_many_rows(client: Client, reader: User, url: str) -> None:
    more_rows(reader)
    cost(client, url)  # content types are read once for all
    assert cost(client, url) == LISTS[url]
    more_rows(reader)
    assert cost(client, url) == LISTS[url]


def test_the_desk_costs_the_same_however_much_waits(client: Client, reader: User) -> None:
    """The frame; then open work, the calendar (three), the week's time limits, absences, work taken over."""
    for _ in range(2):
        more_rows(reader)
        cost(client, "/desk/")
        assert cost(client, "/desk/") == FRAME + 7


def test_who_keeps_calendar_and_jobs_pays_one_query_for_each_thing_that_may_wait(
    client: Client, reader: User
) -> None:
    """Failed jobs; whether next year's notice is there; whether time limits can be recomputed."""
    allow(reader, "run_jobs", "update_calendar")
    cost(client, "/desk/workdays/limits/")
    assert cost(client, "/desk/workdays/limits/") == LISTS["/desk/workdays/limits/"] + 3


def test_a_public_page_builds_no_frame_for_a_signed_in_reader(client: Client, reader: User) -> None:
    cost(client, "/")  # the first request of a session records where it comes from
    signed_in = cost(client, "/")
    client.logout()
    assert signed_in == cost(client, "/") + 2  # session and user
