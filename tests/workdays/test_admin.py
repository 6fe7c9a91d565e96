"""The configuration pages of limits and fixed holidays."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from landbureau.workdays.models import FixedHoliday, TimeLimit
from tests.factories import UserFactory, allow

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(allow(UserFactory(), "update_config"))
    return client


def test_fixed_holidays_are_read_only_and_say_where_the_calendar_is_changed(admin: Client) -> None:
    holiday = FixedHoliday.objects.first()
    assert holiday
    change = reverse("admin:workdays_fixedholiday_change", args=[holiday.pk])
    for url in (reverse("admin:workdays_fixedholiday_changelist"), change):
        page = admin.get(url)
        assert page.status_code == 200
        assert "工作日历" in page.content.decode()
    assert admin.post(change, {"month": 12, "day": 30}).status_code == 403
    assert admin.get(reverse("admin:workdays_fixedholiday_add")).status_code == 403
    holiday.refresh_from_db()
    assert holiday.month != 12


def test_the_second_editor_of_a_limit_is_told_what_the_first_changed(admin: Client) -> None:
    limit = TimeLimit.objects.get(code="statement")
    url = reverse("admin:workdays_timelimit_change", args=[limit.pk])
    form = admin.get(url).context["adminform"].form
    data = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    data = {name: value for name, value in data.items() if value not in (False, None)}
    assert admin.post(url, data | {"number": 6}).status_code == 302
    second = admin.post(url, data | {"number": 9})
    assert "已被他人修改" in second.content.decode()
    limit.refresh_from_db()
    assert limit.number == 6
