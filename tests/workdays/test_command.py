"""``manage.py workdays``: the answer on stdout, everything else on stderr."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from landbureau.web.commands import Refused, WrongUsage
from tests.workdays.factories import set_day

pytestmark = pytest.mark.django_db


def ask(*args: str) -> str:
    out = StringIO()
    call_command("workdays", *args, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("args", "document"),
    [
        (("add", "2026-02-10", "10"), {"date": "2026-03-02", "provisional": False}),
        (("add", "2025-10-16", "-7"), {"date": "2025-09-30", "provisional": False}),
        (("add", "2026-12-31", "1"), {"date": "2027-01-04", "provisional": True}),
        (("between", "2026-02-10", "2026-03-02"), {"workdays": 10, "provisional": False}),
        (("between", "2026-12-30", "2027-01-04"), {"workdays": 2, "provisional": True}),
    ],
)
def test_the_answer_is_one_json_document(args: tuple[str, ...], document: dict[str, object]) -> None:
    assert json.loads(ask(*args, "--format", "json")) == document


def test_the_bureaus_table_is_used() -> None:
    set_day("2026-03-02", False, source="试", actor=None)
    assert json.loads(ask("add", "2026-02-10", "10", "--format", "json"))["date"] == "2026-03-03"


def test_people_get_chinese() -> None:
    assert ask("add", "2026-02-10", "10") == "2026-03-02\n"
    assert ask("between", "2026-12-30", "2027-01-04") == "2 个工作日（暂定：所涉年份的节假日安排尚未公布）\n"


@pytest.mark.parametrize("args", [("between", "2026-03-02", "2026-02-10"), ("add", "2026-03-02", "99999999")])
def test_what_cannot_be_computed_is_refused_with_a_document(args: tuple[str, ...]) -> None:
    out = StringIO()
    with pytest.raises(Refused) as refused:
        call_command("workdays", *args, "--format", "json", stdout=out)
    assert refused.value.returncode == 1
    assert json.loads(out.getvalue()) == {"error": str(refused.value)}


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("add", "2026-02-30", "1"), "不是日期"),
        (("add", "2026-02-10", "十"), "天数须为整数"),
        (("between", "2026-02-10", "10"), "不是日期"),
        (("add", "2026-02-10"), "缺少参数"),
        (("subtract", "2026-02-10", "1"), "不能是 'subtract'"),
        (("add", "2026-02-10", "1", "--forma"), "不认识的参数|后面缺少内容"),
    ],
)
def test_wrong_usage_is_told_in_chinese_and_prints_no_document(args: tuple[str, ...], message: str) -> None:
    out = StringIO()
    with pytest.raises(WrongUsage, match=message) as wrong:
        call_command("workdays", *args, stdout=out)
    assert wrong.value.returncode == 2
    assert isinstance(wrong.value, CommandError)
    assert out.getvalue() == ""
