"""The pages, as a person of the section uses them."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from landbureau.accounts.models import User
from landbureau.workdays import services
from landbureau.workdays.models import Deadline, TimeLimit
from tests.factories import SectionFactory, UserFactory, allow
from tests.workdays.factories import day, make_deadline, set_day

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]


@pytest.fixture
def monday():
    with time_machine.travel("2026-11-23 09:00:00+08:00", tick=False):
        yield


@pytest.fixture
def clerk() -> User:
    """Sees and changes the time limits of the own section, and the calendar."""
    person = UserFactory(section=SectionFactory())
    allow(person, "view_calendar")
    return allow(person, "view_deadline", "create_deadline", "update_deadline", on=person.section)


@pytest.fixture
def desk(clerk: User, client: Client) -> Client:
    client.force_login(clerk)
    return client


def page(desk: Client, name: str, *args: Any, data: dict[str, Any] | None = None) -> str:
    response = desk.get(reverse(name, args=args), data)
    assert response.status_code == 200
    return response.content.decode()


def hidden(html: str, name: str) -> str:
    """The value of a hidden input of the page."""
    return html.split(f'name="{name}" value="')[1].split('"')[0]


# --- The calendar ------------------------------------------------------------------------------------


def test_the_year_marks_holidays_made_up_days_and_today_with_words(desk: Client) -> None:
    html = page(desk, "workdays:calendar")
    assert "2026年工作日历" in html
    assert 'aria-label="10月1日 周四 休息，国庆节"' in html
    assert 'aria-label="10月10日 周六 周末改上班，国庆节"' in html
    assert 'aria-label="11月22日 周日 周末休息"' in html
    assert html.count('aria-current="date"') == 1
    assert "暂定的" not in html


def test_an_unannounced_year_is_marked_as_provisional(desk: Client) -> None:
    html = page(desk, "workdays:year", 2027)
    assert "2027年有 365 天是暂定的" in html
    assert 'aria-label="1月1日 周五 休息，元旦，暂定"' in html


@pytest.mark.parametrize("year", [1949, 2200])
def test_years_that_no_office_means_are_not_found(desk: Client, year: int) -> None:
    assert desk.get(reverse("workdays:year", args=[year])).status_code == 404


def test_the_ends_of_the_calendar_have_no_further_year(desk: Client) -> None:
    assert "1949年" not in page(desk, "workdays:year", 1950)
    assert "2200年" not in page(desk, "workdays:year", 2199)


def test_a_day_says_who_set_it_and_what_ends_on_it(desk: Client, clerk: User) -> None:
    set_day("2025-10-09", True, name="防汛", source="县政府通知", actor=clerk)
    make_deadline(owner=clerk, title="某案缴纳罚款", event_on=day("2025-09-19"))
    make_deadline(owner=UserFactory(), title="别人的事", event_on=day("2025-09-19"))
    html = page(desk, "workdays:day", "2025-10-09")
    assert "县政府通知" in html
    assert "本单位录入" in html
    assert "某案缴纳罚款" in html
    assert "别人的事" not in html


@pytest.mark.parametrize("iso", ["2026-02-30", "morgen", "0001-01-01"])
def test_what_is_no_day_is_not_found(desk: Client, iso: str) -> None:
    assert desk.get(reverse("workdays:day", args=[iso])).status_code == 404


def test_only_who_may_change_the_calendar_is_offered_it(desk: Client, clerk: User) -> None:
    assert "录入放假通知" not in page(desk, "workdays:calendar")
    assert "修改这一天" not in page(desk, "workdays:day", "2026-10-01")
    allow(clerk, "update_calendar")
    assert "录入放假通知" in page(desk, "workdays:calendar")
    assert "修改这一天" in page(desk, "workdays:day", "2026-10-01")


def test_the_year_needs_few_queries(desk: Client, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(16):
        page(desk, "workdays:calendar")


# --- The calculator -----------------------------------------------------------------------------------


def test_the_calculator_explains_every_day_it_skipped(desk: Client) -> None:
    limit = TimeLimit.objects.get(code="hearing_request")
    html = page(desk, "workdays:calculator", data={"event_on": "2025-09-26", "limit": limit.pk})
    assert "2025-10-10" in html
    assert "国庆节调休上班，计入" in html
    assert "国庆节放假，不计" in html


def test_the_calculator_says_what_rolled(desk: Client) -> None:
    data = {"event_on": "2025-09-19", "number": "15", "unit": "days", "rolls": "on"}
    html = page(desk, "workdays:calculator", data=data)
    assert "应止于" in html
    assert "2025-10-09" in html
    assert "末日顺延" in html


def test_a_result_in_an_unannounced_year_is_provisional(desk: Client) -> None:
    html = page(desk, "workdays:calculator", data={"event_on": "2027-01-05", "number": 5, "unit": "workdays"})
    assert "结果为暂定" in html


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"event_on": ""}, "这个字段是必填项"),
        ({"event_on": "0202-01-01", "number": 1, "unit": "days"}, "请检查年份"),
        ({"event_on": "2025-01-01"}, "请填写数量"),
        ({"event_on": "2025-01-01", "number": 1, "unit": ""}, "请选择单位"),
        ({"event_on": "2025-01-01", "limit": "99999"}, "99999"),
        (
            {"event_on": "1950-01-01", "number": 3660, "unit": "years", "backwards": "on"},
            "超出可以推算的范围",
        ),
        ({"event_on": "2025-01-01", "number": 9999, "unit": "days"}, "3660"),
        (
            {"event_on": "2025-01-01", "number": 5, "unit": "days", "rolls": "on", "backwards": "on"},
            "倒推的期限不顺延",
        ),
    ],
)
def test_bad_input_is_told_at_its_place_and_kept(desk: Client, data: dict[str, Any], message: str) -> None:
    html = page(desk, "workdays:calculator", data=data)
    assert message in html
    for value in data.values():
        assert str(value) in html


def test_the_empty_calculator_waits(desk: Client) -> None:
    assert "给出到期日和推算过程" in page(desk, "workdays:calculator")


# --- The limits of the law -----------------------------------------------------------------------------


def test_the_limits_show_source_and_how_well_it_was_checked(desk: Client) -> None:
    html = page(desk, "workdays:limits")
    assert "行政处罚法第六十七条" in html
    assert "已核对条文" in html
    assert "待核实" in html
    assert "初始值" not in html
    TimeLimit.objects.filter(code="fine_payment").update(number=10)
    assert "初始值 15日，末日顺延" in page(desk, "workdays:limits")


def test_limits_can_be_searched(desk: Client) -> None:
    html = page(desk, "workdays:limits", data={"q": "信访", "group": "信访"})
    assert "信访人请求复查" in html
    assert "缴纳罚款" not in html


def test_only_who_may_change_the_configuration_gets_to_the_admin(desk: Client, clerk: User) -> None:
    limit = TimeLimit.objects.get(code="fine_payment")
    url = reverse("admin:workdays_timelimit_change", args=[limit.pk])
    assert url not in page(desk, "workdays:limits")
    assert desk.get(url).status_code == 302
    allow(clerk, "update_config")
    assert url in page(desk, "workdays:limits")
    assert "初始值" in desk.get(url).content.decode()
    for name in ("timelimit", "fixedholiday"):
        assert desk.get(reverse(f"admin:workdays_{name}_changelist")).status_code == 200


# --- The ledger --------------------------------------------------------------------------------------------


def test_the_ledger_puts_the_most_urgent_first_and_the_settled_last(desk: Client, clerk: User) -> None:
    make_deadline(owner=clerk, title="丙", event_on=day("2026-12-01"))
    make_deadline(owner=clerk, title="甲", event_on=day("2025-09-19"), settled_on=day("2025-09-20"))
    make_deadline(owner=clerk, title="乙", event_on=day("2026-10-09"))
    html = page(desk, "workdays:deadlines")
    order = sorted("甲乙丙", key=lambda title: html.index(f">{title}<"))
    assert order == ["乙", "丙", "甲"]


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ({"state": "open"}, {"逾期的", "快到的", "远的", "同事的"}),
        ({"state": "overdue"}, {"逾期的"}),
        ({"state": "soon"}, {"快到的", "同事的"}),
        ({"state": "settled"}, {"完了的"}),
        ({"mine": "true", "state": "open"}, {"逾期的", "快到的", "远的"}),
        ({"mine": "false"}, {"同事的"}),
        ({"q": "快"}, {"快到的"}),
    ],
)
def test_the_filters_show_what_they_say(
    desk: Client, clerk: User, query: dict[str, str], titles: set[str]
) -> None:
    colleague = UserFactory(section=clerk.section)
    make_deadline(owner=clerk, title="逾期的", event_on=day("2026-10-09"))
    make_deadline(owner=clerk, title="快到的", event_on=day("2026-11-10"))
    make_deadline(owner=colleague, title="同事的", event_on=day("2026-11-10"))
    make_deadline(owner=clerk, title="远的", event_on=day("2026-12-20"))
    make_deadline(owner=clerk, title="完了的", event_on=day("2026-10-09"), settled_on=day("2026-10-12"))
    html = page(desk, "workdays:deadlines", data=query)
    shown = {title for title in ("逾期的", "快到的", "同事的", "远的", "完了的") if f">{title}<" in html}
    assert shown == titles


def test_the_owner_filter_offers_only_people_in_sight(desk: Client, clerk: User) -> None:
    UserFactory(name="本科室人", section=clerk.section)
    UserFactory(name="外科室人", section=SectionFactory())
    html = page(desk, "workdays:deadlines")
    assert "本科室人" in html
    assert "外科室人" not in html


def test_an_empty_ledger_says_what_to_do(desk: Client) -> None:
    assert "还没有登记期限" in page(desk, "workdays:deadlines")


def test_the_ledger_needs_as_many_queries_for_twenty_rows_as_for_three(desk: Client, clerk: User) -> None:
    for number in range(3):
        make_deadline(owner=clerk, title=f"事{number}")
    page(desk, "workdays:deadlines")  # content types are remembered from here on
    with CaptureQueriesContext(connection) as few:
        page(desk, "workdays:deadlines")
    for number in range(17):
        make_deadline(owner=UserFactory(section=clerk.section), title=f"又{number}", code="fine_payment")
    with CaptureQueriesContext(connection) as many:
        page(desk, "workdays:deadlines")
    assert len(many) == len(few) <= 20


# --- Registering -----------------------------------------------------------------------------------------


def filled(clerk: User, **kwargs: Any) -> dict[str, Any]:
    limit = TimeLimit.objects.get(code="fine_payment")
    values = {"title": "某案罚款", "event_on": "2025-09-19", "limit": limit.pk, "unit": "days"}
    return values | {"owner": clerk.pk} | kwargs


def test_a_time_limit_is_shown_first_and_saved_when_confirmed(desk: Client, clerk: User) -> None:
    url = reverse("workdays:register")
    html = desk.post(url, filled(clerk, act="save")).content.decode()
    assert not Deadline.objects.exists()
    assert "登记，2025-10-09" in html
    shown = hidden(html, "shown")
    response = desk.post(url, filled(clerk, act="save", shown=shown), follow=True)
    deadline = Deadline.objects.get()
    assert (deadline.due_on, deadline.owner, deadline.number) == (day("2025-10-09"), clerk, 15)
    assert "已登记“某案罚款”，到期日 2025-10-09" in response.content.decode()


def test_a_form_sent_twice_is_registered_once(desk: Client, clerk: User) -> None:
    shown = hidden(desk.post(reverse("workdays:register"), filled(clerk)).content.decode(), "shown")
    data = filled(clerk, act="save", shown=shown)
    desk.post(reverse("workdays:register"), data)
    again = desk.post(reverse("workdays:register"), data, follow=True)
    assert "没有重复登记" in again.content.decode()
    assert again.redirect_chain == [(Deadline.objects.get().get_absolute_url(), 302)]
    desk.post(reverse("workdays:register"), data | {"title": "另一件事"})
    with time_machine.travel("2026-11-23 09:02:00+08:00"):
        desk.post(reverse("workdays:register"), data)
    assert Deadline.objects.count() == 3


def test_a_day_told_before_the_event_is_refused_at_its_field(desk: Client, clerk: User) -> None:
    html = desk.post(
        reverse("workdays:register"), filled(clerk, event_on="2025-09-19", told_on="2025-09-18")
    ).content.decode()
    assert "告知日期不能早于起算事件日期" in html


def test_the_owner_needs_no_permission_for_what_is_on_the_own_desk(client: Client) -> None:
    owner = UserFactory()
    client.force_login(owner)
    deadline = make_deadline(owner=owner)
    assert "更正起算日期" in page(client, "workdays:deadline", deadline.pk)
    for name in ("settle", "correct", "tell"):
        assert client.get(reverse(f"workdays:{name}", args=[deadline.pk])).status_code == 200


def test_a_changed_form_is_shown_anew_before_it_is_saved(desk: Client, clerk: User) -> None:
    url = reverse("workdays:register")
    desk.post(url, filled(clerk, act="save", shown="2025-10-09", event_on="2025-09-26"))
    assert not Deadline.objects.exists()


def test_asking_for_the_day_saves_nothing(desk: Client, clerk: User) -> None:
    desk.post(reverse("workdays:register"), filled(clerk, act="preview", shown="2025-10-09"))
    assert not Deadline.objects.exists()


def test_a_time_limit_can_only_be_given_to_people_in_reach(desk: Client, clerk: User) -> None:
    stranger = UserFactory(name="外人", section=SectionFactory())
    html = desk.post(
        reverse("workdays:register"), filled(clerk, act="save", shown="2025-10-09", owner=stranger.pk)
    ).content.decode()
    assert not Deadline.objects.exists()
    assert "选择一个有效的选项" in html
    assert "某案罚款" in html


# --- Acts on a time limit ------------------------------------------------------------------------------


def test_settling_by_form(desk: Client, clerk: User) -> None:
    deadline = make_deadline(owner=clerk, event_on=day("2026-11-10"))
    url = reverse("workdays:settle", args=[deadline.pk])
    html = page(desk, "workdays:settle", deadline.pk)
    assert "到期日 2026-11-25（还有2天）" in html
    too_late = desk.post(url, {"settled_on": "2026-11-24", "version": 1}).content.decode()
    assert "办结日期不能晚于今天" in too_late
    response = desk.post(url, {"settled_on": "2026-11-23", "note": "已缴清", "version": 1}, follow=True)
    assert "已办结" in response.content.decode()
    deadline.refresh_from_db()
    assert (deadline.settled_on, deadline.note) == (day("2026-11-23"), "已缴清")


def test_a_settled_time_limit_offers_no_acts(desk: Client, clerk: User) -> None:
    deadline = make_deadline(owner=clerk, settled_on=day("2025-10-10"))
    html = page(desk, "workdays:deadline", deadline.pk)
    for name in ("settle", "correct", "tell"):
        assert reverse(f"workdays:{name}", args=[deadline.pk]) not in html


def test_a_correction_shows_the_new_day_before_it_is_made(desk: Client, clerk: User) -> None:
    deadline = make_deadline(owner=clerk, event_on=day("2025-09-19"))
    url = reverse("workdays:correct", args=[deadline.pk])
    data = {"event_on": "2025-09-26", "reason": "回证日期看错", "version": 1}
    html = desk.post(url, data).content.decode()
    assert "到期日将由 2025-10-09 改为 2025-10-11" in html
    deadline.refresh_from_db()
    assert deadline.event_on == day("2025-09-19")
    desk.post(url, data | {"shown": hidden(html, "shown")})
    deadline.refresh_from_db()
    assert (deadline.event_on, deadline.due_on) == (day("2025-09-26"), day("2025-10-11"))
    html = page(desk, "workdays:deadline", deadline.pk)
    assert "回证日期看错" in html
    assert "到期日 2025-10-09 → 2025-10-11" in html


def test_a_correction_without_reason_keeps_what_was_typed(desk: Client, clerk: User) -> None:
    deadline = make_deadline(owner=clerk)
    url = reverse("workdays:correct", args=[deadline.pk])
    html = desk.post(url, {"event_on": "2025-09-26", "version": 1}).content.decode()
    assert "这个字段是必填项" in html
    assert "2025-09-26" in html


def test_the_second_of_two_editors_is_told_what_changed(desk: Client, clerk: User) -> None:
    deadline = make_deadline(owner=clerk, event_on=day("2025-09-19"))
    html = page(desk, "workdays:settle", deadline.pk)
    version = hidden(html, "version")
    services.correct_event(
        deadline=Deadline.objects.get(), event_on=day("2025-09-26"), reason="看错", actor=clerk
    )
    url = reverse("workdays:settle", args=[deadline.pk])
    html = desk.post(
        url, {"settled_on": "2025-10-10", "note": "我的备注", "version": version}
    ).content.decode()
    assert "已被他人修改" in html
    assert "我的备注" in html
    assert Deadline.objects.get().settled_on is None
    assert hidden(html, "version") == "2"


def test_a_change_between_check_and_save_is_told_too(
    desk: Client, clerk: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    deadline = make_deadline(owner=clerk, event_on=day("2025-09-19"))
    real = services.settle_deadline

    def overtaken(**kwargs: Any) -> Deadline:
        services.mark_told(deadline=Deadline.objects.get(), on=day("2025-09-22"))
        return real(**kwargs)

    monkeypatch.setattr(services, "settle_deadline", overtaken)
    url = reverse("workdays:settle", args=[deadline.pk])
    html = desk.post(url, {"settled_on": "2025-10-09", "version": 1}).content.decode()
    assert "已被他人修改" in html
    assert Deadline.objects.get().settled_on is None


def test_dates_out_of_reach_are_told_in_the_ledgers_forms(desk: Client, clerk: User) -> None:
    rule = {"limit": "", "number": 3660, "unit": "years", "backwards": "on", "event_on": "1950-01-01"}
    html = desk.post(reverse("workdays:register"), filled(clerk, act="save", **rule)).content.decode()
    assert "超出可以推算的范围" in html
    deadline = make_deadline(
        owner=clerk, number=2000, unit="years", backwards=True, event_on=day("2100-01-01")
    )
    url = reverse("workdays:correct", args=[deadline.pk])
    data = {"event_on": "1999-01-01", "reason": "看错", "version": 1}
    assert "超出可以推算的范围" in desk.post(url, data).content.decode()


def test_telling_by_form_fixes_the_date(desk: Client, clerk: User) -> None:
    deadline = make_deadline(owner=clerk, event_on=day("2025-09-19"))
    desk.post(reverse("workdays:tell", args=[deadline.pk]), {"told_on": "2025-09-22", "version": 1})
    set_day("2025-10-09", False, source="抗洪", actor=None)
    html = page(desk, "workdays:deadline", deadline.pk)
    assert "到期日 2025-10-09" in html
    assert "按现行日历应为 2025-10-10" in html
    assert "已于 2025-09-22 告知当事人" in html
    again = desk.post(reverse("workdays:tell", args=[deadline.pk]), {"told_on": "2025-09-23", "version": 2})
    assert "已于此前告知" in again.content.decode()


def test_who_only_sees_a_time_limit_is_offered_nothing_and_refused(client: Client) -> None:
    head = UserFactory(section=SectionFactory())
    allow(head, "view_deadline", on=head.section)
    client.force_login(head)
    deadline = make_deadline(owner=UserFactory(section=head.section))
    html = page(client, "workdays:deadline", deadline.pk)
    for name in ("settle", "correct", "tell"):
        url = reverse(f"workdays:{name}", args=[deadline.pk])
        assert url not in html
        assert client.get(url).status_code == 403
        assert client.post(url, {"settled_on": "2026-11-23", "version": 1}).status_code == 403
    assert Deadline.objects.get().version == 1


def test_a_time_limit_of_another_section_is_not_found(desk: Client) -> None:
    deadline = make_deadline(owner=UserFactory(section=SectionFactory()))
    for name in ("deadline", "settle", "correct", "tell"):
        assert desk.get(reverse(f"workdays:{name}", args=[deadline.pk])).status_code == 404
