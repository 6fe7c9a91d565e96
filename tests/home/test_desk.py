"""The desk shows what waits for this person, and for nobody else."""

from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from landbureau.accounts.models import Absence, Bureau
from landbureau.accounts.selectors_signin import EMERGENCY_SIGN_IN
from landbureau.audit.models import Entry
from landbureau.home.selectors import todos
from landbureau.jobs.models import JobRun
from landbureau.workdays.models import Deadline
from landbureau.workdays.services import register_deadline, settle_deadline
from tests.factories import UserFactory, allow
from tests.workdays.factories import import_notice

pytestmark = pytest.mark.django_db
TODAY = date(2026, 8, 24)  # a Monday, before the month in which next year's notice is asked for


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel("2026-08-24T09:00:00+08:00", tick=False):
        yield


def titles(user, today=TODAY) -> list[str]:
    user.__dict__.pop("_todos", None)
    user.__dict__.pop("_scopes", None)
    return [todo.title for todo in todos(user, today)]


def begin(owner, title="答复公开申请", days=3):
    return register_deadline(title=title, event_on=TODAY, owner=owner, number=days)


def test_a_person_without_work_has_an_empty_desk() -> None:
    assert titles(UserFactory()) == []


def test_a_first_password_waits_to_be_changed() -> None:
    assert titles(UserFactory(must_change_password=True)) == ["请修改初始密码"]


def test_a_time_limit_appears_seven_days_before_it_ends_and_leaves_when_settled() -> None:
    person = UserFactory()
    row = begin(person, days=8)
    assert titles(person) == []
    assert titles(person, TODAY + timedelta(days=1)) == ["答复公开申请"]
    assert titles(person, TODAY + timedelta(days=30)) == ["答复公开申请"]
    settle_deadline(deadline=row, on=TODAY)
    assert titles(person, TODAY + timedelta(days=1)) == []


def test_a_colleagues_time_limit_is_not_on_my_desk() -> None:
    begin(UserFactory())
    assert titles(UserFactory()) == []


def test_the_deputy_sees_the_absent_persons_work_on_those_days_only() -> None:
    absent, deputy = UserFactory(), UserFactory()
    Absence.objects.create(
        user=absent, deputy=deputy, starts_on=TODAY + timedelta(days=1), ends_on=TODAY + timedelta(days=2)
    )
    begin(absent)
    assert titles(deputy) == []
    assert titles(deputy, TODAY + timedelta(days=1)) == ["答复公开申请"]
    assert titles(deputy, TODAY + timedelta(days=3)) == []


def test_the_own_certificate_is_announced_thirty_days_before_it_expires() -> None:
    person = UserFactory(certificate_expires_on=TODAY + timedelta(days=31))
    assert titles(person) == []
    assert titles(person, TODAY + timedelta(days=1)) == ["我的执法证"]


def test_who_opens_the_staffs_records_sees_all_expiring_certificates() -> None:
    keeper = allow(UserFactory(), "view_staff")
    UserFactory(name="王海燕", certificate_expires_on=TODAY)
    UserFactory(name="已离岗", certificate_expires_on=TODAY, is_active=False)
    assert titles(keeper) == ["王海燕的执法证"]
    assert titles(UserFactory()) == []


def test_a_failed_job_waits_for_the_administrator_until_a_later_run_succeeds() -> None:
    admin = allow(UserFactory(), "run_jobs")
    JobRun.objects.create(kind="nightly_backup", state="failed", trigger="beat", error="磁盘空间不足")
    assert titles(admin) == ["每晚备份没有完成"]
    assert titles(UserFactory()) == []
    JobRun.objects.create(kind="nightly_backup", state="succeeded", trigger="beat")
    assert titles(admin) == []


def test_from_november_the_next_years_holidays_are_asked_for_until_entered() -> None:
    admin = allow(UserFactory(), "update_calendar")
    assert titles(admin) == []
    in_november = date(2026, 11, 21)
    assert titles(admin, in_november) == ["录入 2027 年节假日安排"]
    import_notice()
    assert titles(admin, in_november) == []


def test_provisional_time_limits_are_to_be_recomputed_once_their_year_is_announced() -> None:
    admin = allow(UserFactory(), "update_calendar")
    in_2026 = begin(None, days=10)
    in_2027 = register_deadline(title="跨年", event_on=date(2026, 12, 25), owner=None, number=15)
    assert titles(admin) == []
    Deadline.objects.filter(pk=in_2027.pk).update(provisional=True)
    assert titles(admin) == []
    Deadline.objects.filter(pk=in_2026.pk).update(provisional=True)
    assert titles(admin) == ["重算暂定的期限"]
    assert titles(UserFactory()) == []
    Deadline.objects.filter(pk=in_2026.pk).update(told_on=TODAY)
    assert titles(admin) == []
    import_notice(complete=False)
    assert titles(admin) == []
    import_notice()
    assert titles(admin) == []
    Deadline.objects.filter(pk=in_2027.pk).update(provisional=True)
    assert titles(admin) == ["重算暂定的期限"]


def test_the_page_shows_urgency_in_words_and_filters_by_kind(client: Client) -> None:
    person = UserFactory(certificate_expires_on=TODAY - timedelta(days=3))
    begin(person, "今天到期的事", days=1)
    client.force_login(person)
    page = client.get(reverse("home:desk")).content.decode()
    assert f"<title>工作台 - {Bureau.objects.get().name}</title>" in page
    assert "逾期3天" in page
    assert "今天到期的事" in page
    filtered = client.get(reverse("home:desk"), {"kind": "执法证"}).content.decode()
    assert "我的执法证" in filtered
    assert "今天到期的事" not in filtered.split('id="days-title"')[0]


def test_use_of_the_break_glass_account_is_shown_to_those_who_read_the_whole_record(client: Client) -> None:
    Entry.objects.create(action=Entry.Action.SIGN_IN, object_repr=EMERGENCY_SIGN_IN, timestamp=timezone.now())
    reader = allow(UserFactory(), "view_audit")
    client.force_login(reader)
    assert "应急账号登录" in client.get(reverse("home:desk")).content.decode()
    client.force_login(UserFactory())
    assert "应急账号登录" not in client.get(reverse("home:desk")).content.decode()


def test_a_figure_of_the_desk_opens_what_it_counts(client: Client) -> None:
    person = UserFactory(certificate_expires_on=TODAY - timedelta(days=3))
    begin(person, "今天到期的事", days=1)
    client.force_login(person)
    page = client.get(reverse("home:desk"))
    assert 'href="?when=overdue#todo-title"' in page.content.decode()
    for when, count in (("overdue", page.context["overdue"]), ("week", page.context["this_week"])):
        groups = client.get(reverse("home:desk"), {"when": when}).context["groups"]
        assert sum(len(group["todos"]) for group in groups) == count > 0
    assert len(client.get(reverse("home:desk"), {"when": "x"}).context["groups"]) == 2
