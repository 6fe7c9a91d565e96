"""Addresses of the acts of the office, each at a supply where it is the time for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from supervision.supply.models import Event, LandSupply
from supervision.supply.selectors import regime
from tests.factories import TownshipFactory, UserFactory, allow
from tests.supply.factories import make_supply
from tests.urlwalk import UrlCase, World

TITLES = {
    "payment": ("update_supply", "登记缴款"),
    "refund": ("update_supply", "登记退款"),
    "damages_payment": ("update_supply", "登记缴违约金"),
    "briefing": ("update_supply", "供后告知"),
    "handover": ("update_supply", "登记交地"),
    "board_given": ("create_visit", "移交公示牌"),
    "board": ("create_visit", "公示牌悬挂"),
    "start": ("update_supply", "登记开工"),
    "stop": ("update_supply", "登记停工"),
    "resume": ("update_supply", "登记复工"),
    "completion": ("update_supply", "登记竣工"),
    "acceptance": ("update_supply", "复核验收"),
    "follow_up": ("update_supply", "处理问题"),
    "propose_default": ("create_default", "提出违约认定"),
    "decide_default": ("approve_default", "审核违约认定"),
    "apply_extension": ("create_extension", "受理延期申请"),
    "review_extension": ("approve_extension", "审核延期申请"),
    "decide_extension": ("decide_extension", "批准延期"),
    "propose_termination": ("approve_supply", "提请解除合同"),
    "decide_termination": ("approve_termination", "批准解除合同"),
    "take_back": ("update_supply", "登记收回"),
    "transfer": ("update_supply", "整宗转让变更"),
    "split": ("update_supply", "部分转让、分割"),
}
BEFORE: dict[str, tuple[str, ...]] = {
    "refund": ("payment",),
    "board": ("handover",),
    "stop": ("start",),
    "resume": ("start", "stop"),
    "acceptance": ("completion",),
    "follow_up": ("deviation",),
    "decide_default": ("determination_proposed",),
    "review_extension": ("extension_applied",),
    "decide_extension": ("extension_applied", "extension_reviewed"),
    "propose_termination": ("demand",),
    "decide_termination": ("demand", "termination_proposed"),
    "brigade_accept": ("to_brigade",),
}
"""What has happened by then, a day after the other."""


def supply_for(act: str, world: World) -> LandSupply:
    """A supply of the world's section whose start, completion and instalment are late."""
    today = timezone.localdate()
    supply = make_supply(
        section=world.section,
        township=TownshipFactory(office=world.office),
        price=Decimal(5136000),
        signed_on=today - timedelta(days=700),
        agreed_start_on=today - timedelta(days=300),
        agreed_completion_on=today - timedelta(days=2),
        start_rate=Decimal("0.5"),
        instalments=[(1, today - timedelta(days=200), 5136000)],
        today=today,
    )
    for kind in BEFORE.get(act, ()):
        _happen(supply, kind, today - timedelta(days=100))
    return supply


def _happen(supply: LandSupply, kind: str, on: date) -> None:
    from supervision.supply.services import append_event

    columns: dict[str, Any] = {
        "payment": {"amount": Decimal(1000)},
        "deviation": {"deviation": "use_changed"},
        "determination_proposed": {"track": "start", "cause": "land_user", "remark": "未见施工"},
        "to_brigade": {"track": "start", "cause": "land_user"},
        "extension_applied": {"track": "start", "new_due_on": on + timedelta(days=500)},
        "extension_reviewed": {"track": "start", "remark": "同意"},
        "demand": {"seq": 1},
    }.get(kind, {})
    if kind == "extension_reviewed":
        columns["answers"] = Event.objects.get(supply=supply, kind="extension_applied")
    append_event(supply=supply, kind=kind, on=on, actor=UserFactory(), today=timezone.localdate(), **columns)


def at(act: str) -> Callable[[World], tuple[int]]:
    def args(world: World) -> tuple[int]:
        allow(world.right, "view_supply", on=world.section)
        allow(world.other, "view_supply", on=world.other_section)
        return (supply_for(act, world).pk,)

    return args


def for_the_brigade(world: World) -> tuple[int]:
    """It is a section of the whole bureau that accepts, not everybody who may read defaults."""
    allow(world.right, "view_supply")
    world.right.section = regime().brigade
    world.right.save()
    return (supply_for("brigade_accept", world).pk,)


def titled(title: str) -> Callable[[World], str]:
    return lambda world: f"<h1>{title}</h1>"


CASES = [
    *(
        UrlCase(f"supply:{name}", permission, args=at(name), shows=titled(title))
        for name, (permission, title) in TITLES.items()
    ),
    UrlCase(
        "supply:brigade_accept",
        "view_default",
        bureau_wide=True,
        args=for_the_brigade,
        shows=titled("监察大队接收"),
    ),
]
