"""The ledger: who registered and settled, dates that cannot be, and what a settled matter still shows."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from landbureau.accounts.models import User
from landbureau.workdays import services
from landbureau.workdays.models import Deadline, TimeLimit
from tests.factories import SectionFactory, UserFactory, allow
from tests.workdays.factories import day, make_deadline, set_day
from tests.workdays.test_views import filled, hidden, page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]
ACTS = ("settle", "correct", "tell")


@pytest.fixture
def monday():
    with time_machine.travel("2026-11-23 09:00:00+08:00", tick=False):
        yield


@pytest.fixture
def clerk() -> User:
    person = UserFactory(name="李登记", section=SectionFactory())
    return allow(person, "view_deadline", "create_deadline", "update_deadline", on=person.section)


@pytest.fixture
def desk(clerk: User, client: Client) -> Client:
    client.force_login(clerk)
    return client


def register(desk: Client, data: dict[str, Any]) -> str:
    """The form sent until its last day was shown and confirmed."""
    url = reverse("workdays:register")
    shown = hidden(desk.post(url, data | {"act": "preview"}).content.decode(), "shown")
    return desk.post(url, data | {"act": "save", "shown": shown}, follow=True).content.decode()


def timeline(html: str) -> str:
    return html.split('class="lb-timeline"')[1].split("</ol>")[0]


# --- Who -------------------------------------------------------------------------------------------------


def test_the_timeline_says_who_registered_and_who_settled(desk: Client, clerk: User) -> None:
    register(desk, filled(clerk))
    row = Deadline.objects.get()
    assert timeline(page(desk, "workdays:deadline", row.pk)).count("李登记") == 1
    colleague = UserFactory(name="王办结", section=clerk.section)
    allow(colleague, "view_deadline", "update_deadline", on=clerk.section)
    desk.force_login(colleague)
    desk.post(reverse("workdays:settle", args=[row.pk]), {"settled_on": "2026-11-23", "version": 1})
    row.refresh_from_db()
    assert (row.registered_by, row.settled_by) == (clerk, colleague)
    shown = timeline(page(desk, "workdays:deadline", row.pk))
    assert shown.index("王办结") < shown.index("李登记")


def test_what_nobody_registered_came_from_the_system(desk: Client, clerk: User) -> None:
    assert "系统" in timeline(page(desk, "workdays:deadline", make_deadline(owner=clerk).pk))


# --- Settled ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ACTS)
def test_a_settled_time_limit_sends_every_act_back_with_a_word(desk: Client, clerk: User, act: str) -> None:
    row = make_deadline(owner=clerk, title="某案", settled_on=day("2025-10-08"))
    url = reverse(f"workdays:{act}", args=[row.pk])
    data = {"settled_on": "2025-10-10", "event_on": "2025-09-22", "reason": "误", "told_on": "2025-10-10"}
    for response in (desk.get(url, follow=True), desk.post(url, data | {"version": 2}, follow=True)):
        assert response.redirect_chain == [(row.get_absolute_url(), 302)]
        assert "“某案”已于 2025-10-08 办结，不能再改动。" in response.content.decode()
    assert Deadline.objects.get().version == 2


@pytest.mark.parametrize(
    ("settled_on", "outcome"), [("2025-10-09", "按期"), ("2025-10-12", "逾期3天"), ("2025-09-19", "按期")]
)
def test_a_settled_time_limit_says_how_it_ended(
    desk: Client, clerk: User, settled_on: str, outcome: str
) -> None:
    row = make_deadline(owner=clerk, settled_on=day(settled_on))
    said = f"已办结 {settled_on}（{outcome}）"
    assert said in page(desk, "workdays:deadline", row.pk)
    assert said in page(desk, "workdays:deadlines")


def test_a_settled_time_limit_waits_for_nothing_any_more(desk: Client, clerk: User) -> None:
    row = make_deadline(owner=clerk, event_on=day("2026-11-20"), number=40, unit="workdays")
    html = page(desk, "workdays:deadline", row.pk)
    assert "还有" in html
    assert "结果为暂定" in html
    services.settle_deadline(deadline=row, on=day("2026-11-23"))
    for html in (
        page(desk, "workdays:deadline", row.pk),
        page(desk, "workdays:deadlines", data={"q": "罚款"}),
    ):
        content = html.split('class="lb-table"')[-1]
        assert "还有" not in content
        assert "暂定</span>" not in content
        assert "结果为暂定" not in content


def test_a_calendar_changed_after_settling_says_nothing_about_it(desk: Client, clerk: User) -> None:
    row = make_deadline(owner=clerk, settled_on=day("2025-10-08"))
    assert "推算过程" in page(desk, "workdays:deadline", row.pk)
    set_day("2025-10-09", False)
    html = page(desk, "workdays:deadline", row.pk)
    assert "推算" not in html
    assert "按现行日历应为" not in html


def test_a_settled_matter_cannot_be_told_by_the_service() -> None:
    row = make_deadline(settled_on=day("2025-10-08"))
    with pytest.raises(services.DeadlineError, match="已经办结"):
        services.mark_told(deadline=row, on=day("2025-10-08"))


# --- Dates that cannot be, or may not be meant ------------------------------------------------------------


def test_an_event_still_to_come_is_registered_only_when_confirmed(desk: Client, clerk: User) -> None:
    data = filled(clerk, event_on="2026-12-01")
    html = register(desk, data)
    assert "起算事件在今后（2026-12-01），请核对。" in html
    assert "请先核对起算事件日期" in html
    assert not Deadline.objects.exists()
    register(desk, data | {"ahead": "on"})
    assert Deadline.objects.get().event_on == day("2026-12-01")


def test_what_was_confirmed_of_one_day_does_not_hold_for_another(desk: Client, clerk: User) -> None:
    data = filled(clerk, event_on="2026-12-01", ahead="on", shown="2026-12-01", act="save")
    html = desk.post(reverse("workdays:register"), data).content.decode()
    box = html.split('name="ahead"')[1].split(">")[0]
    assert "checked" not in box
    assert not Deadline.objects.exists()


@pytest.mark.parametrize(
    "counting",
    [{"event_on": "2026-11-23"}, {"number": 0}, {"number": 7, "unit": "workdays", "backwards": "on"}],
)
def test_a_day_that_may_well_be_to_come_needs_no_confirmation(
    desk: Client, clerk: User, counting: dict[str, Any]
) -> None:
    limit = {} if "event_on" in counting else {"limit": "", "event_on": "2026-12-21"}
    assert "起算事件在今后" not in register(desk, filled(clerk) | limit | counting)
    assert Deadline.objects.count() == 1


def test_a_correction_to_a_day_still_to_come_is_warned_of(desk: Client, clerk: User) -> None:
    row = make_deadline(owner=clerk)
    url = reverse("workdays:correct", args=[row.pk])
    for event_on, warned in (("2026-12-01", True), ("2026-11-02", False)):
        html = desk.post(url, {"event_on": event_on, "reason": "误", "version": 1}).content.decode()
        assert ("起算事件在今后，请核对" in html) == warned


def test_a_matter_cannot_be_settled_before_its_event(desk: Client, clerk: User) -> None:
    row = make_deadline(owner=clerk)
    url = reverse("workdays:settle", args=[row.pk])
    html = desk.post(url, {"settled_on": "2025-09-18", "version": 1}).content.decode()
    assert "办结日期不能早于起算事件日期 2025-09-19" in html
    assert Deadline.objects.get().settled_on is None
    with pytest.raises(services.DeadlineError, match="不能早于"):
        services.settle_deadline(deadline=row, on=day("2025-09-18"))


@pytest.mark.parametrize("counting", [{"number": 0}, {"number": 7, "backwards": True}])
def test_what_ends_on_or_before_its_day_may_be_settled_before_it(
    desk: Client, clerk: User, counting: dict[str, Any]
) -> None:
    row = make_deadline(owner=clerk, event_on=day("2026-12-21"), unit="workdays", **counting)
    desk.post(reverse("workdays:settle", args=[row.pk]), {"settled_on": "2026-11-23", "version": 1})
    assert Deadline.objects.get().settled_on == day("2026-11-23")


# --- Figures of the presets --------------------------------------------------------------------------------


def test_the_presets_count_what_each_person_may_see(client: Client) -> None:
    leader, head = UserFactory(), UserFactory(section=SectionFactory())
    allow(leader, "view_deadline")
    allow(head, "view_deadline", on=head.section)
    colleague, stranger = UserFactory(section=head.section), UserFactory(section=SectionFactory())
    for owner in (colleague, stranger, stranger):
        make_deadline(owner=owner, event_on=day("2025-09-19"))
        make_deadline(owner=owner, event_on=day("2026-11-10"))
        make_deadline(owner=owner, event_on=day("2025-09-19"), settled_on=day("2025-09-22"))
    for person, count in ((leader, 3), (head, 1)):
        client.force_login(person)
        html = page(client, "workdays:deadlines")
        assert f"已逾期 <small>{count}</small>" in html
        assert f"7天内到期 <small>{count}</small>" in html


def test_the_law_row_decides_whether_the_event_comes_first() -> None:
    forward = TimeLimit.objects.get(code="fine_payment")
    assert forward.is_ahead(day("2026-11-24"), day("2026-11-23"))
    assert not forward.is_ahead(day("2026-11-23"), day("2026-11-23"))
