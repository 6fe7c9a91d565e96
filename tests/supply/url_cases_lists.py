"""Addresses of the list, of a supply, of entry and corrections, of land users."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from supervision.supply.models import LandSupply
from tests.factories import allow
from tests.supply.factories import happen, make_land_user, make_supply
from tests.urlwalk import UrlCase, World

NAME = "新河县可见机械有限公司"
SIGNED = date(2026, 1, 12)


def of_right(world: World) -> LandSupply:
    """A supply of the section, which ``right`` sees and may change; ``other`` sees those of another one."""
    for user, section in ((world.right, world.section), (world.other, world.other_section)):
        allow(user, "view_supply", "update_supply", "update_visit", on=section)
    return make_supply(
        section=world.section,
        land_user=make_land_user(NAME, phone="13800000000"),
        price=Decimal("5136000"),
        signed_on=SIGNED,
        agreed_start_on=date(2026, 11, 20),
        agreed_completion_on=date(2028, 5, 20),
        instalments=[(1, date(2026, 2, 12), Decimal("5136000"))],
    )


def listed(world: World) -> tuple[()]:
    of_right(world)
    return ()


def one(world: World) -> tuple[int]:
    return (of_right(world).pk,)


def land_user(world: World) -> tuple[int]:
    return (of_right(world).land_user_id,)


def event(world: World) -> tuple[int]:
    return (happen(of_right(world), "handover", date(2026, 2, 20)).pk,)


def pair(world: World) -> tuple[int, int]:
    """Two land users with one supply each, both of the section."""
    first = of_right(world)
    other = make_supply(section=world.section, land_user=make_land_user(f"{NAME}（筹）"))
    return (first.land_user_id, other.land_user_id)


def duplicates(world: World) -> tuple[()]:
    pair(world)
    of = make_supply(section=world.section, land_user=make_land_user("新河县可见机械有限责任公司"))
    assert of.pk
    return ()


CASES = [
    UrlCase("supply:supplies", "view_supply", args=listed, other_status=200, shows=lambda world: NAME),
    UrlCase(
        "supply:supplies",
        "view_supply",
        args=listed,
        data={"export": "csv"},
        other_status=200,
        is_file=True,
        shows=lambda world: NAME,
    ),
    UrlCase("supply:supply", "view_supply", args=one),
    *(
        UrlCase("supply:supply", "view_supply", args=one, data={"tab": tab})
        for tab in ("payments", "visits", "papers", "changes", "timeline")
    ),
    UrlCase("supply:phone", "view_supply", args=one, method="post"),
    UrlCase("supply:new", "create_supply", other_status=200),
    UrlCase("supply:find_land_users", "create_supply", data={"land_user_name": "新河"}, other_status=200),
    UrlCase("supply:correct", "update_supply", args=one),
    UrlCase("supply:instalments", "update_supply", args=one),
    UrlCase("supply:correct_event", args=event),
    UrlCase("supply:withdraw_event", args=event),
    UrlCase("supply:land_users", "view_supply", args=listed, other_status=200, shows=lambda world: NAME),
    UrlCase("supply:land_user", "view_supply", args=land_user),
    UrlCase("supply:land_user_phone", "view_supply", args=land_user, method="post"),
    UrlCase("supply:correct_land_user", "update_supply", args=land_user),
    UrlCase(
        "supply:duplicates", "update_supply", args=duplicates, other_status=200, shows=lambda world: NAME
    ),
    UrlCase("supply:merge", "update_supply", args=pair),
    UrlCase("supply:not_same", "update_supply", args=pair, method="post", right_status=302),
]
