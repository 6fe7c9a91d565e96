"""What waits for whom: the annotations agree with the rules, the lists with what each may do."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from landbureau.accounts.models import Absence, User
from landbureau.documents import selectors, services
from landbureau.documents.models import Document, Kind, ServiceMethod, ServiceRecord, Step
from landbureau.documents.rules import Dates, is_sent, status_of
from landbureau.documents.transitions import TRANSITIONS
from tests.documents.factories import ServiceMethodFactory
from tests.documents.office import DAY, DAYS, TODAY, Office
from tests.factories import UserFactory, allow
from tests.web.files import picture, upload

pytestmark = pytest.mark.django_db
PEOPLE = ("clerk", "other", "head", "leader", "officer", "brigade", "stranger")
KINDS: tuple[dict[str, Any], ...] = (
    {},
    {"approval": Kind.Approval.LEADER},
    {"approval": Kind.Approval.AUTOMATIC},
    {"needs_seal": False},
    {"needs_service": False},
    {"family": Kind.Family.NOTICE},
)
NAMES = ("approved_on", "issued_on", "sealed_on", "served_on", "voided_on")
day = st.one_of(st.none(), st.integers(-3, 3).map(lambda days: TODAY + timedelta(days)))


@pytest.fixture
def office() -> Office:
    return Office()


@given(days=st.lists(st.tuples(day, day, day, day, day), min_size=1, max_size=20))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_annotation_is_the_rule(office: Office, days: list[tuple[date | None, ...]]) -> None:
    template = office.document("draft")
    rows = []
    for number, values in enumerate(days):
        fields: dict[str, Any] = dict(zip(NAMES, values, strict=True))
        if fields["issued_on"]:
            fields |= {"number": f"{template.pk}-{number}", "code": f"{template.pk}-{number}"}
        common = {name: getattr(template, name) for name in ("kind", "family", "wording", "section")}
        rows.append(Document(drafted_on=TODAY, **common, **fields))
        rows[-1].take_needs()
    Document.objects.bulk_create(rows)
    found = Document.objects.filter(kind=template.kind, pk__gt=template.pk).order_by("pk")
    states = [row.state for row in selectors.with_status(found, TODAY)]
    assert states == [status_of(Dates(*values), TODAY) for values in days]


@pytest.fixture
def documents(office: Office) -> list[Document]:
    """Every state of every kind; some lie in no township and were written by the brigade."""
    made = []
    clerk, township = office.clerk, office.township
    for number, kind in enumerate(KINDS):
        office.clerk, office.township = (office.brigade, None) if number % 2 else (clerk, township)  # type: ignore[assignment]
        made += [office.document(state, **kind) for state in DAYS]
    office.clerk, office.township = clerk, township
    return made


def keys(rows: Any) -> set[int]:
    return {row.pk for row in rows}


def may(user: User) -> dict[str, set[int]]:
    """By step, the keys of the documents on which the services let ``user`` take it."""
    found: dict[str, set[int]] = {name: set() for name in TRANSITIONS}
    for row in Document.objects.visible_to(user).select_related("kind", "township"):
        for step in services.allowed(user, row, TODAY):
            found[step.name].add(row.pk)
    return found


@pytest.mark.usefixtures("documents")
def test_the_lists_hold_what_each_may_do(office: Office) -> None:
    found = 0
    for person in [*(getattr(office, name) for name in PEOPLE), UserFactory(is_superuser=True)]:
        steps = may(person)
        for name in ("approve", "seal", "serve"):
            listed = keys(getattr(selectors, f"to_{name}")(person, TODAY))
            assert listed == steps[name], f"{person} {name}"
            found += len(listed)
    assert found > 40


def test_what_is_approved_waits_for_its_drafter_not_for_all_who_may_issue_it(office: Office) -> None:
    drafted, automatic = office.document("approved"), office.document("approved")
    Document.objects.filter(pk=automatic.pk).update(drafted_by=None)
    listed = {name: keys(selectors.to_issue(getattr(office, name), TODAY)) for name in PEOPLE}
    assert {name: found for name, found in listed.items() if found} == {
        "clerk": {drafted.pk, automatic.pk},
        "other": {automatic.pk},
    }
    assert drafted.pk in may(office.leader)["issue"], "who may issue it still may"
    User.objects.filter(pk=office.clerk.pk).update(is_active=False)
    assert keys(selectors.to_issue(office.other, TODAY)) == {drafted.pk, automatic.pk}


@pytest.mark.usefixtures("documents")
def test_who_wrote_it_is_not_asked_to_approve_nor_is_the_deputy_by_that_permission(
    office: Office, time_machine: Any
) -> None:
    time_machine.move_to(f"{TODAY}T09:00:00+08:00")
    for row in Document.objects.filter(submitted_on__isnull=False)[::2]:
        row.steps.create(action=Step.Action.EDITED, actor=office.head)
    allow(office.clerk, "approve_document", on=office.section)
    for absent, deputy in ((office.clerk, office.other), (office.head, office.leader)):
        Absence.objects.create(user=absent, deputy=deputy, starts_on=TODAY, ends_on=TODAY)
    expected = {}
    for name in PEOPLE:
        person = User.objects.get(pk=getattr(office, name).pk)
        expected[name] = may(person)["approve"]
        assert keys(selectors.to_approve(person, TODAY)) == expected[name], name
    assert expected["head"] < expected["leader"]
    assert expected["other"], "what the absent clerk did not write"


def test_what_somebody_else_is_to_serve_does_not_wait_for_me(office: Office) -> None:
    document, free = office.document("sealed"), office.document("sealed")
    services.hand_to(document=document, actor=office.clerk, today=TODAY, server=office.officer)
    assert keys(selectors.to_serve(office.officer, TODAY)) == {document.pk, free.pk}
    assert keys(selectors.to_serve(office.other, TODAY)) == {free.pk}
    assert keys(selectors.to_serve(office.head, TODAY)) == set(), "without the permission"


def test_what_is_sent_is_not_to_be_served_again_and_its_slip_is_asked_for_after_a_week(
    office: Office,
) -> None:
    posted, announced, waiting = (office.document("sealed") for _ in range(3))
    method = ServiceMethodFactory()
    common = {"method": method, "first_server": "王海燕", "registered_by": office.officer, "posted_on": TODAY}
    posted.service_records.create(request_key="post", **common)
    announced.service_records.create(request_key="public", served_on=TODAY + 30 * DAY, **common)
    Document.objects.filter(pk=announced.pk).update(served_on=TODAY + 30 * DAY)
    rows = selectors.with_status(Document.objects.all(), TODAY)
    sent = {row.pk: row.sent for row in rows}
    assert sent == {posted.pk: True, announced.pk: True, waiting.pk: False}
    for row in selectors.with_status(Document.objects.all(), TODAY + 30 * DAY):
        registered = row.service_records.exists()
        assert row.sent == is_sent(row.status(TODAY + 30 * DAY), registered) == (row == posted)
    assert keys(selectors.to_serve(office.officer, TODAY)) == {waiting.pk}
    assert keys(Document.objects.filter(selectors.TO_SERVE)) == {waiting.pk}, "printed by one click"
    assert keys(selectors.without_slip(office.officer, TODAY + 6 * DAY)) == set()
    assert keys(selectors.without_slip(office.officer, TODAY + 7 * DAY)) == {posted.pk}
    services.hand_to(document=posted, actor=office.clerk, today=TODAY, server=office.other)
    assert keys(selectors.without_slip(office.officer, TODAY + 7 * DAY)) == set()


def test_the_server_is_named_also_after_service(office: Office) -> None:
    document, free = office.document("sealed"), office.document("sealed")
    services.hand_to(document=document, actor=office.clerk, today=TODAY, server=office.other)
    services.hand_to(document=document, actor=office.clerk, today=TODAY + DAY, server=office.officer)
    rows = selectors.with_server(Document.objects.all())
    assert {row.pk: row.server_name for row in rows} == {document.pk: office.officer.name, free.pk: None}
    assert selectors.server_of(document) == office.officer
    assert selectors.server_of(free) is None
    services.void(document=document, actor=office.head, today=TODAY + DAY, reason="对象有误")
    assert selectors.server_of(document) == office.officer


def test_returned_drafts_wait_for_their_drafter_until_they_are_sent_again(office: Office) -> None:
    document, withdrawn = office.document("submitted"), office.document("submitted")
    office.document("draft")
    services.withdraw(document=withdrawn, actor=office.clerk, today=TODAY)
    assert keys(selectors.returned(office.clerk, TODAY)) == set()
    services.return_document(document=document, actor=office.head, today=TODAY, reason="金额有误")
    assert keys(selectors.returned(office.clerk, TODAY)) == {document.pk}
    assert keys(selectors.returned(office.other, TODAY)) == set()
    services.submit(document=document, actor=office.clerk, today=TODAY)
    services.withdraw(document=document, actor=office.clerk, today=TODAY)
    assert keys(selectors.returned(office.clerk, TODAY)) == set()


def test_served_without_proof(office: Office, tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    served, not_needed, proven, corrected, early = (office.document("sealed") for _ in range(5))
    needs, needs_not = ServiceMethodFactory(), ServiceMethodFactory(needs_proof=False)
    said = {"actor": office.officer, "today": TODAY, "first_server": "王海燕", "second_server": "李国强"}
    said |= {"received_on": TODAY, "place": "寻寨镇", "receiver": "高志远", "relation": "法定代表人"}

    def record(document: Document, method: ServiceMethod) -> ServiceRecord:
        return services.register_service(
            document=document, method=method, request_key=str(document.pk), **said
        )

    def prove(document: Document) -> None:
        services.add_proof(document=document, actor=office.officer, file=upload(picture()))

    record(served, needs)
    record(not_needed, needs_not)
    record(proven, needs)
    prove(proven)
    prove(early)
    record(early, needs)
    wrong = record(corrected, needs)
    services.correct_service(record=wrong, method=needs_not, request_key="again", reason="选错", **said)
    assert keys(selectors.without_proof(office.officer, TODAY)) == {served.pk}
    assert keys(selectors.without_proof(office.stranger, TODAY)) == set()


def test_what_waits_for_its_pdf(office: Office) -> None:
    issued = office.document("issued", rendered=False)
    office.document("approved")
    office.document("issued")
    assert list(selectors.to_render()) == [issued]


@pytest.mark.usefixtures("documents")
def test_lists_cost_a_constant_number_of_queries(office: Office, django_assert_max_num_queries: Any) -> None:
    lists = (
        selectors.to_approve,
        selectors.returned,
        selectors.to_issue,
        selectors.to_seal,
        selectors.to_serve,
        selectors.without_slip,
        selectors.without_proof,
    )
    list(selectors.to_approve(office.leader, TODAY))  # permissions are kept on the person
    for waiting in lists:
        with django_assert_max_num_queries(1):
            rows = selectors.with_server(selectors.with_status(waiting(office.leader, TODAY), TODAY))
            assert all(row.state for row in rows)


@pytest.mark.usefixtures("documents")
def test_what_is_not_visible_waits_for_nobody(office: Office) -> None:
    seals = allow(UserFactory(), "seal_document")
    assert selectors.to_seal(seals, TODAY).count() == 0
    allow(seals, "view_document")
    assert selectors.to_seal(seals, TODAY).count() > 0
