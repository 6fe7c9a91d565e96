"""The search finds what the person may open."""

import pytest
from django.test import Client
from django.urls import reverse

from landbureau.home.selectors import search
from landbureau.workdays.services import register_deadline
from tests.factories import (
    OfficeFactory,
    SectionFactory,
    TownshipFactory,
    UserFactory,
    VillageFactory,
    allow,
)

pytestmark = pytest.mark.django_db


def found(user, text: str) -> list[str]:
    return [hit.title for _, hits in search(user, text) for hit in hits]


def test_nothing_is_found_for_nothing() -> None:
    assert search(UserFactory(), "  ") == []


def test_people_are_found_within_the_own_scopes_only() -> None:
    mine, other = SectionFactory(), SectionFactory()
    viewer = allow(UserFactory(), "view_staff", on=mine)
    UserFactory(name="赵文博", section=mine)
    UserFactory(name="赵远山", section=other)
    assert found(viewer, "赵") == ["赵文博"]


def test_a_village_leads_to_its_office() -> None:
    viewer = allow(UserFactory(), "view_round")
    office = OfficeFactory(name="柳林国土所")
    VillageFactory(name="河湾东村", township=TownshipFactory(name="柳林镇", office=office))
    hits = [hit for _, hits in search(viewer, "湾东") for hit in hits]
    assert [hit.title for hit in hits] == ["河湾东村"]
    assert hits[0].url == reverse("people:office", args=[office.pk])
    assert found(viewer, "柳林") == ["柳林国土所"]


def test_without_the_permission_no_places_are_found() -> None:
    OfficeFactory(name="柳林国土所")
    assert found(UserFactory(), "柳林") == []


def test_own_time_limits_are_found_and_others_are_not(client: Client) -> None:
    from datetime import date

    me, colleague = UserFactory(), UserFactory()
    for person in (me, colleague):
        register_deadline(title=f"{person.name}的答复", event_on=date(2026, 8, 24), owner=person, number=5)
    assert found(me, "的答复") == [f"{me.name}的答复"]
    client.force_login(me)
    assert f"{me.name}的答复" in client.get(reverse("home:search"), {"q": "答复"}).content.decode()


def test_an_unlucky_search_says_what_can_be_searched(client: Client) -> None:
    client.force_login(UserFactory())
    assert "没有找到" in client.get(reverse("home:search"), {"q": "不存在的词"}).content.decode()
