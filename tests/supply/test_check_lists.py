"""Check lists: the draw can be repeated, goes to the right people, and fills up with their visits."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from supervision.supply import rules
from supervision.supply.errors import SupplyError
from supervision.supply.models import CheckList, CheckListEntry
from supervision.supply.services import check_lists as services
from tests.factories import OfficeFactory, UserFactory, allow
from tests.supply.factories import TODAY, happen
from tests.supply.office import DAY, OF_OFFICER, SupplyOffice, as_
from tests.web.pages import body_of

pytestmark = pytest.mark.django_db
PAGE = "/desk/supply/check-lists/"


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel("2026-11-23T09:00:00+08:00", tick=False):
        yield


@pytest.fixture
def office() -> SupplyOffice:
    return SupplyOffice()


def draw(office: SupplyOffice, **changes: Any) -> CheckList:
    values: dict[str, Any] = {
        "kind": "random",
        "title": "11月随机抽查",
        "count": 3,
        "due_on": TODAY + 20 * DAY,
        "seed": "a81c22f0",
        "actor": office.head,
        "today": TODAY,
    }
    return services.draw(**values | changes)


def numbers(check_list: CheckList) -> set[str]:
    return set(check_list.entries.values_list("supply__number", flat=True))


# --- The draw ---------------------------------------------------------------------------------------------


def test_the_same_seed_draws_the_same_and_another_one_others(office: SupplyOffice) -> None:
    for _ in range(30):
        office.supply()
    first = draw(office, count=5)
    assert numbers(draw(office, count=5)) == numbers(first)
    assert numbers(draw(office, count=5, seed="another")) != numbers(first)


def test_a_supply_that_comes_later_does_not_shuffle_the_others(office: SupplyOffice) -> None:
    for _ in range(10):
        office.supply()
    before = numbers(draw(office, count=10))
    office.supply()
    assert len(numbers(draw(office, count=10)) & before) >= 9


def test_only_what_is_under_supervision_in_the_heads_section_is_drawn(office: SupplyOffice) -> None:
    running = office.supply()
    ended = office.supply()
    happen(ended, rules.Kind.ACCEPTANCE, TODAY - DAY)
    office.supply(signed_on=TODAY + DAY)
    from tests.factories import SectionFactory

    office.supply(section=SectionFactory())
    assert numbers(draw(office, count=1)) == {running.number}
    with pytest.raises(SupplyError, match="只有 1 宗") as refused:
        draw(office, count=2)
    assert refused.value.field == "count"


def test_a_random_check_is_for_the_officer_of_each_supply(office: SupplyOffice) -> None:
    office.supply()
    office.supply(officer=None)
    entries = draw(office, count=2).entries.all()
    assert Counter(entry.officer for entry in entries) == {office.officer: 1, None: 1}


def test_a_cross_patrol_is_for_officers_of_other_offices_in_even_shares(office: SupplyOffice) -> None:
    third = OfficeFactory()
    other = allow(UserFactory(office=third), *OF_OFFICER, on=third)
    for _ in range(8):
        office.supply()
    entries = draw(office, kind="cross", count=8).entries.all()
    assert Counter(entry.officer for entry in entries) == {office.colleague: 4, other: 4}


def test_without_another_office_there_is_no_cross_patrol(office: SupplyOffice) -> None:
    allow(office.colleague, "create_visit", on=office.office)
    office.supply()
    with pytest.raises(SupplyError, match="没有其他国土所"):
        draw(office, kind="cross", count=1)


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"due_on": TODAY - DAY}, "due_on"), ({"count": 0}, "count"), ({"count": 501}, "count")],
)
def test_a_day_that_has_passed_and_odd_numbers_are_refused(
    office: SupplyOffice, changes: dict[str, Any], field: str
) -> None:
    office.supply()
    with pytest.raises(SupplyError) as refused:
        draw(office, **changes)
    assert refused.value.field == field
    assert not CheckList.objects.exists()


# --- Pages ------------------------------------------------------------------------------------------------


def test_the_head_draws_by_form_and_is_told_what_is_wrong_at_the_field(office: SupplyOffice) -> None:
    office.supply()
    data = {
        "kind": "random",
        "count": 2,
        "due_on": f"{TODAY + timedelta(days=9):%Y-%m-%d}",
    }
    client = as_(office.head)
    assert "范围内在管的只有 1 宗" in body_of(client.post(reverse("supply:draw"), data))
    response = client.post(reverse("supply:draw"), data | {"count": 1})
    made = CheckList.objects.get()
    assert response["Location"] == made.get_absolute_url()
    assert made.title == "2026年11月随机抽查"
    assert made.seed in body_of(client.get(made.get_absolute_url())), "drawn by the server, shown to all"
    assert as_(office.clerk).get(reverse("supply:draw")).status_code == 403


def test_an_officer_sees_the_own_entries_also_in_another_township(office: SupplyOffice) -> None:
    for _ in range(2):
        office.supply()
    made = draw(office, kind="cross", count=2)
    CheckListEntry.objects.filter(pk=made.entries.first().pk).update(officer=office.officer)  # type: ignore[union-attr]
    page = as_(office.colleague).get(made.get_absolute_url()).context
    assert page["count"] == 1
    assert as_(office.officer).get(made.get_absolute_url()).context["count"] == 2
    own = as_(office.officer).get(made.get_absolute_url(), {"own": 1}).context["entries"]
    expected = [entry for entry in made.entries.all() if entry.officer == office.officer]
    assert [entry for entry, _, _ in own] == expected
    assert as_(office.stranger).get(made.get_absolute_url()).status_code == 404


def test_a_row_leads_to_the_supply_and_to_its_visit(office: SupplyOffice) -> None:
    first, second = office.supply(), office.supply()
    made = draw(office, kind="cross", count=2)
    address = made.get_absolute_url()
    visit = reverse("supply:visit", args=[second.pk])
    for person, links, looks in (
        (office.colleague, False, True),  # drawn for it, in another township
        (office.officer, True, True),  # visits there anyway
        (office.head, True, False),
    ):
        page = body_of(as_(person).get(address))
        assert (f'href="{second.get_absolute_url()}"' in page) == links
        assert (visit in page) == looks
    event = happen(second, "visit", TODAY, finding="under_way")
    made.entries.filter(supply=second).update(visit=event)
    page = body_of(as_(office.officer).get(address))
    assert visit not in page
    assert reverse("supply:visit_detail", args=[event.pk]) in page
    assert reverse("supply:visit", args=[first.pk]) in page
    assert "导出全部 2 宗" in page


def test_the_lists_say_how_far_they_are(office: SupplyOffice) -> None:
    supply = office.supply()
    office.supply()
    made = draw(office, count=2, due_on=TODAY)
    visit = happen(supply, rules.Kind.VISIT, TODAY, actor=office.officer)
    made.entries.filter(supply=supply).update(visit=visit)
    (row,) = as_(office.head).get(PAGE).context["page_obj"]
    assert (row.done, row.count) == (1, 2)
    assert "您还有 1 宗" in body_of(as_(office.officer).get(PAGE))
    with time_machine.travel(TODAY + DAY, tick=False):
        assert "逾期" in body_of(as_(office.head).get(PAGE))
    assert list(as_(office.stranger).get(PAGE).context["page_obj"]) == []


def test_a_list_can_be_taken_away_as_a_file(office: SupplyOffice) -> None:
    supply = office.supply()
    made = draw(office, count=1)
    text = body_of(as_(office.head).get(made.get_absolute_url(), {"export": "csv"}))
    assert supply.number in text
    assert "王海燕" in text
    assert as_(office.head).get(made.get_absolute_url(), {"export": "exe"}).status_code == 404
