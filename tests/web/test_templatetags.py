"""Tags and filters of the frame."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.paginator import Paginator
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from landbureau.web.templatetags import web

TODAY = date(2026, 11, 23)


def render(text: str, path: str = "/x/", **context: object) -> str:
    request = RequestFactory().get(path)
    return Template("{% load web %}" + text).render(Context({"request": request, **context}))


def test_dates_are_iso() -> None:
    assert web.date_iso(date(2026, 12, 1)) == "2026-12-01"
    assert web.date_iso(datetime(2026, 12, 1, 17, 30, tzinfo=UTC)) == "2026-12-02 01:30"
    assert web.date_iso(datetime(2026, 12, 1, 17, 30)) == "2026-12-01 17:30"  # noqa: DTZ001
    assert web.date_iso(None) == ""


@pytest.mark.parametrize(
    ("texts", "text"),
    [
        (["太短。", "缺数字。"], "太短；缺数字。"),
        (["太短", "缺数字"], "太短；缺数字"),
        (["太短。"], "太短。"),
        ([], ""),
    ],
)
def test_several_errors_are_one_sentence(texts: list[str], text: str) -> None:
    assert web.sentences(texts) == text


def test_short_dates_leave_out_the_current_year() -> None:
    assert web.date_short(date(2026, 12, 1), TODAY) == "12-01"
    assert web.date_short(date(2025, 12, 1), TODAY) == "2025-12-01"
    assert web.date_short(None, TODAY) == ""


@given(st.integers(-4000, 4000))
def test_days_are_counted_in_words(days: int) -> None:
    words = web.relative_days(TODAY + timedelta(days=days), TODAY)
    if days == 0:
        assert words == "今天"
    else:
        assert words == (f"还有{days}天" if days > 0 else f"逾期{-days}天")


def test_days_of_a_moment_are_those_of_shanghai() -> None:
    assert web.relative_days(datetime(2026, 11, 23, 17, tzinfo=UTC), TODAY) == "还有1天"
    assert web.relative_days(None, TODAY) == ""


def test_numbers_and_money() -> None:
    assert web.number(1234567) == "1,234,567"
    assert web.number(None) == ""
    assert web.money(Decimal("28000")) == "28,000.00"
    assert web.money(None) == ""


def test_a_state_has_a_dot_and_a_word() -> None:
    assert render('{% state "red" "逾期" %}') == '<span class="lb-state lb-state-red">逾期</span>'
    assert "lb-state-badge" in render('{% state "red" "逾期" badge=True %}')
    assert "&lt;b&gt;" in render('{% state "red" word %}', word="<b>")
    with pytest.raises(TemplateSyntaxError):
        render('{% state "pink" "逾期" %}')


def test_the_query_keeps_what_is_not_changed() -> None:
    assert (
        render('{% query sort="name" page=None %}', "/x/?q=1&page=3&col=a&col=b")
        == "col=a&amp;col=b&amp;q=1&amp;sort=name"
    )
    assert render("{% without names %}", "/x/?q=1&page=3&a_min=2", names=("a_min", "a_max")) == "q=1"


def test_progress_says_how_far() -> None:
    assert "71%" in render("{% progress 128 180 %}")
    assert 'value="100"' in render("{% progress 200 180 %}")
    unknown = render("{% progress 12 None %}")
    assert "value=" not in unknown
    assert "12" in unknown


def test_tabs_mark_the_page_that_is_open() -> None:
    items = [{"title": "概况", "url": "/x/"}, {"title": "缴款", "url": "/y/", "count": 0}]
    html = render("{% tabs items %}", items=items)
    assert '<a href="/x/" aria-current="page">概况</a>' in html
    assert '<a href="/y/">缴款<small>0</small></a>' in html


def test_figures_and_empty_states_lead_somewhere() -> None:
    assert 'href="/y/"' in render('{% figure "逾期" 3 unit="项" url="/y/" colour="red" %}')
    assert "<a" not in render('{% figure "逾期" 3 %}')
    html = render('{% empty_state "没有" "先登记" url="/y/" action="登记" %}')
    assert '<a class="btn btn-outline-primary" href="/y/">登记</a>' in html


def test_the_pager_leaves_gaps_and_keeps_conditions() -> None:
    page = Paginator(range(1000), 20).page(25)
    html = render('{% paginate page "宗" %}', "/x/?q=1&page=25", page=page)
    assert "第 481–500 宗，共 1,000 宗" in html
    assert html.count("…") == 2
    assert 'href="?page=26&amp;q=1"' in html
    assert "每页" not in html


def test_the_title_repeats_the_heading() -> None:
    assert web.block_text(Context({}), "page_title") == ""
