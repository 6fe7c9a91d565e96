"""The regime's tables under 系统配置."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.messages import get_messages
from django.urls import reverse

from landbureau.accounts.models import User
from landbureau.jobs.models import JobRun
from landbureau.jobs.services import execute
from supervision.supply.models import (
    CheckItem,
    DeviationKind,
    Event,
    Indicator,
    Instalment,
    LandSupply,
    LandUser,
    Notice,
    NoticeKind,
    Parameter,
    Parcel,
    Regime,
)
from tests.documents.desk import as_
from tests.factories import UserFactory, allow
from tests.supply.factories import make_supply
from tests.web.pages import body_of

pytestmark = pytest.mark.django_db
TABLES = (Parameter, NoticeKind, DeviationKind, CheckItem, Indicator, Regime)


@pytest.fixture
def administrator() -> User:
    return allow(UserFactory(), "view_config", "update_config")


def edit(row: Any, user: User, **changes: Any) -> Any:
    """The page's form as it stands, sent with ``changes``."""
    name = row._meta.model_name
    url = reverse(f"admin:supply_{name}_change", args=[row.pk])
    form = as_(user).get(url).context["adminform"].form
    data = {field: form[field].value() for field in form.fields} | changes
    return as_(user).post(url, {field: value for field, value in data.items() if value is not None})


@pytest.mark.parametrize("model", TABLES)
def test_the_regime_is_configured_by_who_may(administrator: User, model: Any) -> None:
    name = model._meta.model_name
    address = reverse(f"admin:supply_{name}_changelist")
    assert as_(administrator).get(address).status_code == 200
    row = model.objects.first()
    assert as_(administrator).get(reverse(f"admin:supply_{name}_change", args=[row.pk])).status_code == 200
    stranger = as_(UserFactory()).get(address, follow=True)
    assert stranger.status_code == 403


@pytest.mark.parametrize("model", [LandSupply, Parcel, LandUser, Instalment, Event, Notice])
def test_facts_are_never_there(model: Any) -> None:
    assert not admin.site.is_registered(model)


def test_a_changed_number_moves_what_hangs_on_it(administrator: User) -> None:
    supply = make_supply(
        agreed_start_on=date(2027, 1, 31),
        instalments=[(1, date(2027, 1, 31), Decimal(100))],
    )
    days = Parameter.objects.get(code="remind_days")
    response = edit(days, administrator, number="10")
    assert response.status_code == 302, body_of(response)
    assert supply.instalments.get().remind_from == date(2027, 1, 1), "not in the request"
    told = [str(message) for message in get_messages(response.wsgi_request)]
    assert any("正在后台按新的数值重新计算全部供地" in text for text in told)
    run = JobRun.objects.get(kind="project_supplies")
    assert run.args == {"parameter": days.pk, "version": 2}
    execute(run.pk)
    run.refresh_from_db()
    assert (run.state, run.counts) == ("succeeded", {"supplies": 1})
    assert supply.instalments.get().remind_from == date(2027, 1, 21)
    assert supply.milestones.get(track="start").remind_from == date(2027, 1, 21)
    days.refresh_from_db()
    assert (days.number, days.version) == (Decimal(10), 2)


def test_days_are_whole(administrator: User) -> None:
    response = edit(Parameter.objects.get(code="remind_days"), administrator, number="10.5")
    assert "须为整数" in body_of(response)


def test_rows_that_the_program_knows_are_not_added(administrator: User) -> None:
    for name in ("parameter", "noticekind", "indicator", "regime"):
        assert as_(administrator).get(reverse(f"admin:supply_{name}_add")).status_code == 403


def test_the_bureau_adds_what_it_looks_for(administrator: User) -> None:
    data = {
        "title": "越界堆放",
        "code": "stacked_outside",
        "question": "是否越界堆放",
        "measure": "责令清理",
        "asked": "on",
        "order": "9",
        "source": "",
        "mark": "own",
        "version": "1",
        "opened": "{}",
    }
    response = as_(administrator).post(reverse("admin:supply_deviationkind_add"), data)
    assert response.status_code == 302, body_of(response)
    assert DeviationKind.objects.filter(code="stacked_outside").exists()


def test_two_people_at_one_row_do_not_overwrite_each_other(administrator: User) -> None:
    row = NoticeKind.objects.get(code="payment_demand")
    stale = row.version
    NoticeKind.objects.filter(pk=row.pk).update(repeat_after_days=45, version=stale + 1)
    response = edit(row, administrator, repeat_after_days="60", version=stale)
    assert "已被他人修改" in body_of(response)
