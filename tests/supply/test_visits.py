"""A visit on the site, and everything that follows from it."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from landbureau.documents.models import Document
from supervision.supply import rules
from supervision.supply.errors import SupplyError
from supervision.supply.models import CheckList, CheckListEntry, Event, Notice, Regime, Visit
from supervision.supply.rules.looks import Look, findings_for
from supervision.supply.rules.places import contains, place_of
from supervision.supply.selectors import facts_of, terms
from supervision.supply.selectors.rounds import round_for
from supervision.supply.selectors.visits import outlook, record_of, situation_on, visitable
from supervision.supply.services import correct_event, sweep
from supervision.supply.services.papers import draft_for_notice
from supervision.supply.services.visits import make_card, make_sign_board
from tests.factories import OfficeFactory, TownshipFactory, UserFactory, VillageFactory, allow
from tests.supply.factories import TODAY, happen
from tests.supply.visiting import OFFICER, Site

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LAND_USER = {"cause": "land_user"}


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def site() -> Site:
    return Site()


def state(site: Site, on: date = TODAY) -> rules.View:
    return rules.view_of(facts_of([site.supply])[site.supply.pk], on, terms())


def refused(**how: Any) -> str:
    with pytest.raises(SupplyError) as error:
        Site().visit(**how)
    return error.value.field


# --- What it records -------------------------------------------------------------------------------------


def test_a_visit_after_the_date_that_finds_no_start_makes_a_default(site: Site) -> None:
    event = site.visit(**LAND_USER, invested=Decimal(865_000), companions="孙志强", remark="场地已围挡。")
    assert (event.kind, event.on, event.finding, event.cause) == ("visit", TODAY, "not_started", "land_user")
    visit = Visit.objects.get(event=event)
    assert (visit.companions, visit.accuracy, visit.board_up) == ("孙志强", 8, None)
    assert timezone.localtime(visit.at).hour == 10
    assert state(site).start.code == "START_DEFAULT"
    assert event.photos.count() == 1


def test_it_draws_and_issues_the_tracking_card(site: Site) -> None:
    event = site.visit(**LAND_USER, companions="孙志强")
    card = Document.objects.get(kind__code="tracking_card")
    assert event.document == card
    assert card.is_issued
    assert card.subject == event
    values = card.content["values"]
    assert values["巡查人员"] == "王海燕、孙志强"
    assert values["建设状况"] == "未开工"
    assert values["巡查环节"] == "开工"
    assert values["照片编号"] == "20261123-01"


def test_a_late_start_sends_the_notice_of_start_for_approval_once(site: Site) -> None:
    first = site.visit(**LAND_USER, on=TODAY - DAY)
    notice = Document.objects.get(kind__code="start_notice")
    assert notice.submitted_on == TODAY
    assert notice.subject == first
    site.visit(**LAND_USER)
    assert Document.objects.filter(kind__code="start_notice").count() == 1


def test_a_visit_before_the_date_writes_no_notice_of_start() -> None:
    site = Site(agreed_start_on=TODAY + 10 * DAY)
    site.visit()
    assert not Document.objects.filter(kind__code="start_notice").exists()
    assert state(site).start.code == "START_REMINDER"


def test_an_unfinished_project_before_completion_is_reminded() -> None:
    site = Site(
        agreed_start_on=date(2025, 1, 1), agreed_completion_on=TODAY + 10 * DAY, signed_on=date(2024, 1, 1)
    )
    happen(site.supply, "start", date(2025, 1, 1))
    sweep(today=TODAY)
    site.visit("under_way")
    assert Document.objects.get(kind__code="completion_reminder").submitted_on == TODAY


def test_the_held_draft_is_locked_after_the_supply_and_before_its_notices() -> None:
    """Who approves or gives up that draft at the same moment waits for its notice."""
    site = Site(
        agreed_start_on=date(2025, 1, 1), agreed_completion_on=TODAY + 10 * DAY, signed_on=date(2024, 1, 1)
    )
    happen(site.supply, "start", date(2025, 1, 1))
    sweep(today=TODAY)
    notice = Notice.objects.get(kind="completion_reminder")
    assert draft_for_notice(notice.pk, TODAY)
    with CaptureQueriesContext(connection) as queries:
        site.visit("under_way")
    said = [query["sql"] for query in queries]
    supply = next(n for n, sql in enumerate(said) if 'FROM "supply_landsupply"' in sql)
    draft = next(n for n, sql in enumerate(said) if sql.startswith('SELECT "documents_document"."id"'))
    event = next(n for n, sql in enumerate(said) if sql.startswith('INSERT INTO "supply_event"'))
    assert supply < draft < event
    if connection.features.has_select_for_update:
        assert "FOR NO KEY UPDATE" in said[draft]


def test_a_start_that_goes_back_gets_an_event_of_its_day(site: Site) -> None:
    event = site.visit("started", since=date(2026, 11, 16), started_by="pit")
    start = Event.objects.get(kind="start")
    assert (start.on, start.answers) == (date(2026, 11, 16), event)
    assert "基坑" in start.remark
    assert (state(site).start.reached_on, state(site).start.days_late) == (date(2026, 11, 16), 0)


def test_a_start_seen_on_the_day_itself_needs_no_second_event(site: Site) -> None:
    site.visit("started", since=TODAY, started_by="foundation")
    assert not Event.objects.filter(kind="start").exists()
    assert state(site).start.reached_on == TODAY


def test_a_stop_is_counted_from_the_day_on_which_work_stopped(site: Site) -> None:
    happen(site.supply, "start", date(2026, 10, 1))
    event = site.visit("stopped", since=date(2026, 11, 1), cause="land_user", developed_area=Decimal(3200))
    assert state(site).suspended_since == date(2026, 11, 1)
    assert Event.objects.get(kind="stop").cause == "land_user"
    assert event.visit.stopped_since == date(2026, 11, 1)
    again = site.visit("stopped", cause="land_user")
    assert again.visit.stopped_since == date(2026, 11, 1), "it is known, and not asked again"
    site.visit("under_way")
    assert state(site).suspended_since is None


def test_a_completion_that_goes_back_gets_its_day(site: Site) -> None:
    happen(site.supply, "start", date(2026, 10, 1))
    site.visit("completed", since=date(2026, 11, 18))
    assert state(site).completion.reached_on == date(2026, 11, 18)


def test_a_sign_board_that_is_seen_is_posted(site: Site) -> None:
    happen(site.supply, "handover", date(2026, 1, 16))
    site.visit(**LAND_USER, board_up=True)
    assert state(site).handover.board_on == TODAY


def test_deviations_are_followed_up_once(site: Site) -> None:
    happen(site.supply, "handover", date(2026, 1, 16))
    happen(site.supply, "board", date(2026, 1, 20))
    how: Any = {**LAND_USER, "answers": {"use_changed": True, "moved": False}, "remark": "改作仓库。"}
    event = site.visit(**how, board_up=False)
    found = Event.objects.filter(kind="deviation").order_by("pk")
    assert [one.deviation for one in found] == ["use_changed", "board_missing"]
    assert all(one.answers == event for one in found)
    assert event.visit.answers == {"use_changed": True, "moved": False}
    site.visit(**how, board_up=False)
    assert Event.objects.filter(kind="deviation").count() == 2


def test_its_notices_are_closed(site: Site) -> None:
    sweep(today=TODAY)
    assert set(Notice.objects.open().values_list("kind", flat=True)) == {"start_recheck"}
    site.visit(**LAND_USER)
    assert not Notice.objects.open().exists()


def test_the_same_submission_twice_is_one_visit(site: Site) -> None:
    key = uuid.uuid4()
    first = site.visit(**LAND_USER, request_key=key)
    again = site.visit(**LAND_USER, request_key=key)
    assert first == again
    assert Visit.objects.count() == 1
    assert Document.objects.filter(kind__code="tracking_card").count() == 1


def test_the_key_of_another_record_is_refused(site: Site) -> None:
    key = uuid.uuid4()
    site.visit(**LAND_USER, request_key=key)
    with pytest.raises(SupplyError, match="另一份记录"):
        site.visit(**LAND_USER, request_key=key, supply=site.make())


def test_a_card_that_cannot_be_written_keeps_the_visit(site: Site) -> None:
    from landbureau.documents.models import Kind

    Kind.objects.filter(code="tracking_card").update(is_active=False)
    troubles: list[str] = []
    event = site.visit(**LAND_USER, on_trouble=troubles.append)
    assert event.document is None
    assert "跟踪管理卡没有生成" in troubles[0]
    with pytest.raises(SupplyError, match="停用"):
        make_card(event=event, actor=site.officer, today=TODAY)
    Kind.objects.filter(code="tracking_card").update(is_active=True)
    card = make_card(event=event, actor=site.officer, today=TODAY)
    assert card.is_issued
    assert make_card(event=event, actor=site.officer, today=TODAY) == card


# --- What is refused ---------------------------------------------------------------------------------------


def test_a_visit_needs_a_photo_and_a_place() -> None:
    assert refused(**LAND_USER, photos=[]) == "photos"
    assert refused(**LAND_USER, position=None) == "position"
    site = Site()
    event = site.visit(**LAND_USER, position=None, no_position_reason="没有卫星信号")
    assert event.visit.no_position_reason == "没有卫星信号"


def test_a_late_start_needs_a_cause() -> None:
    assert refused() == "cause"
    Site(agreed_start_on=TODAY + 40 * DAY).visit()


def test_what_was_found_must_fit_the_stage() -> None:
    assert refused(finding="under_way") == "finding"
    assert refused(finding="completed", since=TODAY) == "finding"
    assert refused(finding="started", since=TODAY) == "started_by"
    assert refused(finding="started", started_by="pit") == "since"


def test_days_that_cannot_be_are_refused(site: Site) -> None:
    assert refused(**LAND_USER, on=TODAY + DAY) == "on"
    assert refused(finding="started", since=date(2025, 1, 1), started_by="pit") == "since"
    happen(site.supply, "start", date(2026, 10, 1))
    site.visit("under_way", on=date(2026, 11, 10))
    for since in (date(2026, 11, 9), TODAY + DAY):
        with pytest.raises(SupplyError):
            site.visit("stopped", since=since, cause="land_user")


def test_an_area_larger_than_the_parcel_is_a_wrong_unit(site: Site) -> None:
    happen(site.supply, "start", date(2026, 10, 1))
    with pytest.raises(SupplyError, match="宗地面积"):
        site.visit("under_way", developed_area=Decimal(30_000))


def test_a_deviation_must_be_described() -> None:
    assert refused(**LAND_USER, answers={"moved": True}) == "remark"


def test_a_supply_that_has_ended_is_not_visited_any_more(site: Site) -> None:
    happen(site.supply, "take_back", TODAY - DAY)
    with pytest.raises(SupplyError, match="终止监管"):
        site.visit(**LAND_USER)


# --- Who ----------------------------------------------------------------------------------------------------


def test_officers_visit_the_supplies_of_their_townships(site: Site) -> None:
    elsewhere = site.make(township=TownshipFactory())
    assert list(visitable(site.officer, TODAY)) == [site.supply]
    with pytest.raises(SupplyError, match="权限"):
        site.visit(**LAND_USER, supply=elsewhere)


def test_a_check_list_opens_a_supply_of_another_office(site: Site) -> None:
    supply = site.make(township=TownshipFactory(), agreed_start_on=date(2026, 11, 20))
    entry = drawn(site, supply)
    assert supply in visitable(site.officer, TODAY)
    event = site.visit(**LAND_USER, supply=supply)
    entry.refresh_from_db()
    assert entry.visit == event
    card = Document.objects.get(kind__code="tracking_card")
    assert (card.approved_on, card.issued_on) == (TODAY, None)  # its own office issues it


def test_entries_of_others_stay_open(site: Site) -> None:
    other = drawn(site, site.supply, officer=UserFactory())
    site.visit(**LAND_USER)
    other.refresh_from_db()
    assert other.visit is None


def drawn(site: Site, supply: Any, officer: Any = None, due_on: date = TODAY) -> CheckListEntry:
    listed = CheckList.objects.create(
        kind="cross", title="11月交叉巡查", drawn_on=TODAY, due_on=due_on, seed="1", drawn_by=UserFactory()
    )
    return CheckListEntry.objects.create(check_list=listed, supply=supply, officer=officer or site.officer)


# --- Afterwards ---------------------------------------------------------------------------------------------


def test_a_corrected_visit_keeps_its_photos_and_its_card(site: Site) -> None:
    event = site.visit(**LAND_USER)
    corrected = correct_event(
        event=event, changes={"cause": "government"}, reason="杆线未迁", actor=site.officer, today=TODAY
    )
    record = record_of(corrected)
    assert record.visit is not None
    assert len(record.photos) == 1
    assert corrected.document == event.document
    event.refresh_from_db()
    assert record_of(event).later == corrected


def test_the_card_of_a_corrected_visit_can_still_be_made(site: Site) -> None:
    from landbureau.documents.models import Kind

    Kind.objects.filter(code="tracking_card").update(is_active=False)
    event = site.visit(**LAND_USER, on_trouble=lambda _: None)
    Kind.objects.filter(code="tracking_card").update(is_active=True)
    correct_event(
        event=event, changes={"cause": "government"}, reason="杆线未迁", actor=site.officer, today=TODAY
    )
    card = make_card(event=event, actor=site.officer, today=TODAY)
    assert card.content["values"]["照片编号"] == "20261123-01"


def test_a_sign_board_is_issued_for_the_supply(site: Site) -> None:
    board = make_sign_board(supply=site.supply, actor=site.officer, today=TODAY)
    assert board.is_issued
    assert board.content["values"]["宗地坐落"] == f"{site.township}演示路北侧"


def test_a_sign_board_is_made_once_until_it_says_something_else(site: Site) -> None:
    boards = {make_sign_board(supply=site.supply, actor=site.officer, today=TODAY) for _ in range(3)}
    assert len(boards) == 1

    happen(site.supply, "extension_approved", TODAY, track="start", new_due_on=date(2027, 5, 20))
    again = make_sign_board(supply=site.supply, actor=site.officer, today=TODAY)
    assert again not in boards
    assert again.content["values"]["约定开工日期"] == "2027-05-20"

    Document.objects.filter(pk=again.pk).update(voided_on=TODAY)
    anew = make_sign_board(supply=site.supply, actor=site.officer, today=TODAY)
    assert anew not in {*boards, again}, "who gave one up wants another"


# --- What it would bring about -----------------------------------------------------------------------------


def test_the_outlook_says_what_changes(site: Site) -> None:
    before = situation_on(site.supply, TODAY)
    lines = outlook(before, Look(TODAY, rules.Finding.NOT_STARTED, cause=rules.Cause.LAND_USER)).lines
    assert lines[0] == "开工由“待复核”转为“违约，原因待认定”"
    assert f"《开工通知书》送{site.section}负责人批准" in lines
    assert lines[-1] == "生成跟踪管理卡"


def test_the_outlook_counts_the_damages_of_a_late_start() -> None:
    site = Site(price=Decimal(5_000_000), start_rate=Decimal("0.5"))
    before = situation_on(site.supply, TODAY)
    lines = outlook(before, Look(TODAY, rules.Finding.STARTED, since=date(2026, 11, 22))).lines
    assert "开工由“待复核”转为“已开工”" in lines
    assert "开工逾期 2 天，违约金 5,000.00 元" in lines


def test_what_can_be_found_follows_from_the_stage(site: Site) -> None:
    assert findings_for(state(site)) == ("not_started", "started")
    happen(site.supply, "start", TODAY - DAY)
    assert findings_for(state(site)) == ("under_way", "stopped", "completed")
    happen(site.supply, "completion", TODAY)
    assert findings_for(state(site)) == ("completed",)


# --- Where -----------------------------------------------------------------------------------------------

SQUARE: Any = [[[115.0, 37.0], [115.01, 37.0], [115.01, 37.01], [115.0, 37.01], [115.0, 37.0]]]
HOLE: Any = [[115.004, 37.004], [115.006, 37.004], [115.006, 37.006], [115.004, 37.006]]


def test_a_point_lies_in_a_polygon_or_in_its_hole() -> None:
    assert contains(SQUARE, 115.005, 37.005)
    assert not contains(SQUARE, 115.02, 37.005)
    assert not contains([*SQUARE, HOLE], 115.005, 37.005)
    assert contains([*SQUARE, HOLE], 115.002, 37.005)
    notched: Any = [[[0, 0], [4, 0], [4, 4], [2, 2], [0, 4]]]
    assert not contains(notched, 2, 3)
    assert contains(notched, 1, 2.5)


def test_the_distance_to_boundary_or_point_is_in_metres() -> None:
    boundary = {"type": "MultiPolygon", "coordinates": [SQUARE]}
    inside = place_of(115.005, 37.005, boundary=boundary, point=None)
    assert inside is not None
    assert inside.inside
    east = place_of(115.011, 37.005, boundary=boundary, point=None)
    assert east is not None
    assert (east.inside, round(east.distance)) == (False, 89)
    point = place_of(115.0, 37.001, boundary=None, point=(115.0, 37.0))
    assert point is not None
    assert (point.inside, round(point.distance)) == (None, 111)
    assert place_of(115.0, 37.0, boundary=None, point=None) is None
    assert place_of(115.0, 37.0, boundary={"type": "Point", "coordinates": [1, 2]}, point=None) is None


# --- The round -------------------------------------------------------------------------------------------


def test_the_round_follows_the_route_and_shows_this_week(site: Site) -> None:
    far = VillageFactory(township=site.township, order=9, name="远村")
    near = VillageFactory(township=site.township, order=1, name="近村")
    late = {"agreed_start_on": date(2026, 11, 20)}
    there, here = site.make(village=far, **late), site.make(village=near, **late)
    later = site.make(village=near, agreed_start_on=TODAY + 20 * DAY)
    sweep(today=TODAY)
    found = round_for(site.officer, TODAY)
    assert [[stop.supply for stop in leg.stops] for leg in found.legs] == [[here], [there], [site.supply]]
    assert (found.count, found.later) == (3, 1)
    everything = round_for(site.officer, TODAY, everything=True)
    assert later in [stop.supply for leg in everything.legs for stop in leg.stops]


def test_monthly_visits_are_in_the_round_all_month() -> None:
    Regime.objects.update(visit_rule=Regime.VisitRule.MONTHLY)
    site = Site(agreed_start_on=date(2027, 6, 1))
    sweep(today=date(2026, 11, 2))
    [stop] = [stop for leg in round_for(site.officer, date(2026, 11, 2)).legs for stop in leg.stops]
    assert stop.why == [("blue", "11 月巡查，2026-11-30 以前")]
    site.visit()
    assert round_for(site.officer, TODAY).count == 0


def test_the_round_holds_what_was_drawn_and_not_what_others_answer_for(site: Site) -> None:
    other = allow(UserFactory(), *OFFICER, on=OfficeFactory())
    sweep(today=TODAY)
    assert round_for(other, TODAY).count == 0
    drawn(site, site.supply, officer=other)
    [stop] = [stop for leg in round_for(other, TODAY).legs for stop in leg.stops]
    assert stop.why == [("orange", "交叉巡查：11月交叉巡查")]


def test_a_completion_of_what_is_not_known_to_have_started_asks_about_the_start() -> None:
    site = Site(
        agreed_start_on=date(2025, 1, 1), agreed_completion_on=TODAY + 10 * DAY, signed_on=date(2024, 1, 1)
    )
    with pytest.raises(SupplyError, match="没有开工的记录") as error:
        site.visit("completed", since=TODAY)
    assert error.value.field == "remark"
    site.visit("completed", since=TODAY, remark="开工日期不明。")
    assert state(site).completion.code == "COMPLETED"
