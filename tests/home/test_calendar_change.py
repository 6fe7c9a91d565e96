"""Changing the calendar: consequences first, then saved, once, by one editor."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from landbureau.accounts.models import User
from landbureau.audit.models import Entry
from landbureau.workdays.models import CalendarChange, CalendarDay, Deadline
from supervision.supply.models import Instalment
from tests.factories import UserFactory, allow
from tests.supply.factories import make_supply
from tests.workdays.factories import NOTICE_2027, day, make_deadline, set_day
from tests.workdays.test_views import hidden

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]
URL = "home:calendar_change"


@pytest.fixture
def monday():
    with time_machine.travel("2026-11-23 09:00:00+08:00", tick=False):
        yield


@pytest.fixture
def admin() -> User:
    return allow(UserFactory(), "view_calendar", "update_calendar")


@pytest.fixture
def desk(admin: User, client: Client) -> Client:
    client.force_login(admin)
    return client


def post(desk: Client, kind: str, data: dict[str, Any], **kwargs: Any) -> str:
    response = desk.post(f"{reverse(URL)}?kind={kind}", data, **kwargs)
    assert response.status_code == 200
    return response.content.decode()


def confirm(html: str, data: dict[str, Any]) -> dict[str, Any]:
    """The same form as the preview gave it back, with 保存 pressed."""
    return data | {"seen": hidden(html, "seen"), "previewed": hidden(html, "previewed"), "act": "save"}


DAY = {"date": "2025-10-09", "state": "off", "name": "抗洪", "source": "县政府通知", "seen": "0"}
NOTICE = {"year": "2027", "source": "国办通知", "notice": NOTICE_2027, "complete": "on", "seen": "0"}


def test_the_form_opens_with_the_day_as_it_stands(desk: Client) -> None:
    html = desk.get(reverse(URL), {"kind": "day", "date": "2026-10-01"}).content.decode()
    assert 'value="2026-10-01"' in html
    assert 'value="国庆节"' in html
    assert 'value="off" checked' in html.replace(' class="form-check-input"', "") or "checked" in html


def test_a_date_in_the_link_that_is_none_is_ignored(desk: Client) -> None:
    assert desk.get(reverse(URL), {"kind": "day", "date": "x"}).status_code == 200
    for year in ("x", "9" * 5000, "20", "٣٣"):
        html = desk.get(reverse(URL), {"kind": "notice", "year": year}).content.decode()
        assert 'value="2027"' in html


def test_an_unknown_form_is_not_found(desk: Client) -> None:
    assert desk.get(reverse(URL), {"kind": "x"}).status_code == 404


def test_nothing_is_saved_before_its_consequences_were_shown(desk: Client, admin: User) -> None:
    allow(admin, "view_deadline")
    deadline = make_deadline(title="某案罚款", event_on=day("2025-09-19"))
    told = make_deadline(title="某案二", event_on=day("2025-09-19"), told_on=day("2025-09-22"))
    html = post(desk, "day", DAY | {"act": "save"})
    assert not CalendarChange.objects.exists()
    assert "某案罚款" in html
    assert "2025-10-10" in html
    assert "已告知，保持原日期" in html
    assert "保存，并调整 1 项期限" in html
    html = post(desk, "day", confirm(html, DAY), follow=True)
    assert "日历已修改（1天），调整期限1项，已告知当事人的1项保持不变。" in html
    assert Deadline.objects.get(pk=deadline.pk).due_on == day("2025-10-10")
    assert Deadline.objects.get(pk=told.pk).due_on == day("2025-10-09")


def test_what_was_changed_after_the_preview_is_previewed_again(desk: Client) -> None:
    html = post(desk, "day", DAY | {"act": "preview"})
    html = post(desk, "day", confirm(html, DAY | {"date": "2025-10-10"}))
    assert not CalendarChange.objects.exists()
    assert "2025-10-10 周五" in html


def test_the_act_is_one_line_of_the_audit_record(desk: Client, admin: User) -> None:
    html = post(desk, "day", DAY | {"act": "preview"})
    post(desk, "day", confirm(html, DAY), follow=True)
    entry = Entry.objects.get(action=Entry.Action.BULK, actor=admin)
    assert entry.actor == admin
    assert entry.object_repr == "修改工作日历：县政府通知"
    assert entry.additional_data == {"days": 1, "moved": 0, "kept": 0, "payments": 0}


def test_the_admin_sees_that_foreign_time_limits_move_but_not_what_they_are(desk: Client) -> None:
    make_deadline(title="张某违法占地案", code="fine_payment", event_on=day("2025-09-19"))
    html = post(desk, "day", DAY | {"act": "preview"})
    assert "张某违法占地案" not in html
    assert "缴纳罚款（内容不在您的查看范围）" in html
    assert "调整 1 项" in html


def test_the_second_editor_is_told_and_sees_the_consequences_anew(desk: Client) -> None:
    html = post(desk, "day", DAY | {"act": "preview"})
    set_day("2026-10-01", True, source="另一份通知", actor=UserFactory(name="王测"))
    html = post(desk, "day", confirm(html, DAY))
    assert "王测已修改日历（另一份通知）" in html
    assert "抗洪" in html
    assert CalendarChange.objects.count() == 1
    post(desk, "day", confirm(html, DAY), follow=True)
    assert CalendarDay.objects.filter(name="抗洪").exists()


def test_a_day_is_given_back_to_the_published_calendar(desk: Client) -> None:
    set_day("2025-10-09", False, source="抗洪", actor=None)
    data = DAY | {"state": "none", "seen": "1"}
    html = post(desk, "day", data | {"act": "preview"})
    post(desk, "day", confirm(html, data), follow=True)
    assert not CalendarDay.objects.exists()


def test_a_notice_is_previewed_and_taken_over(desk: Client) -> None:
    html = post(desk, "notice", NOTICE | {"act": "preview"})
    assert "读到 21 天" in html
    assert "由暂定变为确定" in html
    assert "没有日期而略过的 7 行" in html
    html = post(desk, "notice", confirm(html, NOTICE), follow=True)
    assert "日历已修改（21天），没有期限需要调整。" in html
    assert "2027年工作日历" in html
    assert CalendarChange.objects.get().text.replace("\r\n", "\n") == NOTICE_2027.strip()


def test_the_source_is_taken_from_the_pasted_text_when_left_empty(desk: Client) -> None:
    data = NOTICE | {"source": ""}
    html = post(desk, "notice", data | {"act": "preview"})
    title = "国务院办公厅关于2027年部分节假日安排的通知（国办发明电〔2026〕99号）"
    assert f'value="{title}"' in html
    post(desk, "notice", confirm(html, data | {"source": title}), follow=True)
    assert CalendarChange.objects.get().source == title


def test_a_text_without_title_asks_for_one(desk: Client) -> None:
    html = post(desk, "notice", NOTICE | {"source": "", "notice": "2027-02-08 休 春节", "act": "save"})
    assert "原文开头没有标题" in html
    assert "2027-02-08 休 春节" in html
    assert not CalendarChange.objects.exists()


def test_every_unreadable_line_is_listed_and_nothing_saved(desk: Client) -> None:
    broken = NOTICE_2027.replace("（周五）至3日", "（周四）至3日").replace("共7天", "共9天")
    html = post(desk, "notice", NOTICE | {"notice": broken, "act": "save"})
    assert "有3行无法识别" in html
    assert "2027-01-01 是周五，与“周四”不符" in html
    assert "列出的放假日有7天，与“共9天”不符" in html
    assert "国办通知" in html
    assert not CalendarChange.objects.exists()


def test_recomputing_takes_provisional_time_limits_up(desk: Client) -> None:
    deadline = make_deadline(event_on=day("2025-09-19"))
    Deadline.objects.update(due_on=day("2025-10-06"), provisional=True)
    data = {"source": "按现行日历重算", "seen": "0"}
    html = post(desk, "recompute", data | {"act": "preview"})
    assert "2025-10-09" in html
    html = post(desk, "recompute", confirm(html, data), follow=True)
    assert "已按现行日历重算，调整期限1项。" in html
    assert Deadline.objects.get(pk=deadline.pk).due_on == day("2025-10-09")


@pytest.mark.parametrize(
    ("kind", "data", "message"),
    [
        ("day", DAY | {"state": ""}, "这个字段是必填项"),
        ("day", DAY | {"date": "0025-10-09"}, "请检查年份"),
        ("notice", NOTICE | {"notice": ""}, "这个字段是必填项"),
        ("notice", NOTICE | {"year": "20"}, "1950"),
    ],
)
def test_bad_input_saves_nothing_and_is_told(
    desk: Client, kind: str, data: dict[str, str], message: str
) -> None:
    assert message in post(desk, kind, data | {"act": "save"})
    assert not CalendarChange.objects.exists()


def test_reading_the_calendar_is_not_changing_it(client: Client) -> None:
    client.force_login(allow(UserFactory(), "view_calendar"))
    assert client.get(reverse(URL)).status_code == 403
    assert client.post(reverse(URL), DAY).status_code == 403


def test_the_days_of_payment_that_move_are_counted_before_and_moved_with_the_saving(desk: Client) -> None:
    make_supply(instalments=[(1, day("2025-10-09"), 1000), (2, day("2025-10-20"), 1000)])
    html = post(desk, "day", DAY | {"act": "preview"})
    assert "供地出让金：另有 1 期顺延后的应缴日期随日历调整" in html
    post(desk, "day", confirm(html, DAY), follow=True)
    assert set(Instalment.objects.values_list("effective_due_on", flat=True)) == {
        day("2025-10-10"),
        day("2025-10-20"),
    }
