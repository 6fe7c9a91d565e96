"""The receipt: which day counts as the day of service, what every method asks for."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbureau.documents import receipt
from landbureau.documents.models import ServiceMethod, ServiceRecord
from landbureau.documents.rules import DateRule, served_on

TODAY = date(2026, 11, 23)
SEALED = date(2026, 11, 19)
days = st.dates(date(2000, 1, 1), date(2100, 1, 1))
rules = st.sampled_from(list(DateRule))

FILLED: dict[str, Any] = {
    "place": "寻寨镇振兴路8号",
    "received_on": TODAY,
    "received_at": time(10, 40),
    "posted_on": date(2026, 11, 20),
    "posting_number": "1234567890123",
    "receiver": "高志远",
    "relation": "法定代表人",
    "consent": "同意书2026-5",
    "refusal": "拒绝签字",
    "witness": "村委会李建国",
    "first_server": "王海燕",
    "second_server": "孙志强",
    "remark": "",
}


def needs(rule: str, **changes: Any) -> receipt.Requirements:
    values: dict[str, Any] = {
        "rule": rule,
        "required": (),
        "two_servers": False,
        "not_before": SEALED,
        "not_before_title": "用印日期",
        "has_proof": False,
    }
    return receipt.Requirements(**values | changes)


# --- The day of service ------------------------------------------------------------------------------


def test_the_rules_of_the_rows_are_those_of_the_law() -> None:
    assert set(ServiceMethod.DateRule.values) == {rule.value for rule in DateRule}
    assert set(receipt.BY_RULE) == set(receipt.ESSENTIAL) == set(DateRule)


def test_the_lines_of_the_receipt_are_those_of_the_record() -> None:
    names = {field.name for field in ServiceRecord._meta.fields}
    assert set(receipt.TITLES) <= names
    others = "id document method served_on corrects reason request_key registered_by registered_at"
    assert names - set(receipt.TITLES) == set(others.split())


@pytest.mark.parametrize("rule", ["signed", "left", "returned", "arrived"])
def test_the_day_on_the_receipt_is_the_day_of_service(rule: str) -> None:
    assert served_on(rule, 0, TODAY, date(2026, 11, 20)) == TODAY


def test_a_letter_without_its_slip_is_on_its_way() -> None:
    assert served_on("returned", 0, None, date(2026, 11, 20)) is None


@pytest.mark.parametrize(
    ("published", "served"),
    [
        (date(2026, 11, 23), date(2026, 12, 23)),
        (date(2026, 12, 2), date(2027, 1, 1)),
        (date(2028, 1, 30), date(2028, 2, 29)),
    ],
)
def test_a_publication_counts_after_thirty_days(published: date, served: date) -> None:
    assert served_on("published", 30, None, published) == served


@given(rules, st.integers(0, 100), st.none() | days, st.none() | days)
def test_nothing_is_served_before_somebody_acts(
    rule: str, number: int, received: date | None, posted: date | None
) -> None:
    day = served_on(rule, number, received, posted)
    if rule == DateRule.PUBLISHED:
        assert (day is None) == (posted is None)
        assert day is None or (posted is not None and (day - posted).days == number)
    else:
        assert day == received, "the days of a method are for publications only"


# --- What the receipt must hold ----------------------------------------------------------------------


@given(rules, st.sets(st.sampled_from(list(receipt.TITLES))), st.booleans())
def test_a_receipt_with_every_line_in_order_has_no_problems(rule: str, required: set[str], two: bool) -> None:
    asked = needs(rule, required=required - {"remark"}, two_servers=two)
    assert receipt.problems(FILLED, asked, TODAY) == {}


@given(rules, st.sets(st.sampled_from(list(receipt.TITLES))), st.booleans(), st.booleans())
def test_an_empty_receipt_lacks_exactly_what_is_required(
    rule: str, required: set[str], two: bool, proof: bool
) -> None:
    asked = needs(rule, required=required, two_servers=two, has_proof=proof)
    found = receipt.problems({}, asked, TODAY)
    witness = {"witness"} if rule == DateRule.LEFT and not proof else set()
    assert set(found) == set(receipt.required_lines(asked)) | witness
    assert set(receipt.required_lines(asked)) <= set(receipt.lines_of(rule, required)), (
        "what is asked is shown"
    )
    assert list(found) == [name for name in receipt.TITLES if name in found], "in the order of the receipt"


@given(rules, st.sampled_from(["received_on", "posted_on"]), st.integers(1, 4000))
def test_no_day_lies_ahead_or_before_the_seal(rule: str, name: str, number: int) -> None:
    ahead = receipt.problems(FILLED | {name: TODAY + timedelta(days=number)}, needs(rule), TODAY)
    before = receipt.problems(FILLED | {name: SEALED - timedelta(days=number)}, needs(rule), TODAY)
    assert "不能晚于今天" in ahead[name]
    assert "不能早于用印日期 2026-11-19" in before[name]


def test_a_slip_is_not_older_than_its_letter() -> None:
    values = FILLED | {"posted_on": TODAY, "received_on": date(2026, 11, 21)}
    assert "不能早于交寄日期 2026-11-23" in receipt.problems(values, needs("returned"), TODAY)["received_on"]


def test_two_servers_are_two_people_where_somebody_goes_there() -> None:
    alone = FILLED | {"second_server": ""}
    same = FILLED | {"second_server": " 王 海燕 "}
    for rule in DateRule:
        found = receipt.problems(alone, needs(rule, two_servers=True), TODAY)
        assert ("second_server" in found) == (rule in receipt.IN_PERSON)
        assert receipt.problems(same, needs(rule), TODAY) == {"second_server": "两名送达人不能是同一人。"}


def test_leaving_a_document_needs_a_witness_or_a_photo() -> None:
    unseen = FILLED | {"witness": ""}
    assert "见证人" in receipt.problems(unseen, needs("left"), TODAY)["witness"]
    assert receipt.problems(unseen, needs("left", has_proof=True), TODAY) == {}


def test_electronic_service_needs_the_consent() -> None:
    found = receipt.problems(FILLED | {"consent": ""}, needs("arrived"), TODAY)
    assert found == {"consent": "请填写电子送达同意书。"}


def test_lines_are_called_as_the_method_calls_them() -> None:
    assert receipt.title("received_on", "left") == "留置日期"
    assert receipt.titles("published")["posting_number"] == "公告载体"
    assert "请填写公告日期。" in receipt.problems({}, needs("published"), TODAY).values()
