"""Reading the State Council's yearly notice."""

from __future__ import annotations

from datetime import date, timedelta
from time import perf_counter

import chinese_calendar
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from landbureau.workdays.rules import notice_title, parse_notice
from tests.workdays.factories import NOTICE_2027, day

NOTICE_2025 = """国务院办公厅关于2025年部分节假日安排的通知
国办发明电〔2024〕12号
各省、自治区、直辖市人民政府，国务院各部委、各直属机构：
　　经党中央、国务院批准，现将2025年元旦、春节、清明节、劳动节、端午节、国庆节和中秋节放假调休日期的具体安排通知如下。
　　一、元旦：1月1日（周三）放假1天，不调休。
　　二、春节：1月28日（农历除夕、周二）至2月4日（农历正月初七、周二）放假调休，共8天。1月26日（周日）、2月8日（周六）上班。
　　三、清明节：4月4日（周五）至6日（周日）放假，共3天。
　　四、劳动节：5月1日（周四）至5日（周一）放假调休，共5天。4月27日（周日）上班。
　　五、端午节：5月31日（周六）至6月2日（周一）放假，共3天。
　　六、国庆节、中秋节：10月1日（周三）至8日（周三）放假调休，共8天。9月28日（周日）、10月11日（周六）上班。
　　节假日期间，各地区、各部门要妥善安排好值班和安全、保卫、疫情防控等工作。
国务院办公厅
2024年11月12日
"""


def read(text: str, year: int) -> list[tuple[str, bool, str]]:
    notice = parse_notice(text, year)
    assert notice.errors == []
    return [(f"{d.on}", d.is_workday, d.name) for d in notice.days]


def test_the_whole_notice_of_2025_gives_the_calendar_of_2025() -> None:
    notice = parse_notice(NOTICE_2025, 2025)
    assert notice.errors == []
    said = {d.on: d.is_workday for d in notice.days}
    on = day("2025-01-01")
    while on.year == 2025:
        assert said.get(on, on.weekday() < 5) == chinese_calendar.is_workday(on), on
        on += timedelta(days=1)
    assert len(notice.days) == 33
    assert [number for number, _ in notice.ignored] == [1, 2, 3, 4, 11, 12, 13]


def test_runs_of_blanks_are_read_as_one_and_take_no_time() -> None:
    started = perf_counter()
    assert read("1月1日" + " " * 19000 + "、1月2日放假", 2027) == read("1月1日、1月2日放假", 2027)
    assert parse_notice("1月1日" + " " * 19000 + "某1月2日放假", 2027).errors
    assert perf_counter() - started < 0.5


def test_days_carry_the_holidays_name_and_their_line() -> None:
    days = {d.on: d for d in parse_notice(NOTICE_2025, 2025).days}
    assert days[day("2025-10-11")].name == "国庆节、中秋节"
    assert (days[day("2025-01-28")].name, days[day("2025-01-28")].line) == ("春节", 6)


@pytest.mark.parametrize(
    ("text", "year", "off", "worked"),
    [
        (
            "一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。",
            2026,
            ["2026-01-01", "2026-01-02", "2026-01-03"],
            ["2026-01-04"],
        ),
        (
            "10月1日（周四）至3日（周六）放假调休，共3天。9月20日（周日）、10月10日（周六）上班",
            2026,
            ["2026-10-01", "2026-10-02", "2026-10-03"],
            ["2026-09-20", "2026-10-10"],
        ),
        (
            "一、元旦：2018年12月30日至2019年1月1日放假调休，共3天。2018年12月29日（星期六）上班。",
            2019,
            ["2018-12-30", "2018-12-31", "2019-01-01"],
            ["2018-12-29"],
        ),
        ("元旦：2026年12月31日至1月2日放假，共3天。", 2027, ["2026-12-31", "2027-01-01", "2027-01-02"], []),
        ("三、清明节：4月5日放假，4月6日（星期一）补休。", 2015, ["2015-04-05", "2015-04-06"], []),
        ("一、元旦：1月1日放假，与周末连休。", 2024, ["2024-01-01"], []),
        ("5月1号放假，5月9号上班", 2026, ["2026-05-01"], ["2026-05-09"]),
        ("１月１日（周四）放假１天。", 2026, ["2026-01-01"], []),
        ("2027-02-08 休 春节", 2027, ["2027-02-08"], []),
        ("2027/2/8,休,春节", 2027, ["2027-02-08"], []),
        ("2027.02.08\t春节 休", 2027, ["2027-02-08"], []),
        (
            "2027-02-08 至 2027-02-09 休 春节\n2027-02-20 班",
            2027,
            ["2027-02-08", "2027-02-09"],
            ["2027-02-20"],
        ),
        ("二、春节：\n2月15日（周日）至16日放假", 2026, ["2026-02-15", "2026-02-16"], []),
        (
            "二、春节：2月10日至11日放假调休，共2天。2月4日（星期日）上班。鼓励安排职工在除夕（2月9日）休息。",
            2024,
            ["2024-02-10", "2024-02-11"],
            ["2024-02-04"],
        ),
        ("元旦（1月1日）放假，1月2日（除1月4日外）放假", 2026, ["2026-01-02"], []),
        ("春节：2月10日休息。建议2月9日休息，2月12日上班。", 2024, ["2024-02-10"], []),
    ],
)
def test_the_wording_of_many_years_is_read(text: str, year: int, off: list[str], worked: list[str]) -> None:
    days = read(text, year)
    assert [on for on, is_workday, _ in days if not is_workday] == off
    assert [on for on, is_workday, _ in days if is_workday] == worked


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("一、元旦：1月1日（周四）放假", "2027-01-01 是周五，与“周四”不符"),
        ("二、春节：2月5日至11日放假调休，共8天。", "列出的放假日有7天，与“共8天”不符"),
        ("元旦：1月l日放假", "“1月l日放假”中的日期无法识别"),
        ("三、清明节：四月五日放假", "没有读到日期"),
        ("1月1日至3日", "没有写明上班还是休息"),
        ("2月30日放假", "没有“2月30日”这一天"),
        ("2027-02-30 休", "没有“2027-02-30”这一天"),
        ("3日放假", "“3日”缺少月份"),
        ("2月8日起正常上班", "没有写明上班还是休息"),
        ("假期延长至2月8日放假", "“假期延长至”的意思无法识别"),
        ("2月8日前2月9日放假", "“前”的意思无法识别"),
        ("2月1日至3月31日放假", "起止日期不合理"),
        ("2月9日至8日放假", "起止日期不合理"),
        ("2025年2月8日放假", "2025-02-08 不属于2027年的安排"),
        ("2027-02-08 春节", "没有写明上班还是休息"),
    ],
)
def test_a_line_that_cannot_be_read_is_an_error_with_its_number(line: str, message: str) -> None:
    notice = parse_notice(f"通知\n\n{line}\n", 2027)
    assert [(error.line, error.text) for error in notice.errors] == [(3, line)]
    assert message in notice.errors[0].message


def test_a_day_that_is_both_worked_and_off_is_an_error() -> None:
    notice = parse_notice("2027-02-08 休\n2027-02-08 班", 2027)
    assert [(error.line, error.message) for error in notice.errors] == [
        (2, "2027-02-08 与第1行矛盾：一处上班，一处休息")
    ]


def test_all_wrong_lines_are_reported_not_only_the_first() -> None:
    notice = parse_notice("2027-02-30 休\n2027-02-08 休\n13月1日放假", 2027)
    assert [error.line for error in notice.errors] == [1, 3]


def test_the_sample_of_2027_is_readable() -> None:
    assert len(read(NOTICE_2027, 2027)) == 21


@given(st.text(max_size=200), st.integers(2, 9998))
@example("1月1日至", 2027)
@example("：", 2027)
@example("2月29日、日放假", 2027)
@example("元旦：12月31日至1月1日放假", 9998)
def test_no_text_makes_the_reader_fall_over(text: str, year: int) -> None:
    notice = parse_notice(text, year)
    assert [d.on for d in notice.days] == sorted({d.on for d in notice.days})


@given(
    st.dates(date(2027, 1, 1), date(2027, 12, 31)),
    st.booleans(),
    st.sampled_from(["{:%Y-%m-%d}", "{0.month}月{0.day}日"]),
)
def test_every_single_day_can_be_written_as_a_line(on: date, is_workday: bool, form: str) -> None:
    line = f"{form.format(on)} {'班' if is_workday else '休'} 某节"
    assert read(line, 2027) == [(f"{on}", is_workday, "某节")]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (NOTICE_2027, "国务院办公厅关于2027年部分节假日安排的通知（国办发明电〔2026〕99号）"),
        ("\n国务院办公厅\n关于2027年部分节假日\n安排的通知\n\n1月1日放假", "关于2027年部分节假日安排的通知"),
        (
            "标题：某县关于春节放假的通知（某政办发〔2026〕3号）",
            "某县关于春节放假的通知（某政办发〔2026〕3号）",
        ),
        (
            "索引号：000014349\n发文字号：国办发明电〔2026〕9号\n关于放假的通知",
            "关于放假的通知（国办发明电〔2026〕9号）",
        ),
        ("2027-02-08 休 春节\n2027-02-20 班 春节", ""),
        ("", ""),
    ],
)
def test_the_title_and_number_are_taken_from_the_head_of_the_text(text: str, title: str) -> None:
    assert notice_title(text) == title
