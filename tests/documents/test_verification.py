"""The public page: what it tells, to whom it tells nothing, how often one may guess."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from landbureau.documents.models import Document, Lookup
from landbureau.documents.rules import mask_addressee, plain_code, same_number
from landbureau.documents.services.life import ALPHABET
from landbureau.documents.services.verification import TooManyLookups, look_up
from landbureau.jobs.rules import ZONE
from landbureau.jobs.services import run_now
from tests.documents.factories import DocumentFactory, make_issued
from tests.factories import UserFactory

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=ZONE)
NUMBER = "新国土资催〔2026〕17号"
CODE = "7Q4K92MX0A1B"


@pytest.fixture
def document(db: None) -> Document:
    return make_issued(number=NUMBER, code=CODE, sha256="8c1f40d2" * 8, title="出让金缴纳提醒通知单")


def ask(client: Client, number: str = NUMBER, code: str = CODE, **extra: Any) -> Any:
    return client.get(reverse("verify:verify"), {"number": number, "code": code}, follow=True, **extra)


def text_of(answer: Any) -> str:
    return answer.content.decode()


# --- Rules --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [
        CODE,
        "7q4k-92mx-0a1b",
        "７Ｑ４Ｋ－９２ＭＸ－０Ａ１Ｂ",
        " 7Q4K 92MX OAIB ",
        "7Q4K—92MX—oalb",
        "7Q4K.92MX.0A1B。",
    ],
)
def test_code_is_understood_however_it_is_typed(typed: str) -> None:
    assert plain_code(typed) == CODE


@given(st.text(alphabet=ALPHABET, min_size=12, max_size=12))
def test_codes_that_are_issued_are_plain(code: str) -> None:
    assert plain_code(code) == code


@given(st.text())
def test_a_plain_code_stays_as_it_is(text: str) -> None:
    assert plain_code(plain_code(text)) == plain_code(text)


@pytest.mark.parametrize(
    "typed",
    [
        NUMBER,
        "新国土资催[2026]17号",
        "新国土资催（２０２６）１７号",
        "新国土资催 2026 17",
        "新国土资催【2026】 17 号",
    ],
)
def test_number_is_understood_whatever_its_brackets(typed: str) -> None:
    assert same_number(typed, NUMBER)


@pytest.mark.parametrize("typed", ["", "号", "新国土资催〔2026〕18号", "新国土资函〔2026〕17号", "17号"])
def test_another_number_is_another(typed: str) -> None:
    assert not same_number(typed, NUMBER)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("", ""),
        ("河北昌茂仓储有限公司", "河北****有限公司"),
        ("邢台宏远桩工装备有限公司（原宏远厂）", "邢台****有限公司"),
        ("新河县财政局", "新河****政局"),
        ("寻寨村委会", "寻****会"),
        ("张三", "张**"),
        ("张三丰", "张**"),
        ("欧阳建国", "欧阳**"),
        ("阿卜杜拉·买买提", "阿**"),
        ("张三（身份证号 130530199001010012）", "张**"),
        ("王某等3户村民", "王**"),
        ("李学", "李**"),
        ("长" * 54 + "股份有限公司", "长长****有限公司"),
    ],
)
def test_addressee_is_shown_in_part(name: str, shown: str) -> None:
    assert mask_addressee(name) == shown


@given(st.text(min_size=1, max_size=60))
def test_most_of_a_name_is_hidden(name: str) -> None:
    shown = mask_addressee(name).replace("*", "")
    assert len(shown) <= 6
    assert len(name) < 3 or len(shown) <= (2 * len(name) + 2) // 3


# --- The page -------------------------------------------------------------------------------------------


def test_number_and_code_lead_to_the_answer(client: Client, document: Document) -> None:
    page = text_of(ask(client, code="7q4k-92mx-0a1b"))
    for text in (
        "出让金缴纳提醒通知单",
        NUMBER,
        "2026-11-05",
        "邢台**",
        "<dt>状态</dt><dd>有效</dd>",
        "<span>8c1f40d2</span>",
    ):
        assert text in page
    for text in (document.addressee, document.matter, "缴纳第2期", "测试股", document.kind.title):
        assert text not in page


def test_code_alone_is_enough_for_the_address_in_the_qr_code(client: Client, document: Document) -> None:
    answer = client.get(f"/V/{CODE}")
    assert answer.status_code == 200
    assert NUMBER in text_of(answer)
    assert reverse("verify:code", args=[CODE]) == f"/V/{CODE}"


def test_voided_document_is_shown_as_void_with_its_day(client: Client, document: Document) -> None:
    document.voided_on = date(2026, 11, 12)
    document.save()
    page = text_of(client.get(f"/V/{CODE}"))
    assert "已作废（2026-11-12）" in page
    assert "有效</dd>" not in page


def test_document_whose_pdf_is_not_written_yet_has_no_fingerprint(client: Client, db: None) -> None:
    make_issued(code=CODE)
    assert "正本正在生成，请稍后再查" in text_of(client.get(f"/V/{CODE}"))


def test_wrong_code_and_right_code_with_a_wrong_number_get_the_same_answer(
    client: Client, document: Document
) -> None:
    answers = [
        ask(client, code="7Q4K92MX0A1C"),
        ask(client, number="新国土资催〔2026〕18号"),
        ask(client, number="新国土资催〔2026〕18号", code="7Q4K92MX0A1C"),
    ]
    assert {answer.status_code for answer in answers} == {404}
    pages = [text_of(answer).partition("<form")[0] for answer in answers]
    assert pages[0] == pages[1] == pages[2]
    assert "没有查到与此相符的文书" in pages[0]
    assert document.title not in pages[1]
    wrong = client.get("/V/7Q4K92MX0A1C")
    assert wrong.status_code == 404
    assert "没有查到与此相符的文书" in text_of(wrong)


def test_draft_does_not_exist_for_the_public(client: Client, db: None) -> None:
    DocumentFactory()
    assert client.get("/V/None").status_code == 404
    assert client.get("/V/-").status_code == 404
    assert ask(client, number="", code="").status_code == 200


def test_what_is_missing_is_said_at_its_place_and_what_was_typed_stays(client: Client, db: None) -> None:
    page = text_of(ask(client, code=""))
    assert "请输入查验码。" in page
    assert f'value="{NUMBER}"' in page
    assert not Lookup.objects.exists()


def test_page_is_not_indexed_and_not_kept(client: Client, document: Document) -> None:
    for address in (reverse("verify:verify"), f"/V/{CODE}", "/V/wrong"):
        answer = client.get(address)
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert "no-store" in answer.headers["Cache-Control"]
        assert not answer.cookies


def test_staff_learn_no_more_here_than_the_public(client: Client, document: Document) -> None:
    client.force_login(UserFactory(is_superuser=True))
    assert document.addressee not in text_of(client.get(f"/V/{CODE}"))


def test_public_site_leads_here(client: Client, db: None) -> None:
    page = text_of(client.get("/"))
    assert f'href="{reverse("verify:verify")}"' in page
    assert f'action="{reverse("verify:verify")}"' in page


# --- The limit ------------------------------------------------------------------------------------------


@pytest.fixture
def three_a_hour(settings: Any) -> None:
    settings.VERIFY_WRONG_PER_HOUR = 3


def guess(address: str = "192.0.2.1", code: str = "WRONG", now: datetime = NOW) -> Document | None:
    with time_machine.travel(now, tick=False):
        return look_up(code=code, address=address, now=now)


def test_after_too_many_wrong_codes_only_right_ones_are_answered(
    client: Client, document: Document, three_a_hour: None
) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        for _ in range(3):
            assert client.get("/V/WRONG").status_code == 404
            clock.shift(timedelta(minutes=10))
        answer = client.get("/V/WRONG")
        assert answer.status_code == 429
        assert answer.headers["Retry-After"] == "1800"
        assert "请约 30 分钟后再试" in text_of(answer)
        refused = ask(client, number="新国土资催〔2026〕18号")
        assert refused.status_code == 429
        assert document.title not in text_of(refused)
        assert Lookup.objects.count() == 3, "refused questions leave no rows"
        assert client.get(f"/V/{CODE}").status_code == 200
        assert ask(client).status_code == 200
        clock.shift(timedelta(minutes=30))
        assert client.get("/V/WRONG").status_code == 404


def test_questions_asked_at_once_do_not_overlook_each_other(
    db: None, three_a_hour: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    guess()
    guess()
    create = Lookup.objects.create

    def meanwhile(**row: Any) -> Lookup:
        monkeypatch.undo()
        look_up(code="WRONG", address="192.0.2.1", now=NOW)
        return create(**row)

    monkeypatch.setattr(Lookup.objects, "create", meanwhile)
    with pytest.raises(TooManyLookups):
        guess()
    assert Lookup.objects.count() == 3


def test_wrong_numbers_count_as_wrong_codes(document: Document, three_a_hour: None) -> None:
    for _ in range(3):
        assert look_up(code=CODE, number="其他", address="192.0.2.1", now=NOW) is None
    with pytest.raises(TooManyLookups):
        guess(now=datetime.now(ZONE))


def test_right_codes_are_never_too_many(document: Document, three_a_hour: None) -> None:
    for _ in range(10):
        assert guess(code=CODE) == document


def test_each_address_has_its_own_limit(document: Document, three_a_hour: None) -> None:
    for _ in range(3):
        guess()
    with pytest.raises(TooManyLookups):
        guess()
    assert guess(address="192.0.2.2") is None


def test_addresses_of_one_ipv6_network_share_a_limit(document: Document, three_a_hour: None) -> None:
    for last in range(3):
        guess(address=f"2001:db8::{last + 1}")
    with pytest.raises(TooManyLookups):
        guess(address="2001:db8::ffff")
    assert guess(address="2001:db8:0:1::1") is None


def test_client_behind_a_trusted_proxy_is_the_one_that_is_limited(
    client: Client, document: Document, three_a_hour: None, settings: Any
) -> None:
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    for _ in range(3):
        client.get("/V/WRONG", headers={"X-Forwarded-For": "192.0.2.7"})
    assert client.get("/V/WRONG", headers={"X-Forwarded-For": "192.0.2.7"}).status_code == 429
    assert client.get("/V/WRONG", headers={"X-Forwarded-For": "192.0.2.8"}).status_code == 404
    settings.TRUSTED_PROXIES = []
    assert client.get("/V/WRONG", headers={"X-Forwarded-For": "192.0.2.7"}).status_code == 404


def test_unreadable_address_is_limited_too(client: Client, document: Document, three_a_hour: None) -> None:
    for _ in range(3):
        assert client.get("/V/WRONG", REMOTE_ADDR="").status_code == 404
    assert client.get("/V/WRONG", REMOTE_ADDR="").status_code == 429


def test_asking_again_within_the_hour_counts_once(document: Document) -> None:
    for minutes in (0, 10, 59, 61):
        guess(code=CODE, now=NOW + timedelta(minutes=minutes))
    guess(code=CODE, address="192.0.2.2")
    assert document.lookups.count() == 3


def test_after_a_day_wrong_questions_are_forgotten_and_who_asked_the_right_ones(
    document: Document, settings: Any
) -> None:
    guess()
    guess(code=CODE)
    with time_machine.travel(NOW + timedelta(days=settings.VERIFY_WRONG_DAYS, minutes=-1), tick=False):
        assert run_now("clear_paper").counts["lookups"] == 0
        assert document.lookups.get().address == "192.0.2.1"
    with time_machine.travel(NOW + timedelta(days=settings.VERIFY_WRONG_DAYS, minutes=1), tick=False):
        assert run_now("clear_paper").counts["lookups"] == 1
    assert document.lookups.get().address is None, "the question still counts"
