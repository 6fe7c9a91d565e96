"""What fell due before the bureau went live: listed by officer, confirmed by a person."""

from __future__ import annotations

import re
from datetime import date

import pytest
import time_machine
from django.urls import reverse

from landbureau.accounts.models import Bureau, User
from supervision.supply import rules
from supervision.supply.models import Notice
from supervision.supply.services import held_back, sweep
from tests.factories import TownshipFactory
from tests.supply.factories import TODAY, happen
from tests.supply.office import DAY, SupplyOffice, as_
from tests.web.pages import body_of

pytestmark = pytest.mark.django_db
PAGE = "/desk/supply/review/"


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel("2026-11-23T09:00:00+08:00", tick=False):
        yield


@pytest.fixture
def office() -> SupplyOffice:
    Bureau.objects.update(go_live_on=TODAY)
    return SupplyOffice()


def choose(user: User, *values: str, everything: bool = False, query: str = "") -> str:
    """Tick and confirm; the page that asks."""
    client, address = as_(user), PAGE + query
    data = {"act": "release", "pk": list(values)} | ({"everything": "1"} if everything else {})
    asked = body_of(client.post(address, data))
    if seen := re.search(r'name="seen" value="(\w+)"', asked):
        client.post(address, data | {"seen": seen[1]})
    return asked


def test_without_a_day_of_going_live_nothing_is_held_back(office: SupplyOffice) -> None:
    Bureau.objects.update(go_live_on=None)
    office.late()
    assert "没有设置启用日期" in body_of(as_(office.head).get(PAGE))


def test_the_list_stands_by_officer_with_amounts_and_days(office: SupplyOffice) -> None:
    office.late()
    office.supply(agreed_start_on=TODAY - 3 * DAY, officer=office.colleague)
    office.supply(agreed_start_on=TODAY - 5 * DAY, officer=None)
    sweep(today=TODAY)
    assert not Notice.objects.exists()
    context = as_(office.head).get(PAGE).context
    assert [(str(group["officer"]), group["count"]) for group in context["groups"]] == [
        ("孙志强", 1),
        ("王海燕", 1),
        ("None", 1),
    ]
    page = body_of(as_(office.head).get(PAGE))
    assert "欠 1,860,000.00 元，违约金 70,680.00 元" in page
    assert "已过 38 天" in page
    only = as_(office.head).get(PAGE, {"officer": office.colleague.pk}).context
    assert len(only["rows"]) == 1
    assert len(as_(office.head).get(PAGE, {"kind": "start_recheck"}).context["rows"]) == 2


def test_what_is_ticked_is_asked_about_and_then_released(office: SupplyOffice) -> None:
    supply = office.late()
    office.late(days=20)
    value = next(row.value for row in as_(office.head).get(PAGE).context["rows"] if row.supply == supply)
    asked = choose(office.head, value)
    assert "确认这 1 项仍须办理？" in asked
    assert str(supply.land_user) in asked
    (notice,) = Notice.objects.all()
    assert (notice.supply, notice.kind_id) == (supply, "payment_demand")
    assert len(held_back(TODAY)) == 1, "what was not confirmed stays"


def test_everything_means_what_the_filters_show(office: SupplyOffice) -> None:
    for _ in range(3):
        office.late()
    office.late(officer=office.colleague)
    choose(office.head, everything=True, query=f"?officer={office.officer.pk}")
    assert Notice.objects.count() == 3
    assert len(held_back(TODAY)) == 1


def test_another_choice_than_was_asked_about_is_asked_about_again(office: SupplyOffice) -> None:
    office.late()
    client = as_(office.head)
    data = {"act": "release", "everything": "1"}
    seen = re.search(r'name="seen" value="(\w+)"', body_of(client.post(PAGE, data)))
    assert seen
    office.late(days=20)
    page = body_of(client.post(PAGE, data | {"seen": seen[1]}))
    assert "请重新核对" in page
    assert not Notice.objects.exists()


def test_nothing_ticked_releases_nothing(office: SupplyOffice) -> None:
    office.late()
    assert as_(office.head).post(PAGE, {"act": "release"}).status_code == 302
    assert as_(office.head).post(PAGE, {"act": "release", "pk": ["x", "1|y"]}).status_code == 302
    assert not Notice.objects.exists()


def test_who_heads_another_section_sees_and_releases_none_of_it(office: SupplyOffice) -> None:
    office.late()
    assert as_(office.stranger).get(PAGE).context["count"] == 0
    value = as_(office.head).get(PAGE).context["rows"][0].value
    choose(office.stranger, value)
    assert not Notice.objects.exists()
    assert as_(office.clerk).post(PAGE, {"act": "release", "pk": [value]}).status_code == 403
    assert as_(office.leader).get(PAGE).status_code == 403


def test_who_enters_facts_finds_from_each_row_the_page_of_the_missing_one(office: SupplyOffice) -> None:
    Bureau.objects.update(go_live_on=TODAY + 30 * DAY)
    late = office.late()
    start = office.supply(agreed_start_on=TODAY - 3 * DAY)
    end = office.supply(agreed_start_on=date(2026, 2, 1), agreed_completion_on=TODAY - 3 * DAY)
    soon = office.supply(agreed_start_on=TODAY + 10 * DAY)
    happen(end, rules.Kind.START, date(2026, 1, 31))

    def repairs(user: User) -> dict[tuple[int, str], list[str]]:
        rows = as_(user).get(PAGE).context["rows"]
        found = {(row.supply.pk, row.kind): [url.split("/")[-2] for _, url in row.repairs] for row in rows}
        assert all(as_(user).get(url).status_code == 200 for row in rows for _, url in row.repairs)
        return found

    of_clerk, of_officer = repairs(office.clerk), repairs(office.officer)
    assert of_clerk[late.pk, "催缴"] == ["payment"]
    assert of_officer[late.pk, "催缴"] == []
    assert of_clerk[start.pk, "开工复核"] == ["start"]
    assert of_officer[start.pk, "开工复核"] == ["visit", "start"]
    assert of_officer[end.pk, "竣工复核"] == ["visit", "completion"]
    assert of_officer[soon.pk, "巡查"] == ["visit", "start"]
    assert not any(repairs(office.head).values()), "who confirms enters no facts"
    assert "确认办理" not in body_of(as_(office.clerk).get(PAGE))
    assert "已经办过的，请点右侧按钮补录" in body_of(as_(office.clerk).get("/desk/supply/review/"))
    assert reverse("supply:review") in body_of(as_(office.clerk).get("/desk/supply/notices/"))


def test_a_visit_of_the_stage_that_is_held_back_is_named(office: SupplyOffice) -> None:
    Bureau.objects.update(go_live_on=date(2026, 12, 31))
    office.supply(agreed_start_on=TODAY + 3 * DAY, township=TownshipFactory())
    rows = as_(office.head).get(PAGE).context["rows"]
    assert [(row.kind, "开工阶段须巡查一次" in row.why) for row in rows] == [("巡查", True)]
