"""From the contract to the site, and building: from the briefing to the final verification."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal

import pytest

from landbureau.documents.models import Document
from supervision.supply.errors import SupplyError
from supervision.supply.models import Event, Photo
from supervision.supply.rules import HandoverState, StageState
from supervision.supply.selectors.consequences import consequence_of
from supervision.supply.services import handover
from supervision.supply.services.handover import give_board, post_board, record_briefing, record_handover
from supervision.supply.services.progress import (
    follow_up_deviation,
    record_acceptance,
    record_completion,
    record_resume,
    record_start,
    record_stop,
)
from tests.supply.acting import People, standing
from tests.supply.factories import TODAY, happen
from tests.web.files import pdf, photo, picture, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> People:
    return People()


def test_a_briefing_is_a_record_with_its_document(people: People) -> None:
    event = record_briefing(
        supply=people.supply(), on=TODAY, receiver="高志远", actor=people.clerk, today=TODAY
    )
    assert event.remark == "告知 高志远"
    assert event.document is not None
    assert event.document.kind.code == "briefing"


def test_a_handover_has_its_confirmation_and_photos(people: People) -> None:
    supply = people.supply()

    event = record_handover(
        supply=supply,
        on=date(2026, 2, 10),
        condition="场地平整",
        boundary="界址点完好",
        photos=[upload(photo(), "交地.jpg")],
        actor=people.clerk,
        today=TODAY,
    )

    assert (event.remark, event.photos.count()) == ("场地平整；界址点完好", 1)
    assert event.document is not None
    assert event.document.kind.code == "handover_confirmation"
    assert standing(supply).view.handover.state == HandoverState.HANDED_OVER


def test_a_late_handover_is_told_to_be_the_bureaus_delay(people: People) -> None:
    now = standing(people.supply())
    late = consequence_of("handover", now, {"on": date(2026, 2, 10)})
    after_start = consequence_of("handover", now, {"on": date(2026, 11, 21)})
    in_time = consequence_of("handover", now, {"on": date(2026, 1, 31)})
    assert "比约定的 2026-01-31 晚 10 天，标为本单位迟延" in late.lines[0]
    assert "属政府原因" in after_start.warnings[0]
    assert in_time.lines[0] == "按期交地。"


def test_without_an_agreed_start_the_handover_gives_one(people: People) -> None:
    now = standing(people.supply(agreed_start_on=None))
    told = consequence_of("handover", now, {"on": date(2026, 2, 10)})
    assert "推算为 2027-02-10" in told.lines[1]


def test_a_handover_without_its_confirmation_drafts_nothing(people: People) -> None:
    record_handover(
        supply=people.supply(),
        on=TODAY,
        photos=[upload(photo(), "交地.jpg")],
        with_paper=False,
        actor=people.officer,
        today=TODAY,
    )
    assert not Document.objects.exists()


def test_the_land_is_handed_over_as_a_photo_shows(people: People) -> None:
    with pytest.raises(SupplyError, match="请至少上传一张交地现场的照片") as refused:
        record_handover(supply=people.supply(), on=TODAY, photos=[], actor=people.clerk, today=TODAY)
    assert refused.value.field == "photos"
    assert not Event.objects.exists()
    assert not Document.objects.exists()


def test_the_land_is_handed_over_once(people: People) -> None:
    supply = people.supply()
    happen(supply, "handover", date(2026, 1, 28))
    with pytest.raises(SupplyError, match="已于 2026-01-28 交地"):
        record_handover(supply=supply, on=TODAY, photos=[], actor=people.clerk, today=TODAY)


def test_a_board_hangs_only_as_a_photo_shows(people: People) -> None:
    supply = people.supply()
    happen(supply, "handover", date(2026, 1, 28))
    give_board(supply=supply, on=TODAY, receiver="高志远", actor=people.officer, today=TODAY)
    with pytest.raises(SupplyError) as refused:
        post_board(supply=supply, on=TODAY, photos=[], actor=people.officer, today=TODAY)
    assert refused.value.field == "photos"

    event = post_board(
        supply=supply,
        on=TODAY,
        photos=[
            upload(photo(), "牌.jpg"),
            upload(photo(), "牌2.jpg"),
            upload(picture(colour="#369"), "远.jpg"),
        ],
        actor=people.officer,
        today=TODAY,
    )

    assert event.photos.count() == 2, "the same file twice is one photo"
    kept = Photo.objects.filter(event=event).first()
    assert kept is not None
    assert kept.latitude == Decimal("37.520000")
    assert standing(supply).view.handover.state == HandoverState.BOARD_POSTED


def test_a_file_that_is_no_photo_keeps_the_board_from_being_registered(people: People) -> None:
    supply = people.supply()
    happen(supply, "handover", date(2026, 1, 28))
    with pytest.raises(SupplyError) as refused:
        post_board(
            supply=supply, on=TODAY, photos=[upload(pdf(), "牌.pdf")], actor=people.officer, today=TODAY
        )
    assert refused.value.field == "photos"
    assert not Event.objects.filter(kind="board").exists()
    assert not Photo.objects.exists()


def test_an_act_keeps_as_many_photos_as_a_visit_may_have(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handover, "MOST_PHOTOS", 1)
    supply = people.supply()
    happen(supply, "handover", date(2026, 1, 28))
    photos = [upload(photo(), "牌.jpg"), upload(photo(colour="#369"), "牌2.jpg")]
    with pytest.raises(SupplyError, match="一次最多上传 1 张照片") as refused:
        post_board(supply=supply, on=TODAY, photos=photos, actor=people.officer, today=TODAY)
    assert refused.value.field == "photos"


def test_a_board_hangs_after_the_handover_and_is_the_officers_business(people: People) -> None:
    supply = people.supply()
    photos = [upload(photo(), "牌.jpg")]
    with pytest.raises(SupplyError, match="尚未交地"):
        post_board(supply=supply, on=TODAY, photos=photos, actor=people.officer, today=TODAY)
    happen(supply, "handover", date(2026, 1, 28))
    with pytest.raises(SupplyError, match="权限"):
        post_board(supply=supply, on=TODAY, photos=photos, actor=people.clerk, today=TODAY)
    with pytest.raises(SupplyError, match="不能早于交地日期"):
        post_board(supply=supply, on=date(2026, 1, 1), photos=photos, actor=people.officer, today=TODAY)


def test_before_a_start_is_registered_the_page_says_how_late_it_is(people: People) -> None:
    now = standing(people.unstarted())
    told = consequence_of("start", now, {"on": TODAY})
    early = consequence_of("start", now, {"on": date(2026, 11, 20)})
    assert told.lines[0] == "比约定的 2026-11-20 晚：逾期 3 天，违约金 7,704.00 元，按日0.5‰。"
    assert early.lines[0] == "约定 2026-11-20，按期开工，没有违约金。"
    assert "2026-11-21 的巡查没有发现开工" in early.warnings[0]


def test_building_goes_from_start_to_final_verification(people: People) -> None:
    supply = people.supply()
    act = {"supply": supply, "actor": people.clerk, "today": TODAY}
    with pytest.raises(SupplyError, match="尚未开工"):
        record_stop(on=TODAY, reason="x", **act)
    record_start(on=date(2026, 3, 1), evidence="基础桩全部打入", **act)
    record_stop(on=date(2026, 5, 1), reason="资金不足", invested=Decimal(100), **act)
    assert standing(supply).view.suspended_since == date(2026, 5, 1)
    with pytest.raises(SupplyError, match="不能早于停工"):
        record_resume(on=date(2026, 4, 1), **act)
    record_resume(on=date(2026, 6, 1), **act)
    with pytest.raises(SupplyError, match="尚未竣工"):
        record_acceptance(on=TODAY, conclusion="合格", **act)
    record_completion(on=date(2026, 11, 1), evidence="竣工备案", **act)
    with pytest.raises(SupplyError, match="不能早于竣工"):
        record_acceptance(on=date(2026, 10, 1), conclusion="合格", **act)
    told = consequence_of("acceptance", standing(supply), {})
    record_acceptance(on=TODAY, conclusion="相符", **act)

    assert told.warnings[0] == "价款还欠 5,136,000.00 元。"
    assert standing(supply).view.closed_on == TODAY


def test_a_completion_without_a_start_is_told(people: People) -> None:
    told = consequence_of("completion", standing(people.supply()), {"on": TODAY})
    assert told.warnings == ("没有开工记录：登记后视为已开工，开工日期不明。",)


@pytest.mark.parametrize(
    ("service", "field"),
    [(record_start, "evidence"), (record_completion, "evidence")],
)
def test_a_goal_needs_its_evidence(people: People, service: object, field: str) -> None:
    with pytest.raises(SupplyError) as refused:
        service(supply=people.supply(), on=TODAY, evidence=" ", actor=people.clerk, today=TODAY)  # type: ignore[operator]
    assert refused.value.field == field


def test_a_start_sent_twice_is_one(people: People) -> None:
    supply, key = people.supply(), uuid.uuid4()
    for _ in range(2):
        record_start(supply=supply, on=TODAY, evidence="x", actor=people.clerk, today=TODAY, request_key=key)
    assert Event.objects.filter(kind="start").count() == 1
    with pytest.raises(SupplyError, match="已于 2026-11-23 开工"):
        record_start(supply=supply, on=TODAY, evidence="x", actor=people.clerk, today=TODAY)
    assert standing(supply).view.start.state == StageState.REACHED


def test_a_deviation_stays_open_until_it_is_settled(people: People) -> None:
    supply = people.supply()
    found = happen(supply, "deviation", date(2026, 11, 1), deviation="use_changed", actor=people.officer)
    follow = {"supply": supply, "step": found, "actor": people.officer, "today": TODAY}

    told = consequence_of("follow_up", standing(supply), {"step": found})
    first = follow_up_deviation(on=date(2026, 11, 5), measure="责令改正", settles=False, **follow)
    assert standing(supply).office.deviations == (found,)
    follow_up_deviation(on=TODAY, measure="已恢复", settles=True, **follow)

    assert first.deviation == "use_changed"
    assert "责令改正" in told.lines[0]
    assert standing(supply).office.deviations == ()
    with pytest.raises(SupplyError, match="没有待处理的问题"):
        follow_up_deviation(on=TODAY, measure="x", settles=True, **follow)
