"""What the page makes of a report: lines, their grouping and state, the comparison, the steps."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import QueryDict

from landbureau.imports.choices import Choices
from landbureau.imports.display import PAGE, Check, Comparison, ImportPage, Line, Panel, size_in_words
from landbureau.imports.models import ImportSession
from landbureau.imports.report import Finding, Report, SheetReport
from tests.imports.sessions import asked, clear_report, varied_report

PLACE = ("人员", 5, 2)


def checked(report: Report | None = None, **choices: Any) -> Check:
    return Check(report or varied_report(), Choices(**choices))


def told(line: Line) -> tuple[str, list[int], bool]:
    return line.finding.code if line.finding else "corrected", line.rows, line.is_open


def test_lines_stand_in_the_order_of_the_file() -> None:
    assert [told(line)[:2] for line in checked().lines] == [
        ("column_missing", [1]),
        ("unknown_column", [1]),
        ("too_long", [5, 7]),
        ("odd_row", [6]),
        ("unsure", [8]),
        ("unsure", [9]),
        ("unsure", [10]),
    ]


def test_the_same_error_about_the_same_value_is_one_line() -> None:
    (line,) = [line for line in checked().lines if len(line.rows) > 1]
    assert (line.row, line.rows) == (5, [5, 7])


def test_blank_cells_are_told_one_by_one() -> None:
    sheet = SheetReport("人员", "staff", header=(1, 1))
    sheet.findings = [Finding(row, "姓名", "required", "“姓名”不能空着。", "", "", index=1) for row in (2, 3)]
    assert [line.rows for line in checked(Report([sheet])).lines] == [[2], [3]]


def test_the_same_question_is_one_line_for_all_its_rows_and_sheets() -> None:
    one, other = asked(2, "name", "姓名", "张测"), asked(2, "name", "姓名", "张测")
    other.row = 9
    sheets = [SheetReport("一", "staff", findings=[one]), SheetReport("二", "staff", findings=[other])]
    (line,) = checked(Report(sheets)).lines
    assert (line.sheet, line.rows) == ("一", [2, 9])


def test_a_correction_closes_its_error_until_the_next_check() -> None:
    check = checked(cells={"人员": {5: {2: "科员"}}})
    assert [
        (line.rows, line.decision) for line in check.lines if line.index == 2 and not line.is_question
    ] == [
        ([5], "科员"),
        ([7], None),
    ]


def test_a_correction_that_is_still_wrong_is_open_again() -> None:
    (line,) = [line for line in checked(cells={"人员": {5: {2: "科" * 41}}}).lines if line.row == 5]
    assert line.is_open


def test_a_correction_that_holds_is_shown_as_settled() -> None:
    check = checked(clear_report(), cells={"人员": {2: {1: "张测"}, 3: {1: "张测"}}})
    (line,) = check.lines
    assert (told(line), line.column, line.decided) == (("corrected", [2, 3], False), "姓名", "张测")
    assert check.cell("人员", 2, 1) is line, "it may be corrected once more"


def test_a_corrected_cell_that_is_asked_about_is_no_second_line() -> None:
    assert [told(line)[0] for line in checked(cells={"人员": {9: {1: "王侧"}}}).lines if line.row == 9] == [
        "unsure"
    ]


def test_an_answer_of_today_one_of_an_earlier_file_and_none() -> None:
    report = varied_report()
    first, second, third = report.sheets[0].questions
    lines = [
        checked(report, answers={first.question: "科长"}).question(f.question) for f in (first, second, third)
    ]
    assert [(line.decision, line.is_remembered, line.is_accepted) for line in lines if line] == [
        ("科长", False, True),
        (None, False, False),
        ("赵测", True, True),
    ]


def test_answers_are_shown_in_the_words_of_their_options() -> None:
    report = varied_report()
    first = report.sheets[0].questions[0]
    line = checked(report, answers={first.question: ""}).question(first.question)
    assert line
    assert (line.proposal, line.decided, line.is_accepted) == ("科长", "不填", False)


def test_a_blank_answer_without_options_is_called_blank() -> None:
    sheet = SheetReport("人员", "staff", findings=[asked(2, "name", "姓名", "")])
    assert checked(Report([sheet])).lines[0].proposal == "（空）"


def test_the_field_of_an_error_begins_with_the_proposal_or_with_what_is_there() -> None:
    line = Line("人员", [2], "姓名", 1, Finding(2, "姓名", "x", "错。", "张 测", "张测", index=1))
    assert line.start == "张测"
    assert line.finding
    line.finding.proposal = ""
    assert line.start == "张 测"


@pytest.mark.parametrize(
    "place", [("人员", 1, 3), ("人员", 6, 0), ("人员", 8, 2), ("没有", 5, 2), ("人员", 7, 2)]
)
def test_only_cells_with_errors_are_corrected(place: tuple[str, int, int]) -> None:
    """Not heads, whole rows, or questions; of a group the first cell stands for all."""
    assert checked().cell(*PLACE)
    assert checked().cell(*place) is None


def test_filters_count_what_they_show() -> None:
    check = checked()
    assert [len(check.shown(name)) for name in ("", "open", "errors", "questions")] == [7, 6, 4, 3]
    assert (check.open_errors, check.open_questions) == (4, 2)


# --- The comparison --------------------------------------------------------------------------------


def test_the_comparison_has_the_rows_of_each_outcome() -> None:
    found = Comparison(varied_report())
    assert [found.count(tab) for tab in ("created", "updated", "unchanged", "missing")] == [1, 1, 1, 2]
    assert (found.held_back, found.written, found.cleared) == (6, 2, 1)
    assert [(row.row, row.label) for row in found.rows("created")] == [(2, "zhangce　张测")]
    assert [(row.label, row.column, row.old, row.new) for row in found.rows("updated")] == [
        ("lice　李测", "职务", "科长", "科员"),
        ("lice　李测", "手机", "138****0000", ""),
    ]
    assert [row.label for row in found.rows("missing")] == ["sunce　孙测", "zhouce　周测"]
    assert found.first_tab() == "updated"


def test_missing_rows_beyond_those_that_are_named_are_counted() -> None:
    report = varied_report()
    report.sheets[0].missing = 1200
    assert Comparison(report).unnamed == 1198


# --- The page --------------------------------------------------------------------------------------


def page(report: Report, state: str = "checked", **choices: Any) -> ImportPage:
    session = ImportSession(state=state, size=2048, choices=Choices(**choices).as_json())
    return ImportPage(session, report)


def test_a_clear_report_may_be_confirmed_and_a_stale_one_has_to_be_checked() -> None:
    assert page(clear_report()).may_confirm
    assert not page(clear_report(), "stale").may_confirm
    assert page(clear_report(), "stale").is_stale
    assert not page(varied_report()).may_confirm


def test_a_file_without_rows_may_not_be_confirmed() -> None:
    report = clear_report()
    report.sheets[0].rows = 0
    assert not page(report).may_confirm


def test_what_was_decided_while_a_check_ran_asks_for_another_one() -> None:
    report = clear_report()
    question = asked(2, "name", "姓名", "张测")
    report.sheets[0].findings = [question]
    assert page(report, answers={question.question: "张测"}).is_stale


def test_what_is_open_is_said_in_words() -> None:
    assert page(varied_report()).open_in_words() == "4 处错误、2 个问题"
    assert page(clear_report()).open_in_words() == ""


@pytest.mark.parametrize(
    ("report", "state", "steps"),
    [
        (varied_report(), "checked", ["done", "trouble", "current", "current", "ahead"]),
        (clear_report(), "checked", ["done", "done", "done", "done", "current"]),
        (clear_report(), "stale", ["done", "done", "done", "current", "ahead"]),
        (clear_report(), "done", ["done"] * 5),
    ],
)
def test_the_steps_say_where_the_import_stands(report: Report, state: str, steps: list[str]) -> None:
    assert [step.state for step in page(report, state).steps()] == steps


def test_a_panel_shows_one_page_and_keeps_the_rest_of_the_address() -> None:
    panel = Panel(range(PAGE + 1), "rows", QueryDict("show=open&rows=2"))
    assert list(panel.page) == [PAGE]
    assert list(panel.links()) == [(1, "show=open&rows=1"), (2, "show=open&rows=2")]
    assert list(Panel([], "rows", QueryDict("rows=x")).page) == []


@pytest.mark.parametrize(("size", "words"), [(1, "1 KB"), (428_032, "418 KB"), (1_572_864, "1.5 MB")])
def test_sizes_are_told_in_words(size: int, words: str) -> None:
    assert size_in_words(size) == words
