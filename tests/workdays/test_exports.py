"""The ledger as a file: exact days, the state of the day, own and permitted rows only."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse_lazy

from landbureau.accounts.models import User
from landbureau.workdays.models import Deadline, TimeLimit
from tests.factories import SectionFactory, UserFactory, allow
from tests.web.exported import lines_of, rows_of
from tests.workdays.factories import day, make_deadline

pytestmark = pytest.mark.django_db
LIST = reverse_lazy("workdays:deadlines")


@pytest.fixture(autouse=True)
def _monday() -> Any:
    with time_machine.travel("2026-11-23T09:00:00+08:00", tick=False):
        yield


@pytest.fixture
def clerk(client: Client) -> User:
    person = UserFactory(name="李登记", section=SectionFactory())
    client.force_login(allow(person, "view_deadline", on=person.section))
    return person


def test_a_running_limit_has_its_law_and_its_state(client: Client, clerk: User) -> None:
    limit = TimeLimit.objects.get(code="statement")
    row = make_deadline(owner=clerk, title="听证", event_on=day("2026-11-02"), limit=limit)
    Deadline.objects.filter(pk=row.pk).update(due_on="2026-11-20", provisional=True, told_on="2026-11-03")
    row.refresh_from_db()
    assert rows_of(client, LIST) == [
        {
            "事项": "听证",
            "期限": row.span,
            "依据": limit.source,
            "起算事件日期": "2026-11-02",
            "到期日": "2026-11-20",
            "到期日暂定": "是",
            "状态": "逾期",
            "承办人": "李登记",
            "告知日期": "2026-11-03",
            "办结日期": "",
            "办结情况": "",
        }
    ]


def test_a_settled_limit_says_how_it_ended_and_is_provisional_no_more(client: Client, clerk: User) -> None:
    row = make_deadline(owner=clerk, title="听证", event_on=day("2026-11-02"))
    Deadline.objects.filter(pk=row.pk).update(
        due_on="2026-11-20", provisional=True, settled_on="2026-11-22", settled_by=clerk, limit=None
    )
    (found,) = rows_of(client, LIST)
    assert (found["状态"], found["办结情况"], found["到期日暂定"]) == ("已办结", "逾期2天", "否")
    assert found["依据"] == ""


def test_limits_of_people_out_of_sight_do_not_leave(client: Client, clerk: User) -> None:
    make_deadline(owner=UserFactory(section=clerk.section), title="本科室的", event_on=day("2026-11-02"))
    make_deadline(owner=UserFactory(section=SectionFactory()), title="别处的", event_on=day("2026-11-02"))
    assert [row["事项"] for row in rows_of(client, LIST)] == ["本科室的"]


def test_the_ledger_costs_the_same_queries_for_any_number_of_limits(client: Client, clerk: User) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            lines_of(client, LIST)
        return len(queries)

    make_deadline(owner=clerk, title="甲", event_on=day("2026-11-02"))
    cost()
    before = cost()
    for _ in range(20):
        make_deadline(owner=UserFactory(section=clerk.section), title="乙", event_on=day("2026-11-02"))
    assert cost() == before
