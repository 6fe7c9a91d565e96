"""The demo's supplies: every state of every track, every kind of document, made once, for both bureaus."""

from __future__ import annotations

import csv
import io
import logging
import re
from collections import Counter
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.conf import settings as project
from django.core.files.base import ContentFile

from landbureau.accounts import demo as people
from landbureau.accounts.loading import load_bureau
from landbureau.accounts.models import (
    Assignment,
    Bureau,
    Section,
    SectionAlias,
    Township,
    TownshipOffice,
    User,
)
from landbureau.accounts.services import SUPERVISION
from landbureau.documents import demo as documents
from landbureau.documents.models import Document, Kind
from landbureau.documents.rules import Status
from landbureau.documents.selectors import with_status
from landbureau.imports.services import import_file
from landbureau.web.uploads import CHINA, check_upload, exif_position, exif_time
from supervision.supply import demo, rules, shipped
from supervision.supply.demo import history
from supervision.supply.demo.cast import demo_table, roles
from supervision.supply.demo.photos import SCENES, site_photo
from supervision.supply.demo.plots import PLOTS
from supervision.supply.demo.tables import write_tables
from supervision.supply.models import (
    DeviationKind,
    Event,
    Instalment,
    LandSupply,
    LandUser,
    Milestone,
    Notice,
    Photo,
    Regime,
    Sweep,
    Visit,
)
from supervision.supply.models.events import CauseChoice, FindingChoice, KindChoice
from supervision.supply.rules import HandoverState, NoticeCode, PaymentState, StageState
from supervision.supply.selectors import facts_of, terms
from supervision.supply.selectors.land_users import duplicates_for
from supervision.supply.services import sweep
from tests.documents.desk import blank_pdf

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)
TABLES = (LandUser, LandSupply, Instalment, Event, Visit, Photo, Milestone, Notice, Sweep, Document)


@pytest.fixture(autouse=True)
def _media(tmp_path: Any, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr("landbureau.documents.pdf.write_pdf", lambda content: blank_pdf())


def loaded(bureau: str, settings: Any, today: date = TODAY) -> dict[str, int]:
    """Load the demo of a bureau with its people and documents."""
    settings.BUREAU = bureau
    if bureau != "xinhe":
        Regime.objects.all().delete()
        for model in (Township, TownshipOffice, SectionAlias, Section, Bureau):
            model.objects.all().delete()
        load_bureau(bureau)
        shipped.load()
    people.load(today)
    documents.load(today, "http://127.0.0.1:8001")
    return demo.load(today)


def rows_of(model: Any) -> list[dict[str, Any]]:
    return list(model.objects.order_by("pk").values())


def test_everything_that_can_be_seen_is_there_at_once_and_nothing_twice(
    settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="supervision.supply"):
        created = loaded("xinhe", settings)
    assert caplog.messages == [], "every document could be drafted"

    assert created == {"supplies": 180, "events": created["events"]}
    check_states()
    check_events()
    check_documents()
    check_notices()
    check_proportions()
    check_history()
    check_the_supply_of_the_pictures()
    check_numbers_and_names()

    before = {model: rows_of(model) for model in TABLES}
    assert demo.load(TODAY + timedelta(days=45)) == {"supplies": 0, "events": 0}
    assert {model: rows_of(model) for model in TABLES} == before


def check_states() -> None:
    supplies = list(LandSupply.objects.select_related("parcel"))
    numbers, found = terms(), facts_of(supplies)
    payment, handover, start, completion, gaps, causes = (Counter() for _ in range(6))  # type: ignore[var-annotated]
    ended_by = set()
    for supply in supplies:
        facts = found[supply.pk]
        view = rules.view_of(facts, TODAY, numbers)
        payment.update(one.state for one in view.payment)
        handover[view.handover.state] += 1
        start[view.start.state] += 1
        completion[view.completion.state] += 1
        causes.update((view.start.cause, view.completion.cause))
        gaps.update(gap for gap, _ in rules.gaps(facts, view, numbers))
        ended_by |= {event.kind for event in facts.events if event.closes}
        for one in view.payment:
            if one.state == PaymentState.NOT_DUE:
                continue
            payment["late, paid in part"] += one.state == PaymentState.OVERDUE and one.paid > 0
            payment["paid late"] += one.state == PaymentState.PAID and bool(one.days_late)
            payment["surplus"] += one.balance < 0
            payment["no rate"] += bool(one.days_late) and one.damages is None
            payment["rolled"] += one.due_on != one.effective_due_on
    assert set(PaymentState) | {"late, paid in part", "paid late", "surplus", "no rate"} <= set(+payment)
    assert set(handover) == set(HandoverState)
    assert set(start) == set(completion) == set(StageState)
    assert set(gaps) == set(rules.Gap)
    assert set(causes) == {None, *rules.Cause} - {rules.Cause.FORCE_MAJEURE}  # extended since
    assert ended_by == rules.CLOSING
    assert {supply.method for supply in supplies} == set(LandSupply.Method)
    assert {supply.parcel.township.name for supply in supplies} == set(
        Township.objects.values_list("name", flat=True)
    )


def check_events() -> None:
    in_force = Event.objects.in_force()
    assert set(in_force.values_list("kind", flat=True)) == set(KindChoice) - {
        KindChoice.DETERMINATION_RETURNED
    }
    assert set(in_force.values_list("cause", flat=True)) == {"", *CauseChoice}
    assert set(in_force.values_list("finding", flat=True)) == {"", *FindingChoice}
    codes = set(in_force.filter(kind=KindChoice.DEVIATION).values_list("deviation", flat=True))
    assert codes == set(DeviationKind.objects.values_list("code", flat=True))
    followed = in_force.filter(kind=KindChoice.DEVIATION_FOLLOWED)
    assert set(followed.values_list("settles", flat=True)) == {True, False}
    assert in_force.filter(kind=KindChoice.DEVIATION, answered_by=None).exists(), "one is open"
    assert in_force.filter(kind=KindChoice.EXTENSION_APPLIED, answered_by=None).exists()
    handed = in_force.filter(kind=KindChoice.TO_BRIGADE)
    assert handed.filter(answered_by=None, document__issued_on__isnull=False).exists(), "the brigade's to-do"
    assert handed.filter(answered_by__kind=KindChoice.BRIGADE_ACCEPTED).exists()
    assert not handed.filter(
        answered_by__isnull=False, document__isnull=False, document__issued_on=None
    ).exists()
    assert Event.objects.filter(withdrawn=True).exists()
    assert in_force.filter(corrects__isnull=False).exists()
    assert LandSupply.objects.filter(origin__closed_on=None).exclude(origin=None).exists()
    assert LandSupply.objects.filter(origin__closed_on__isnull=False).exists()
    assert not Event.objects.filter(on__gt=TODAY).exists()
    assert not Visit.objects.exclude(event__kind=KindChoice.VISIT).exists()
    assert Visit.objects.count() == Event.objects.filter(kind=KindChoice.VISIT).count()
    assert Photo.objects.values("event").distinct().count() > 60


def check_documents() -> None:
    rows = list(with_status(Document.objects.select_related("kind"), TODAY))
    assert {row.kind.code for row in rows} == set(Kind.objects.values_list("code", flat=True))
    of_supplies = [row for row in rows if row.content_type_id]
    assert {row.state for row in of_supplies} == set(Status)
    assert len({row.kind.code for row in of_supplies}) >= 14
    numbered = Document.objects.exclude(number=None).order_by("series", "year", "sequence")
    for one, after in pairwise(numbered):
        if (one.series_id, one.year) == (after.series_id, after.year):
            assert (after.sequence, after.issued_on >= one.issued_on) == (one.sequence + 1, True)
    served = Event.objects.in_force().filter(kind=KindChoice.DEMAND, document__isnull=False)
    assert all(event.on == event.document.served_on for event in served.select_related("document"))


def check_notices() -> None:
    open_kinds = set(Notice.objects.open().values_list("kind", flat=True))
    assert open_kinds == {code.value for code in NoticeCode}
    wanted = Notice.objects.open().filter(kind__document_kind__isnull=False)
    assert not wanted.filter(document=None).exists(), "what asks for a document has one"
    assert Notice.objects.filter(closed_because="文书已送达").exists()
    assert sweep(today=TODAY).created == dict.fromkeys((code.value for code in NoticeCode), 0)
    Sweep.objects.latest("pk").delete()


def check_proportions() -> None:
    """Most are fine, some tens need something; this week has its dates."""
    waiting = Notice.objects.open().values("supply").distinct().count()
    assert 30 <= waiting <= 70
    week = (TODAY, TODAY + timedelta(days=6))
    assert Instalment.objects.filter(settled_on=None, due_on__range=week).count() >= 2
    for track in ("start", "completion"):
        assert Milestone.objects.filter(track=track, reached_on=None, due_on__range=week).exists()
    assert LandSupply.objects.filter(closed_on__isnull=False).count() >= 20
    officers = Assignment.objects.filter(task=SUPERVISION, ends_on=None)
    assert 160 <= officers.count() < 180
    for row in officers.select_related("user"):
        assert row.user.office_id == row.subject.parcel.township.office_id


def check_history() -> None:
    """Swept each morning, everything entered on its day."""
    days = list(Sweep.objects.order_by("on").values_list("on", flat=True))
    assert days == [TODAY - timedelta(days=n) for n in range(len(days) - 1, -1, -1)]
    for event in Event.objects.filter(corrects=None):
        assert event.recorded_at.astimezone(CHINA).date() == event.on
    created = Sweep.objects.get(on=TODAY).created
    assert 0 < sum(created.values()) < 15, "the first morning is an ordinary one"


def check_the_supply_of_the_pictures() -> None:
    supply = LandSupply.objects.get(supervision_number__endswith="B00127")
    view = rules.view_of(facts_of([supply])[supply.pk], TODAY, terms())
    assert (supply.land_user.name, supply.contract_number) == (
        "邢台宏远桩工装备有限公司",
        "新土让〔2025〕31号",
    )
    assert (supply.signed_on, supply.price, supply.parcel.area) == (date(2025, 12, 18), 5136000, 26680)
    assert [(one.state, one.due_on, one.balance) for one in view.payment] == [
        (PaymentState.PAID, date(2026, 1, 18), 0),
        (PaymentState.REMINDER, date(2026, 12, 18), 2568000),
    ]
    assert (view.start.code, view.start.days_late, str(view.start.damages)) == ("START_DEFAULT", 3, "7704.00")
    assert view.completion.due_on == date(2028, 5, 20)
    assert supply.events.get(kind=KindChoice.DETERMINATION_PROPOSED).answered_by.count() == 0


@pytest.mark.once
def test_the_other_bureau_has_its_own(
    settings: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "DAYS", 14)
    with caplog.at_level(logging.WARNING, logger="supervision.supply"):
        created = loaded("hongjiang", settings)

    assert caplog.messages == []
    assert 80 <= created["supplies"] <= 130
    assert all(number.startswith("431200") for number in LandSupply.objects.values_list("number", flat=True))
    month = TODAY.replace(day=1) - timedelta(days=1)
    under_supervision = LandSupply.objects.filter(closed_on=None, signed_on__lt=month.replace(day=1)).count()
    visited = Event.objects.filter(kind=KindChoice.VISIT, on__year=month.year, on__month=month.month)
    assert visited.values("supply").distinct().count() > under_supervision * 0.7
    assert demo.load(TODAY) == {"supplies": 0, "events": 0}


@pytest.mark.once
@pytest.mark.parametrize("today", [date(2026, 10, 9), date(2027, 1, 2), date(2028, 2, 29)])
def test_it_can_be_loaded_on_any_day(today: date, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """After long holidays, in a year whose holidays nobody knows yet, on a leap day."""
    if today.year == 2027:  # once is enough for what takes longest
        monkeypatch.setattr(history, "DAYS", 14)
    else:
        monkeypatch.setattr(demo, "catch_up", lambda people, today: None)
    settings.BUREAU = "xinhe"
    people.load(today)
    assert demo.load(today)["supplies"] == 180
    assert not Event.objects.filter(on__gt=today).exists()


@pytest.mark.once
def test_what_is_missing_is_added_and_what_is_there_stays(settings: Any) -> None:
    settings.BUREAU = "xinhe"
    people.load(TODAY)
    all_of_them = roles()

    def load_only(some: list[Any], today: date) -> dict[str, int]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(demo, "roles", lambda: some)
            return demo.load(today)

    assert load_only(all_of_them[29:62], TODAY)["supplies"] == 33
    before = {model: rows_of(model) for model in (LandSupply, Instalment, Event)}
    swept = Sweep.objects.count()

    later = TODAY + timedelta(days=60)  # another year: the same supplies would have other numbers
    assert load_only(all_of_them[29:72], later)["supplies"] == 10
    assert Sweep.objects.count() == swept
    for model, rows in before.items():
        after = {row["id"]: row for row in rows_of(model)}
        assert [after[row["id"]] for row in rows] == rows


def test_two_loads_of_one_day_are_the_same(settings: Any) -> None:
    """By the seed, not by chance."""

    def told() -> list[Any]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(demo, "write", lambda told, people, today: stories.append(told) or 0)
            patch.setattr(demo, "catch_up", lambda people, today: None)
            demo.load(TODAY)
        return [
            (one.land_user, one.story.contract, one.story.instalments, one.story.parcel["location"])
            for one in stories[-1]
        ]

    stories: list[Any] = []
    people.load(TODAY)
    assert told() == told()


def check_numbers_and_names() -> None:
    """Obviously not real."""
    for user in LandUser.objects.all():
        assert re.fullmatch(r"(91|12)130530MA0DEMO\d{3}", user.identity)
        assert user.phone.startswith("138 0000 ")
    assert LandUser.objects.count() == 179, "one company has two supplies"
    names_alike = [pair.reasons for pair in duplicates_for(User.objects.get(username="zhaowb"))]
    assert len(names_alike) >= 1
    names = list(LandUser.objects.values_list("name", flat=True))
    assert len(set(names)) >= len(names) - 4


def test_every_story_is_told_and_every_number_is_used_once(settings: Any) -> None:
    for bureau in ("xinhe", "hongjiang"):
        settings.BUREAU = bureau
        serials = [role.serial for role in roles()]
        assert len(serials) == len(set(serials))
        assert {role.story for role in roles()} == {*PLOTS, "papers"}
    assert len(roles()) < 180
    assert {row["乡镇"] for row in demo_table("streets-hongjiang")} <= {
        row["名称"] for row in csv.DictReader(_text("hongjiang/townships.csv"))
    }


def _text(path: str) -> io.StringIO:
    return io.StringIO((project.FIXTURES_DIR / path).read_text(encoding="utf-8-sig"))


@pytest.mark.parametrize("scene", sorted(SCENES))
def test_photos_look_like_uploads_of_a_phone(scene: str) -> None:
    when = datetime(2026, 11, 20, 15, 40, tzinfo=CHINA)
    photo = ContentFile(site_photo(scene, 1, taken=when, position=(37.5261, 115.2473)), "IMG.jpg")

    assert check_upload(photo).mime == "image/jpeg"
    assert exif_position(photo) == (37.5261, 115.2473)
    assert exif_time(photo) == when
    assert photo.size < 90_000


@pytest.mark.usefixtures("read_here")
def test_the_ledgers_to_be_tried_out_are_what_they_are_meant_to_be(settings: Any, tmp_path: Any) -> None:
    settings.BUREAU = "xinhe"
    people.load(TODAY)
    write_tables(tmp_path)
    kept = project.FIXTURES_DIR / "demo" / "tables"
    assert (tmp_path / "供地台账-待整理.csv").read_bytes() == (kept / "供地台账-待整理.csv").read_bytes()

    ledger = import_file(kept / "供地台账.xlsx", today=TODAY, kinds=("supplies",))
    assert (ledger.committed, LandSupply.objects.count()) == (True, 20)
    events = import_file(kept / "供后事项.xlsx", today=TODAY, kinds=("events",))
    assert events.committed
    assert Event.objects.count() > 100

    messy = import_file(kept / "供地台账-待整理.csv", today=TODAY, kinds=("supplies",))
    assert not messy.committed
    found = {(item.row, item.code) for sheet in messy.sheets for item in sheet.findings}
    assert {(2, "unknown_column"), (7, "digits_lost"), (8, "unknown_township"), (10, "foot_row")} <= found
