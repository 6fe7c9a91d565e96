"""What becomes of a document becomes a fact of the supply: served, corrected, published, made void."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from landbureau.accounts.models import User
from landbureau.documents import services
from landbureau.documents.models import Document, Kind, ServiceMethod, ServiceRecord
from landbureau.jobs.rules import ZONE
from landbureau.jobs.services import run_now
from supervision.supply.models import Event, LandSupply, Notice
from supervision.supply.services import sweep, withdraw_event
from supervision.supply.services.following import catch_up
from supervision.supply.services.papers import VOIDED
from tests.factories import SectionFactory, TownshipFactory, UserFactory, allow
from tests.supply.factories import TODAY, happen, make_supply

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
DIRECT: dict[str, Any] = {
    "place": "新河镇演示路1号",
    "received_at": time(10, 40),
    "receiver": "高志远",
    "relation": "法定代表人",
    "first_server": "王示例",
    "second_server": "孙示例",
}
PUBLISHED: dict[str, Any] = {
    "posting_number": "县政府网站",
    "remark": "下落不明",
    "first_server": "王示例",
    "second_server": "孙示例",
}


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 11, 23, 9, 0, tzinfo=ZONE), tick=False):
        yield


class Desk:
    """A supply with one notice and its document, and the people who take its steps."""

    def __init__(self, due_on: date, *, with_visit: bool = False, **contract: Any) -> None:
        section = SectionFactory()
        township = TownshipFactory()
        self.clerk: User = allow(UserFactory(section=section), "create_notice", "view_notice", on=section)
        allow(self.clerk, "seal_document")
        self.head: User = allow(UserFactory(), "approve_notice", "view_notice", on=section)
        self.officer: User = allow(UserFactory(), "serve_notice", "view_notice", on=township.office)
        values: dict[str, Any] = {
            "signed_on": date(2026, 1, 5),
            "price": Decimal(1_000_000),
            "agreed_start_on": TODAY + 200 * DAY,
            "agreed_completion_on": TODAY + 800 * DAY,
            "instalments": [(1, due_on, Decimal(1_000_000))],
        }
        self.supply: LandSupply = make_supply(section=section, township=township, **values | contract)
        if with_visit:
            happen(self.supply, "visit", TODAY)
        sweep(today=TODAY)
        run_now("draft_notices")
        self.document: Document = self.notice.document  # type: ignore[assignment]

    @property
    def notice(self) -> Notice:
        return Notice.objects.select_related("document").exclude(kind__code="visit_due").get()

    @property
    def demands(self) -> list[date]:
        """The days of the demands that count."""
        rows = Event.objects.in_force().filter(supply=self.supply, kind="demand")
        return list(rows.values_list("on", flat=True))

    def issue(self, document: Document | None = None) -> Document:
        document = document or self.document
        services.approve(document=document, actor=self.head, today=TODAY)
        services.issue(document=document, actor=self.clerk, today=TODAY)
        marks = {"pdf": "documents/x.pdf", "sha256": "a" * 64, "pages": 2, "receipt_page": 2}
        Document.objects.filter(pk=document.pk).update(**marks)
        document.refresh_from_db()
        if document.needs_seal:
            given = {"sealed_on": TODAY, "seal": "公章", "keeper": "李示例", "copies": 2}
            services.seal(document=document, actor=self.clerk, today=TODAY, **given)
        return document

    def serve(self, method: str = "direct", today: date = TODAY, **lines: Any) -> ServiceRecord:
        said = {"direct": DIRECT | {"received_on": today}, "public": PUBLISHED | {"posted_on": today}}
        record = services.register_service(
            document=self.document,
            actor=self.officer,
            today=today,
            method=ServiceMethod.objects.get(code=method),
            request_key=f"{method}-{self.document.pk}",
            **said[method] | lines,
        )
        self.document.refresh_from_db()
        return record

    def correct(self, record: ServiceRecord, today: date = TODAY, **lines: Any) -> ServiceRecord:
        self.document.refresh_from_db()
        record.document = self.document
        return services.correct_service(
            record=record,
            actor=self.officer,
            today=today,
            request_key=f"again-{record.pk}",
            reason="日期写错",
            **lines,
        )

    def void(self, today: date = TODAY) -> None:
        self.document.refresh_from_db()
        services.void(document=self.document, actor=self.head, today=today, reason="金额有误")


@pytest.fixture
def late() -> Desk:
    return Desk(TODAY - 10 * DAY)


@pytest.fixture
def early() -> Desk:
    return Desk(TODAY + 20 * DAY)


# --- Demands ---------------------------------------------------------------------------------------------


def test_a_served_demand_is_an_event_and_closes_its_notice(late: Desk) -> None:
    late.issue()
    assert late.demands == []
    late.serve()
    event = Event.objects.get(kind="demand")
    assert (event.on, event.seq, event.track) == (TODAY, 1, "payment")
    assert (event.document, event.recorded_by) == (late.document, late.officer)
    assert (late.notice.closed_on, late.notice.closed_because) == (TODAY, "已催缴")
    assert late.notice.document == late.document
    assert late.supply.instalments.get().demanded_on == TODAY


def test_a_corrected_service_corrects_the_event(late: Desk) -> None:
    late.issue()
    record = late.serve()
    with time_machine.travel(datetime(2026, 11, 25, 9, 0, tzinfo=ZONE), tick=False):
        late.correct(record, TODAY + 2 * DAY, received_on=TODAY + DAY)
    assert late.demands == [TODAY + DAY]
    assert Event.objects.get(kind="demand", in_force=False).corrected_by.on == TODAY + DAY


def test_a_void_demand_was_never_served_and_is_told_again_only_by_hand(late: Desk) -> None:
    late.issue()
    late.serve()
    late.void()
    assert late.demands == []
    assert late.supply.instalments.get().demanded_on is None
    assert (late.notice.closed_on, late.notice.document, late.notice.error) == (None, None, VOIDED)
    assert run_now("draft_notices").counts["drafted"] == 0


def test_a_document_written_anew_takes_the_place_of_the_void_one(late: Desk) -> None:
    late.issue()
    late.void()
    late.document.refresh_from_db()
    anew = services.redraft(document=late.document, drafter=late.clerk, today=TODAY)
    services.submit(document=anew, actor=late.clerk, today=TODAY)
    late.document = late.issue(anew)
    assert (late.notice.document, late.notice.error) == (anew, "")
    late.serve()
    assert late.demands == [TODAY]
    assert late.notice.closed_because == "已催缴"


def test_a_published_demand_counts_from_the_day_it_is_served(late: Desk) -> None:
    late.issue()
    late.serve("public")
    served_on = TODAY + 30 * DAY
    assert late.demands == []
    assert late.notice.closed_on is None
    assert catch_up(served_on - DAY) == 0
    assert catch_up(served_on) == 1
    assert late.demands == [served_on]
    assert catch_up(served_on + DAY) == 0


def test_the_night_makes_up_for_publications(late: Desk) -> None:
    late.issue()
    late.serve("public")
    with time_machine.travel(datetime(2026, 12, 23, 6, 0, tzinfo=ZONE), tick=False):
        assert run_now("sweep").counts["served"] == 1
    assert late.demands == [TODAY + 30 * DAY]


def test_a_publication_in_the_place_of_a_wrong_service_brings_the_event_back(late: Desk) -> None:
    late.issue()
    record = late.serve()
    public = ServiceMethod.objects.get(code="public")
    late.correct(record, method=public, posted_on=TODAY, **PUBLISHED)
    assert late.demands == []
    assert catch_up(TODAY + 30 * DAY) == 1
    assert late.demands == [TODAY + 30 * DAY]


def test_what_a_person_withdrew_stays_withdrawn(late: Desk) -> None:
    late.issue()
    late.serve()
    event = Event.objects.get(kind="demand")
    withdraw_event(event=event, reason="送错单位", actor=late.clerk, today=TODAY)
    assert catch_up(TODAY) == 0
    assert late.demands == []


def test_after_the_end_of_the_supply_a_demand_can_be_served_and_changes_nothing(late: Desk) -> None:
    late.issue()
    happen(late.supply, "take_back", TODAY - DAY)
    late.serve()
    assert late.document.served_on == TODAY
    assert late.demands == []
    assert late.notice.closed_because == "监管终止"


def test_a_demand_of_an_instalment_that_is_gone_is_served_all_the_same(late: Desk) -> None:
    late.issue()
    late.supply.instalments.all().delete()
    late.serve()
    assert late.document.served_on == TODAY
    assert not Event.objects.exists()


# --- Reminders -------------------------------------------------------------------------------------------


def test_a_reminder_is_done_when_it_was_served_and_not_before(early: Desk) -> None:
    early.issue()
    assert early.notice.closed_on is None
    record = early.serve()
    assert (early.notice.closed_on, early.notice.closed_because) == (TODAY, "文书已送达")
    assert early.demands == [], "a reminder is no demand"
    public = ServiceMethod.objects.get(code="public")
    early.correct(record, method=public, posted_on=TODAY, **PUBLISHED)
    assert early.notice.closed_on is None
    assert catch_up(TODAY + 30 * DAY) == 1
    assert early.notice.closed_on == TODAY + 30 * DAY


def test_a_void_reminder_asks_again(early: Desk) -> None:
    early.issue()
    early.serve()
    early.void()
    assert (early.notice.closed_on, early.notice.document, early.notice.error) == (None, None, VOIDED)


def test_a_reminder_that_is_not_served_is_done_when_issued(early: Desk) -> None:
    Kind.objects.filter(code="payment_reminder").update(needs_service=False, two_servers=False)
    kind = Kind.objects.get(code="payment_reminder")
    document = services.draft_document(
        kind=kind,
        addressee="某公司",
        values=early.document.content["values"],
        section=early.supply.section,
        drafter=None,
        today=TODAY,
        subject=early.supply.instalments.get(),
        submit=True,
    )
    Notice.objects.update(document=document)
    early.issue(document)
    assert early.notice.closed_because == "文书已印发"


def test_a_reminder_of_the_start_is_done_when_served() -> None:
    desk = Desk(TODAY + 100 * DAY, agreed_start_on=TODAY + 20 * DAY, with_visit=True)
    assert desk.notice.kind_id == "start_reminder"
    desk.issue()
    desk.serve()
    assert desk.notice.closed_because == "文书已送达"


def test_documents_about_nothing_of_ours_are_left_alone() -> None:
    section = SectionFactory()
    clerk = allow(UserFactory(section=section), "create_notice", on=section)
    values = {field.name: field.sample for field in Kind.objects.get(code="payment_demand").fields.all()}
    document = services.draft_document(
        kind="payment_demand",
        addressee="某公司",
        values=values,
        section=section,
        drafter=clerk,
        today=TODAY,
    )
    services.discard(document=document, actor=clerk, today=TODAY, reason="写错")
    assert not Event.objects.exists()


# --- The hook -----------------------------------------------------------------------------------------


def broken(**arguments: Any) -> None:
    """A follower that fails."""
    raise RuntimeError


def test_a_follower_that_fails_undoes_the_act(late: Desk, settings: Any) -> None:
    late.issue()
    settings.DOCUMENT_FOLLOWERS = [f"{__name__}.broken"]
    with pytest.raises(RuntimeError):
        late.serve()
    late.document.refresh_from_db()
    assert late.document.served_on is None
    assert not ServiceRecord.objects.exists()
