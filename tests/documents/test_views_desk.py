"""The page of a document, its pictures and files."""

from __future__ import annotations

from unittest import mock

import pytest
import time_machine
from django.urls import reverse

from landbureau.accounts.models import User
from landbureau.documents import services
from landbureau.documents.models import Document, ServiceMethod, Step
from landbureau.jobs.services import sign_of_life
from tests.documents.desk import as_, blank_pdf
from tests.documents.factories import WordingFactory, make_issued
from tests.documents.office import TODAY, Office
from tests.documents.paper import make_frozen
from tests.factories import SectionFactory, UserFactory, allow
from tests.web.pages import body_of

pytestmark = pytest.mark.django_db
LIST = "/desk/documents/"
BUTTON = 'name="act" value="approve"'


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel("2026-11-23T09:00:00+08:00", tick=False):
        yield


@pytest.fixture(autouse=True)
def paper():
    """Drafts are not rendered here: one blank file of two pages stands for all."""
    with mock.patch("landbureau.documents.previews.write_pdf", return_value=blank_pdf()) as write:
        yield write


@pytest.fixture
def office() -> Office:
    return Office()


def page_of(user: User, document: Document) -> str:
    return body_of(as_(user).get(document.get_absolute_url()))


# --- A document ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "who", "button"),
    [
        ("draft", "clerk", "送审"),
        ("submitted", "head", "批准"),
        ("approved", "clerk", "印发"),
        ("issued", "clerk", "用印登记"),
    ],
)
def test_the_page_offers_the_next_step_to_who_may_take_it(
    office: Office, state: str, who: str, button: str
) -> None:
    document = office.document(state)
    assert f"{button}</button>" in page_of(getattr(office, who), document)
    reader = allow(UserFactory(), "view_document", on=office.section)
    assert f"{button}</button>" not in page_of(reader, document)


def test_who_has_the_permission_elsewhere_does_not_see_it(office: Office) -> None:
    document = make_frozen(section=office.section)
    client = as_(office.stranger)
    for name, args in (("document", ()), ("pages", ()), ("page", (1,)), ("pdf", ())):
        assert client.get(reverse(f"documents:{name}", args=[document.pk, *args])).status_code == 404


def test_the_page_tells_who_did_what_and_what_comes_next(office: Office) -> None:
    document = make_issued(section=office.section, kind__needs_seal=True)
    document.steps.create(action="drafted")
    document.steps.create(action="approved", actor=office.head)
    Document.objects.filter(pk=document.pk).update(serve_by="2026-11-25")
    body = page_of(office.clerk, document)
    assert "系统自动" in body
    assert office.head.name in body
    assert body.index("批准</strong>") < body.index("用印</strong>") < body.index("送达</strong>")
    assert "还有2天" in body


def test_a_correction_is_no_next_step(office: Office) -> None:
    document = office.document("served")
    document.steps.create(action="served", actor=office.officer)
    document.steps.create(action="corrected", actor=office.officer)
    body = page_of(office.clerk, document)
    assert "更正送达</strong>" in body
    assert "（下一步）" not in body


def test_a_running_public_notice_is_one_open_step(office: Office) -> None:
    document = office.document("sealed")
    services.register_service(
        document=document,
        actor=office.officer,
        today=TODAY,
        method=ServiceMethod.objects.get(code="public"),
        request_key="notice",
        posted_on=TODAY,
        posting_number="县政府网站",
        remark="下落不明",
        first_server="王海燕",
    )
    document.refresh_from_db()
    body = page_of(office.clerk, document)
    assert '公告期内</strong> <span class="visually-hidden">（下一步）' in body
    assert f"{document.served_on} 视为送达" in body
    assert "<strong>送达</strong>" not in body


def test_a_returned_draft_tells_why(office: Office) -> None:
    document = office.document("submitted")
    services.return_document(document=document, actor=office.head, today=TODAY, reason="金额有误")
    assert "退回：金额有误" in page_of(office.clerk, document)
    WordingFactory(kind=document.kind, number=2)
    services.submit(document=document, actor=office.clerk, today=TODAY)
    assert "退回：金额有误" not in page_of(office.clerk, document)


def test_a_void_document_is_struck_and_leads_to_its_successor(office: Office) -> None:
    document = office.document("voided")
    assert f"<s>{document.number}</s>" in page_of(office.clerk, document)
    assert "按原内容重新拟稿" in page_of(office.clerk, document)
    draft = services.redraft(document=document, drafter=office.clerk, today=TODAY)
    body = page_of(office.clerk, document)
    assert f'href="{draft.get_absolute_url()}"' in body
    assert "按原内容重新拟稿" not in body
    assert f'href="{document.get_absolute_url()}"' in page_of(office.clerk, draft)


def test_the_source_is_a_link_only_for_who_may_open_it(office: Office) -> None:
    colleague = UserFactory(name="刘来源", section=SectionFactory())
    document = office.document("draft")
    document.subject = colleague
    document.save()
    link = f'<a href="{colleague.get_absolute_url()}">刘来源</a>'
    assert link not in page_of(office.clerk, document)
    assert link in page_of(allow(office.clerk, "view_staff"), document)


# --- Pages and files -------------------------------------------------------------------------------------


def test_the_frozen_file_is_served_with_its_fingerprint(office: Office) -> None:
    document = make_frozen(section=office.section)
    url = reverse("documents:pdf", args=[document.pk])
    response = as_(office.clerk).get(url)
    assert response.headers["ETag"] == f'"{document.sha256}"'
    assert response.headers["Content-Disposition"].startswith("inline")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    with document.pdf.open() as file:
        assert response.getvalue() == file.read()
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    again = as_(office.clerk).get(url, headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304
    kept = as_(office.clerk).get(f"{url}?download=1")
    assert kept.headers["Content-Disposition"].startswith("attachment")


def test_a_picture_of_a_page_is_made_once_for_a_browser(office: Office) -> None:
    document = make_frozen(section=office.section)
    client, url = as_(office.clerk), reverse("documents:page", args=[document.pk, 2])
    first = client.get(url)
    assert first.content.startswith(b"\x89PNG")
    assert first.headers["Cache-Control"] == "private, no-cache"
    with mock.patch("landbureau.documents.views.desk.page_png") as draw:
        again = client.get(url, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    draw.assert_not_called()
    wide = client.get(f"{url}?w=1600")
    assert wide.headers["ETag"] != first.headers["ETag"]
    assert client.get(f"{url}?w=99999").headers["ETag"] == first.headers["ETag"]


@pytest.mark.parametrize("number", [0, 3, 99])
def test_there_are_no_pages_before_the_first_and_after_the_last(office: Office, number: int) -> None:
    document = make_frozen(section=office.section)
    url = reverse("documents:page", args=[document.pk, number])
    assert as_(office.clerk).get(url).status_code == 404


def test_a_draft_is_rendered_once_until_it_says_something_else(office: Office, paper: mock.Mock) -> None:
    document = office.document("draft", title="只写一次的通知")
    content = {**document.content, "title": "只写一次的通知"}
    Document.objects.filter(pk=document.pk).update(content=content)
    for _ in range(2):
        assert "草稿，尚未编号" in page_of(office.clerk, document)
    assert paper.call_count == 1
    Document.objects.filter(pk=document.pk).update(content={**content, "title": "又改过的通知"})
    page_of(office.clerk, document)
    assert paper.call_count == 2


def test_an_upgrade_of_the_layout_shows_drafts_anew(office: Office, paper: mock.Mock) -> None:
    document = office.document("draft")
    content = {**document.content, "title": "换了版式的通知"}
    Document.objects.filter(pk=document.pk).update(content=content)
    client, url = as_(office.clerk), reverse("documents:pdf", args=[document.pk])
    tags = {client.get(url).headers["ETag"] for _ in range(2)}
    with mock.patch("landbureau.documents.previews.layout_version", return_value="new"):
        tags.add(client.get(url).headers["ETag"])
    assert (len(tags), paper.call_count) == (2, 2)


def test_the_page_waits_for_the_frozen_file_and_then_shows_it(office: Office) -> None:
    waiting = make_issued(section=office.section)
    sign_of_life("worker", "here")
    body = page_of(office.clerk, waiting)
    assert "正在生成正本" in body
    assert 'hx-trigger="every 2s"' in body
    assert as_(office.clerk).get(reverse("documents:pdf", args=[waiting.pk])).status_code == 404
    done = make_frozen(section=office.section)
    assert as_(office.clerk).get(reverse("documents:pages", args=[done.pk])).headers["HX-Refresh"] == "true"
    body = page_of(office.clerk, done)
    assert "every 2s" not in body
    assert 'alt="第 2 页（送达回证）' in body


def test_the_page_does_not_promise_seconds_when_it_takes_long_or_nobody_works(office: Office) -> None:
    waiting = make_issued(section=office.section)
    Step.objects.create(document=waiting, action=Step.Action.ISSUED, actor=office.clerk)
    with time_machine.travel("2026-11-23T09:02:00+08:00", tick=False):
        sign_of_life("worker", "here")
        slow = page_of(office.clerk, waiting)
    assert "正本排队较久" in slow
    assert "几秒钟" not in slow
    with time_machine.travel("2026-11-23T09:30:00+08:00", tick=False):
        stopped = page_of(office.clerk, waiting)
    assert "后台处理已停止：编号有效" in stopped
    assert "正在生成正本" not in stopped


def test_looking_at_a_page_that_waits_keeps_no_session_alive() -> None:
    from landbureau.documents.views.desk import pages

    assert pages.passive  # type: ignore[attr-defined]
