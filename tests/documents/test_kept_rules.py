"""A kind, a series and the people change; what was issued and entrusted under the old rules stays right."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.forms import modelform_factory
from django.utils import timezone

from landbureau.accounts.errors import WorkError
from landbureau.accounts.models import Assignment, Bureau
from landbureau.accounts.services import SERVING, SERVING_NOTICE, hand_over
from landbureau.documents import access, selectors, services
from landbureau.documents.admin import SeriesForm
from landbureau.documents.display import state_word
from landbureau.documents.errors import DocumentError
from landbureau.documents.models import Document, Kind, Series
from landbureau.documents.services import take_number
from tests.documents.factories import SeriesFactory, ServiceMethodFactory, make_issued
from tests.documents.office import DAY, TODAY, Office
from tests.factories import UserFactory, allow

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    return Office()


def reloaded(document: Document) -> Document:
    found: Document = Document.objects.get(pk=document.pk)
    return found


def issue(document: Document, office: Office, today: date = TODAY) -> Document:
    return services.issue(document=document, actor=office.clerk, today=today)


# --- Kinds -----------------------------------------------------------------------------------------------


def test_what_was_issued_stays_to_be_sealed_and_served_when_its_kind_needs_it_no_more(office: Office) -> None:
    document = office.document("sealed")
    Kind.objects.filter(pk=document.kind_id).update(needs_seal=False, needs_service=False)
    document = reloaded(document)
    assert state_word(document.status(TODAY), document, sent=False)[1] == "待送达"
    assert "serve" in [step.name for step in services.allowed(office.officer, document, TODAY)]
    assert document in selectors.to_serve(office.officer, TODAY)


def test_a_draft_follows_its_kind_and_is_not_issued_with_a_receipt_that_does_not(office: Office) -> None:
    document = office.document("approved")
    Kind.objects.filter(pk=document.kind_id).update(needs_seal=False)
    assert reloaded(issue(reloaded(document), office)).needs_seal is False
    for change in ({"two_servers": True}, {"needs_service": False}):
        other = office.document("approved")
        Kind.objects.filter(pk=other.kind_id).update(**change)
        with pytest.raises(DocumentError, match="送达要求在拟稿后有变动"):
            issue(reloaded(other), office)


# --- Series ----------------------------------------------------------------------------------------------


def test_the_mark_of_a_series_that_gave_numbers_stays() -> None:
    used, unused = SeriesFactory(), SeriesFactory()
    take_number(series=used, organ_code="甲", year=2026)
    form_of = modelform_factory(Series, form=SeriesForm, fields=["name", "mark"])

    def errors(series: Series, mark: str) -> list[str]:
        form = form_of({"name": "名称", "mark": mark, "version": series.version}, instance=series)
        return [str(error) for error in form.errors.get("mark", [])]

    assert errors(used, "换") == ["这个系列已编过号，字不能再改。需要新的字时，请另设系列。"]
    assert errors(unused, "换") == errors(used, used.mark) == []


def test_a_number_that_is_taken_is_told_and_none_is_lost(office: Office) -> None:
    document = office.document("approved")
    organ, mark = Bureau.objects.get().organ_code, document.kind.series.mark
    make_issued(number=f"{organ}{mark}〔2026〕1号")
    with pytest.raises(DocumentError, match="已被占用"):
        issue(document, office)
    assert take_number(series=document.kind.series, organ_code=organ, year=2026) == 1


def test_another_organ_code_counts_anew_and_the_old_one_goes_on(office: Office) -> None:
    kind = office.document("draft").kind
    numbers = []
    for code in ("甲资", "乙资", "甲资"):
        Bureau.objects.update(organ_code=code)
        document = office.document("approved")
        Kind.objects.filter(pk=document.kind_id).update(series=kind.series)
        numbers.append(issue(reloaded(document), office).number)
    mark = kind.series.mark
    assert numbers == [f"甲资{mark}〔2026〕1号", f"乙资{mark}〔2026〕1号", f"甲资{mark}〔2026〕2号"]


# --- People ----------------------------------------------------------------------------------------------


def test_notices_go_only_to_those_who_may_serve_notices(office: Office) -> None:
    document = office.document("sealed", family=Kind.Family.NOTICE)
    allow(office.clerk, "create_notice", "serve_notice", "view_notice", on=office.section)
    able = allow(UserFactory(), "serve_notice", on=office.township.office)
    with pytest.raises(DocumentError, match="没有送达这类文书的权限"):
        services.hand_to(document=document, actor=office.clerk, today=TODAY, server=office.officer)
    services.hand_to(document=document, actor=office.clerk, today=TODAY, server=able)
    assert Assignment.objects.get(user=able).task == SERVING_NOTICE
    how = {"person": able, "on": TODAY, "reason": "", "actor": office.head}
    with pytest.raises(WorkError, match="不能接办"):
        hand_over(**how, takers=[office.officer])
    hand_over(**how, takers=[office.clerk])
    assert access.may(office.clerk, "serve", document)


def test_who_was_relieved_sees_it_but_serves_it_no_more_and_corrects_what_was_their_own(
    office: Office,
) -> None:
    today = timezone.localdate()
    far, document = office.stranger, office.document("sealed")
    work = Assignment.objects.create(
        user=far, task=SERVING, subject=document, starts_on=today - 3 * DAY, ends_on=today
    )
    assert access.may(far, "serve", document)
    Assignment.objects.filter(pk=work.pk).update(ends_on=today - timedelta(days=1))
    assert not access.may(far, "serve", document)
    assert not access.may(far, "correct", document)
    assert document in Document.objects.visible_to(far)
    document.service_records.create(
        method=ServiceMethodFactory(), first_server="甲", request_key="1", registered_by=far
    )
    assert access.may(far, "correct", document)
    assert document in Document.objects.filter(access.within(far, "correct"))
    assert not access.may(far, "serve", document)
