import pytest
from django.test import Client

from tests.factories import OfficeFactory, SectionFactory, TownshipFactory

pytestmark = pytest.mark.django_db


def test_the_start_page_names_sections_and_offices_with_their_townships(client: Client) -> None:
    SectionFactory(name="测绘股", summary="测绘与地理信息", phone="0319-0000000")
    TownshipFactory(name="柳林镇", office=OfficeFactory(name="柳林国土所", address="柳林镇政府院内"))
    page = client.get("/").content.decode()
    for text in ("测绘股", "测绘与地理信息", "0319-0000000", "柳林国土所", "柳林镇", "柳林镇政府院内"):
        assert text in page


def test_a_closed_section_is_not_shown(client: Client) -> None:
    SectionFactory(name="撤销股", is_active=False)
    assert "撤销股" not in client.get("/").content.decode()


def test_the_start_page_asks_the_database_a_constant_number_of_times(
    client: Client, django_assert_max_num_queries
) -> None:
    for _ in range(5):
        TownshipFactory()
    client.get("/")
    with django_assert_max_num_queries(4):
        client.get("/")


def test_the_start_page_only_answers_reading(client: Client) -> None:
    assert client.post("/").status_code == 405
