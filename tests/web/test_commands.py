"""The base of commands: JSON on stdout, Chinese on stderr, exit codes 0, 1, 2."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command

from landbureau.web.commands import JsonCommand, Refused, WrongUsage, in_chinese, iso_date


class Sale(JsonCommand):
    """A command as an app would write it."""

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("number", type=int)
        parser.add_argument("--on", type=iso_date)

    def run(self, options: dict[str, Any]) -> dict[str, Any]:
        if options["number"] == 0:
            raise WrongUsage("数量不能为零")
        if options["number"] < 0:
            raise ValidationError(["数量为负", "不予办理"])
        if options["number"] > 9:
            raise Refused("有一项失败", {"done": 9, "failed": 1})
        return {"地": "新河县", "amount": Decimal("28000.00"), "on": options["on"], "none": None}

    def text(self, document: Any) -> str:
        return f"共 {document['amount']} 元"


def run(*args: str) -> tuple[int, str, str]:
    """As from the shell: exit code, stdout, stderr."""
    out, err = StringIO(), StringIO()
    command = Sale(stdout=out, stderr=err)
    command.requires_system_checks = []
    try:
        command.run_from_argv(["manage.py", "sale", *args])
    except SystemExit as leaving:
        return int(leaving.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def test_json_is_one_readable_document() -> None:
    code, out, err = run("5", "--on", "2026-12-01", "--format", "json")
    assert (code, err) == (0, "")
    assert json.loads(out) == {"地": "新河县", "amount": "28000.00", "on": "2026-12-01", "none": None}
    assert "新河县" in out


def test_without_a_format_people_are_answered() -> None:
    assert run("5") == (0, "共 28000.00 元\n", "")


def test_a_refusal_exits_1_with_its_own_document() -> None:
    code, out, err = run("10", "--format", "json")
    assert (code, json.loads(out)) == (1, {"done": 9, "failed": 1})
    assert err == "有一项失败\n"


def test_a_refusal_of_the_app_exits_1_with_its_message() -> None:
    code, out, err = run("-5", "--format", "json")
    assert (code, json.loads(out)) == (1, {"error": "数量为负；不予办理"})
    assert err == "数量为负；不予办理\n"


def test_a_refusal_in_text_leaves_stdout_empty() -> None:
    assert run("10") == (1, "", "有一项失败\n")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((), "用法错误：缺少参数：number"),
        (("x",), "number 须为整数，不能是 'x'"),
        (("5", "--on", "1.12."), "--on：“1.12.”不是日期"),
        (("5", "--on"), "--on 后面缺少内容"),
        (("5", "--format", "xml"), "--format 不能是 'xml'，可选："),
        (("5", "6"), "不认识的参数：6"),
        (("0",), "用法错误：数量不能为零"),
    ],
)
def test_wrong_usage_exits_2_in_chinese_with_nothing_on_stdout(args: tuple[str, ...], message: str) -> None:
    code, out, err = run(*args, *(("--format", "json") if "--format" not in args else ()))
    assert (code, out) == (2, "")
    assert message in err


def test_called_from_code_the_exceptions_come_through() -> None:
    command = Sale(stdout=StringIO())
    with pytest.raises(Refused):
        call_command(command, 10)
    with pytest.raises(WrongUsage):
        call_command(command, 0)
    with pytest.raises(WrongUsage):
        call_command(command, "x")


def test_what_argparse_says_that_is_not_known_stays_as_it_is() -> None:
    assert in_chinese("something new") == "something new"


def test_a_base_command_must_be_filled_in() -> None:
    with pytest.raises(NotImplementedError):
        JsonCommand().run({})
    with pytest.raises(NotImplementedError):
        JsonCommand().text({})


def test_dates_are_iso() -> None:
    assert iso_date("2026-12-01") == date(2026, 12, 1)
