"""Addresses of the office's pages over supplies."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils import timezone

from landbureau.accounts.models import Bureau
from supervision.supply.models import CheckList, LandSupply, Notice, Visit
from supervision.supply.services import append_event, check_lists, sweep
from tests.factories import allow
from tests.supply.factories import make_land_user, make_supply
from tests.urlwalk import UrlCase, World

NAME = "新河县演示逾期用地有限公司"


def a_late_supply(world: World) -> LandSupply:
    """Late by its first instalment, in the section and the township of ``right``."""
    today = timezone.localdate()
    return make_supply(
        section=world.section,
        office=world.office,
        land_user=make_land_user(NAME),
        signed_on=date(2026, 1, 5),
        agreed_start_on=today + timedelta(days=400),
        agreed_completion_on=today + timedelta(days=900),
        instalments=[(1, today - timedelta(days=20), 1_000_000), (2, today + timedelta(days=9), 500_000)],
        today=today,
    )


def late(world: World) -> tuple[()]:
    a_late_supply(world)
    return ()


def noticed(world: World) -> tuple[()]:
    a_late_supply(world)
    sweep(today=timezone.localdate())
    return ()


def held(world: World) -> tuple[()]:
    allow(world.right, "view_supply", on=world.section)
    Bureau.objects.update(go_live_on=timezone.localdate())
    return late(world)


def undrafted(world: World) -> tuple[int]:
    """A demand whose document could not be drafted."""
    allow(world.right, "view_supply", on=world.section)
    noticed(world)
    Notice.objects.filter(kind__code="payment_demand").update(error="送达地址未填。")
    return (Notice.objects.get(kind__code="payment_demand").pk,)


def without_start_notice(world: World) -> tuple[int]:
    """A supply that a visit found not started, without its 《开工通知书》."""
    allow(world.right, "view_supply", on=world.section)
    today = timezone.localdate()
    supply = make_supply(
        section=world.section,
        office=world.office,
        land_user=make_land_user(NAME),
        signed_on=today - timedelta(days=200),
        agreed_start_on=today - timedelta(days=5),
        today=today,
    )
    seen = append_event(supply=supply, kind="visit", on=today, actor=None, today=today, finding="not_started")
    Visit.objects.create(event=seen, at=timezone.now())
    return (supply.pk,)


def behind(world: World) -> tuple[str]:
    a_late_supply(world)
    return ("overdue",)


def chart(world: World) -> tuple[str]:
    a_late_supply(world)
    return ("due",)


def drawn(world: World) -> CheckList:
    a_late_supply(world)
    allow(world.right, "approve_supply", on=world.section)
    today = timezone.localdate()
    return check_lists.draw(
        kind="random",
        title="演示随机抽查",
        count=1,
        due_on=today + timedelta(days=9),
        seed="20261123",
        actor=world.right,
        today=today,
    )


def listed(world: World) -> tuple[()]:
    drawn(world)
    return ()


def check_list(world: World) -> tuple[int]:
    return (drawn(world).pk,)


CASES = [
    UrlCase("supply:overview", "view_supply", args=late, shows=lambda _: NAME, other_status=200),
    UrlCase("supply:behind", "view_supply", args=behind, shows=lambda _: NAME, other_status=200),
    UrlCase("supply:chart", "view_supply", args=chart, other_status=200, is_file=True),
    UrlCase("supply:calendar", "view_supply", args=late, other_status=200),
    UrlCase("supply:notices", "view_notice", args=noticed, other_status=200),
    UrlCase("supply:redraft", "create_notice", args=undrafted, shows=lambda _: NAME),
    UrlCase("supply:start_notice", "create_notice", args=without_start_notice, shows=lambda _: NAME),
    UrlCase("supply:run_sweep", "run_jobs", method="post", right_status=302, other_status=302),
    UrlCase("supply:review", "approve_notice", args=held, shows=lambda _: NAME, other_status=200),
    UrlCase(
        "supply:check_lists", "view_supply", args=listed, shows=lambda _: "演示随机抽查", other_status=200
    ),
    UrlCase("supply:check_list", "view_supply", args=check_list, shows=lambda _: NAME),
    UrlCase("supply:draw", "approve_supply", other_status=200),
]
