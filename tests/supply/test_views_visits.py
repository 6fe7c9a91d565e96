"""Pages of visits: the form with and without script, photos, the page of a visit, an officer's round."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from landbureau.documents.models import Document
from supervision.supply.models import Event, Photo, Visit
from supervision.supply.selectors.rounds import round_for
from supervision.supply.services import sweep
from tests.factories import UserFactory, VillageFactory, allow
from tests.supply.factories import TODAY, happen
from tests.supply.visiting import Site
from tests.web.files import photo, upload
from tests.web.pages import body_of

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}
NOW = "2026-11-23T10:45:00+08:00"


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def officer(client: Client, site: Site) -> Client:
    client.force_login(site.officer)
    return client


def address(site: Site, name: str = "visit") -> str:
    return reverse(f"supply:{name}", args=[site.supply.pk])


def answers(**more: Any) -> dict[str, Any]:
    """The form as it is filled in when nobody has begun to build."""
    return {
        "request_key": str(uuid.uuid4()),
        "draft_key": str(uuid.uuid4()),
        "longitude": "115.2418437",
        "latitude": "37.5306021",
        "accuracy": "8.4",
        "finding": "not_started",
        "cause": "land_user",
        "invested": "86.50",
        "found_use_changed": "0",
        "found_moved": "0",
        "remark": "场地已围挡，未见基础施工。",
        "at": "2026-11-23T10:40",
    } | more


def test_the_form_asks_what_fits_the_stage(officer: Client, site: Site) -> None:
    page = body_of(officer.get(address(site)))
    assert "是否已开工" in page
    assert "开工待复核" in page
    assert "改变用途" in page
    assert 'name="board_up"' not in page  # not handed over: there is no board yet
    assert "已开工" in page
    happen(site.supply, "start", date(2026, 11, 1))
    page = body_of(officer.get(address(site)))
    assert 'value="under_way"' in page
    assert 'value="not_started"' not in page


def test_a_plain_form_with_its_photos_is_recorded(officer: Client, site: Site) -> None:
    files = [upload(photo(), "一.jpg"), upload(photo(colour="#696"), "二.jpg")]
    response = officer.post(address(site), answers(photos=files), follow=True)
    event = Event.objects.get(kind="visit")
    assert response.redirect_chain[-1][0] == reverse("supply:visit_detail", args=[event.pk])
    assert event.invested == 865_000
    visit = Visit.objects.get()
    assert (str(visit.longitude), str(visit.latitude), visit.accuracy) == ("115.241844", "37.530602", 8)
    page = body_of(response)
    assert "巡查记录已提交。" in page
    assert "未开工" in page
    assert "北纬 37.5306°" in page
    assert page.count("现场照片 ") == 2


def test_a_wrong_line_keeps_what_was_typed_and_the_photos(officer: Client, site: Site) -> None:
    sent = answers(cause="", photos=[upload(photo(), "一.jpg"), upload(b"GIF89a", "二.gif")])
    page = body_of(officer.post(address(site), sent))
    assert "请选择。" in page
    assert "二.gif：只能上传" in page
    assert "场地已围挡" in page
    kept = Photo.objects.get()
    assert f'name="kept" value="{kept.pk}"' in page
    response = officer.post(address(site), sent | {"cause": "land_user", "photos": [], "kept": [kept.pk]})
    assert response.status_code == 302
    assert Event.objects.get(kind="visit").photos.get() == kept


def test_a_photo_ticked_for_removal_does_not_come_along(officer: Client, site: Site) -> None:
    sent = answers()
    keys = site.photos("#111", "#222", draft_key=uuid.UUID(sent["draft_key"]))
    officer.post(address(site), sent | {"kept": keys, "drop": [keys[0]]})
    assert Event.objects.get(kind="visit").photos.get().pk == keys[1]


def test_the_script_is_answered_in_json(officer: Client, site: Site) -> None:
    sent = answers(finding="")
    response = officer.post(address(site), sent, headers=JSON)
    assert response.status_code == 422
    assert response.json()["errors"] == {"photos": ["请至少上传一张现场照片。"], "finding": ["请选择。"]}
    keys = site.photos("#111", draft_key=uuid.UUID(sent["draft_key"]))
    response = officer.post(address(site), sent | {"finding": "not_started", "kept": keys}, headers=JSON)
    event = Event.objects.get(kind="visit")
    assert response.json() == {"url": reverse("supply:visit_detail", args=[event.pk])}


def test_the_same_form_again_is_not_recorded_again(officer: Client, site: Site) -> None:
    sent = answers(photos=[upload(photo(), "一.jpg")])
    first = officer.post(address(site), sent)
    again = officer.post(address(site), answers() | {"request_key": sent["request_key"]}, headers=JSON)
    assert again.json()["url"] == first.headers["Location"]
    assert Event.objects.filter(kind="visit").count() == 1


def test_what_the_service_refuses_is_told_at_its_field(officer: Client, site: Site) -> None:
    happen(site.supply, "start", date(2026, 10, 1))
    sent = answers(finding="under_way", developed_area="40000", photos=[upload(photo(), "一.jpg")])
    assert "不能大于宗地面积 26,680.00 m²" in body_of(officer.post(address(site), sent))
    sent = answers(at="2026-11-23T11:30")
    assert "巡查时间不能晚于现在" in officer.post(address(site), sent, headers=JSON).json()["errors"]["at"][0]


def test_a_visit_written_days_ago_is_judged_as_of_its_day(officer: Client, site: Site) -> None:
    happen(site.supply, "start", date(2026, 11, 22))
    sent = answers(at="2026-11-21T16:00", photos=[upload(photo(), "一.jpg")])
    assert officer.post(address(site), sent).status_code == 302
    assert Event.objects.get(kind="visit").on == date(2026, 11, 21)


def test_the_fragment_says_what_would_follow_and_where(officer: Client, site: Site) -> None:
    parcel = site.supply.parcel
    square = [[115.24, 37.53], [115.25, 37.53], [115.25, 37.54], [115.24, 37.54], [115.24, 37.53]]
    parcel.boundary = {"type": "Polygon", "coordinates": [square]}
    parcel.save()
    page = body_of(officer.get(address(site, "visit_after"), answers()))
    assert "开工由“待复核”转为“违约，原因待认定”" in page
    assert "，在宗地内" in page
    page = body_of(officer.get(address(site, "visit_after"), answers(finding="", longitude="115.26")))
    assert "选择建设状况后" in page
    assert "距宗地边界 883 米" in page


def test_photos_come_one_by_one(officer: Client, site: Site) -> None:
    key = str(uuid.uuid4())
    response = officer.post(
        address(site, "visit_photos"), {"draft_key": key, "photo": upload(photo(), "现场.jpg")}
    )
    kept = Photo.objects.get()
    assert response.status_code == 201
    small = reverse("supply:photo_thumb", args=[kept.pk])
    assert response.json() == {"pk": kept.pk, "name": "现场.jpg", "small": small}
    assert officer.get(small).headers["Content-Type"] == "image/jpeg"
    for wrong in ({"draft_key": "x", "photo": upload(photo())}, {"draft_key": key}):
        assert officer.post(address(site, "visit_photos"), wrong).status_code == 422
    refused = officer.post(address(site, "visit_photos"), {"draft_key": key, "photo": upload(b"MZ", "a.jpg")})
    assert "只能上传" in refused.json()["error"]
    response = officer.post(reverse("supply:remove_photo", args=[kept.pk]))
    assert response.json() == {"removed": kept.pk}
    assert not Photo.objects.exists()


def test_a_photo_of_a_record_is_shown_to_who_sees_the_visit(client: Client, site: Site) -> None:
    kept = site.visit(cause="land_user").photos.get()
    client.force_login(allow(UserFactory(), "view_visit"))
    response = client.get(reverse("supply:photo", args=[kept.pk]))
    assert response.headers["Content-Type"] == "image/jpeg"
    again = client.get(
        reverse("supply:photo", args=[kept.pk]), headers={"If-None-Match": response.headers["ETag"]}
    )
    assert again.status_code == 304
    client.force_login(UserFactory())
    assert client.get(reverse("supply:photo", args=[kept.pk])).status_code == 404


def test_the_page_of_a_visit_offers_its_card_or_to_make_it(officer: Client, site: Site) -> None:
    event = site.visit(cause="land_user")
    page = body_of(officer.get(reverse("supply:visit_detail", args=[event.pk])))
    assert "建设项目用地跟踪管理卡" in page
    old = happen(site.supply, "visit", date(2026, 11, 10), finding="not_started", actor=site.officer)
    page = body_of(officer.get(reverse("supply:visit_detail", args=[old.pk])))
    assert "没有照片：由台账导入。" in page
    assert "生成跟踪管理卡" in page


def test_one_remark_for_several_deviations_is_shown_once(officer: Client, site: Site) -> None:
    event = site.visit(
        cause="land_user", remark="围墙外移并作商铺", answers={"use_changed": True, "moved": True}
    )
    assert Event.objects.filter(kind="deviation", remark="围墙外移并作商铺").count() == 2
    page = body_of(officer.get(reverse("supply:visit_detail", args=[event.pk])))
    assert page.count("围墙外移并作商铺") == 1


@pytest.mark.parametrize(
    ("latitude", "accuracy", "far"),
    [("37.5306", "8", False), ("37.5530", "8", True), ("37.5530", "2500", False)],
)
def test_a_position_far_from_the_parcel_is_to_be_looked_at_again(
    officer: Client, site: Site, latitude: str, accuracy: str, far: bool
) -> None:
    parcel = site.supply.parcel
    parcel.longitude, parcel.latitude = Decimal("115.2418"), Decimal("37.5306")
    parcel.save()
    data = {"longitude": "115.2418", "latitude": latitude, "accuracy": accuracy}
    page = body_of(officer.get(reverse("supply:visit_after", args=[site.supply.pk]), data))
    assert ("距宗地 2.5 公里，请核对" in page) == far
    assert ("请在情况说明中写明" in page) == far


def test_cards_are_listed_and_a_blank_one_is_printed(officer: Client, site: Site) -> None:
    site.visit(cause="land_user")
    assert "打开" in body_of(officer.get(address(site, "tracking_card")))
    page = body_of(officer.get(address(site, "blank_card")))
    assert "巡查人员" in page
    assert "演示路北侧" in page
    assert "2026年11月20日" in page


def test_a_card_that_cannot_be_made_says_why(officer: Client, site: Site) -> None:
    event = happen(site.supply, "visit", TODAY, finding="not_started", actor=site.officer)
    response = officer.post(address(site, "tracking_card"), {"event": event.pk}, follow=True)
    assert "照片编号" in body_of(response)


def test_a_sign_board_is_made_and_opened(officer: Client, site: Site) -> None:
    assert "生成公示牌" in body_of(officer.get(address(site, "sign_board")))
    response = officer.post(address(site, "sign_board"))
    board = Document.objects.get(kind__code="sign_board")
    assert response.headers["Location"] == board.get_absolute_url()
    assert "重新生成" in body_of(officer.get(address(site, "sign_board")))


def test_the_round_costs_the_same_for_many_stops(
    officer: Client, site: Site, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    def stops(count: int) -> None:
        for _ in range(count):
            site.make(village=VillageFactory(township=site.township), agreed_start_on=date(2026, 11, 20))
        sweep(today=TODAY)

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            officer.get(reverse("supply:my_visits"))
        return len(asked)

    stops(2)
    queries()
    few = queries()
    stops(6)
    assert queries() == few
    with django_assert_num_queries(3):
        assert round_for(site.officer, TODAY).count == 9


def test_an_empty_round_says_so(officer: Client, site: Site) -> None:
    assert "没有要巡查的供地" in body_of(officer.get(reverse("supply:my_visits")))
