"""The demo's land supplies: invented from a fixed seed, relative to the day on which they are loaded.

``cast`` says who and where, ``plots`` what happens in each kind of story, ``records`` writes it all through
the services. Loading again adds what is missing: a supply is known by the end of its supervision number,
whatever year that begins with.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.conf import settings
from django.db import transaction

from landbureau.workdays.selectors import current_calendar
from supervision.supply.demo import papers
from supervision.supply.demo.cast import METHODS, Cast, Role, roles
from supervision.supply.demo.history import catch_up
from supervision.supply.demo.plots import PLOTS
from supervision.supply.demo.records import People, Told, write
from supervision.supply.demo.story import Story
from supervision.supply.models import LandSupply
from supervision.supply.services.notices import is_monthly

GRANTS = ("挂牌", "挂牌", "挂牌", "拍卖", "招标", "协议")
WITHOUT_OFFICER = 23
"""Every so many supplies nobody answers for: they are in the queue of the section."""


@transaction.atomic
def load(today: date) -> dict[str, int]:
    """Add the supplies of the demo that are missing, with what happened to them; how many of each.

    Expects the people and the documents of the demo. The first time also what the office did about them:
    the sweeps of the last weeks, documents that were drafted, approved, served.
    """
    known = {number[-6:] for number in LandSupply.objects.values_list("supervision_number", flat=True)}
    missing = [role for role in roles() if role.key not in known]
    if not missing:
        return {"supplies": 0, "events": 0}
    first_time = not LandSupply.objects.exists()
    people, found = People(), papers.Papers()
    told = _number(_tell(missing, found, today))
    events = write(told, people, today)
    found.link([one.supply for one in told if one.supply])
    if first_time:
        catch_up(people, today)
    return {"supplies": len(told), "events": events}


def _tell(missing: Iterable[Role], found: papers.Papers, today: date) -> list[Told]:
    cast, calendar, monthly = Cast(), current_calendar(), is_monthly()
    told = []
    for role in missing:
        columns, use = cast.land_user(role)
        parcel = cast.parcel(role, use)
        story = Story(
            today=today,
            calendar=calendar,
            chance=role.chance,
            index=role.index,
            area=parcel["area"],
            price=cast.price(role, parcel["area"], use),
            monthly=monthly,
            parcel=parcel,
            has_officer=role.serial % WITHOUT_OFFICER != 0,
        )
        number = role.given.get("合同编号", "")
        if role.story == "papers":
            papers.tell(story, found.of(number, _supervision_number(cast, role, number)), role.days)
        else:
            PLOTS[role.story](story, int(role.days))
        story.make_rounds()
        story.contract |= {
            "method": METHODS[role.given.get("供应方式") or story.chance.choice(GRANTS)],
            "contract_number": number,
            "supervision_number": _supervision_number(cast, role, number or str(story.signed.year)),
        }
        columns["address"] = f"{parcel['location']}公司办公室"
        told.append(Told(role, story, columns))
    return told


def _supervision_number(cast: Cast, role: Role, year: str) -> str:
    """County, year of the contract, letter of the method, number: the year stands in ``year``."""
    digits = "".join(letter for letter in year if letter.isdigit())
    return f"{cast.code}{digits[:4]}{role.key}"


def _number(told: list[Told]) -> list[Told]:
    """Contracts are numbered by year in the order of their days; numbers that are taken stay free."""
    cast_word = {"xinhe": "新土", "hongjiang": "洪土"}[settings.BUREAU]
    taken = set(LandSupply.objects.values_list("contract_number", flat=True))
    taken |= {one.story.contract["contract_number"] for one in told}
    for one in sorted(told, key=lambda one: (one.story.signed, one.role.serial)):
        if one.story.contract["contract_number"]:
            continue
        word = {"allocation": "划", "lease": "租", "contribution": "资"}.get(
            one.story.contract["method"], "让"
        )
        number, year = 1, one.story.signed.year
        while (name := f"{cast_word}{word}〔{year}〕{number}号") in taken:
            number += 1
        one.story.contract["contract_number"] = name
        taken.add(name)
    return told
