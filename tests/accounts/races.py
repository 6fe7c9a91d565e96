"""What two processes do at the same moments; ``test_races.py`` starts them.

``python -m tests.accounts.races prepare``, then twice at once ``... race 0`` and ``... race 1``, then
``... outcome``. Each prints one JSON document.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.exceptions import ValidationError  # noqa: E402

from landbureau.accounts.errors import PeopleError  # noqa: E402
from landbureau.accounts.models import Assignment, Grant, Role, Township, User, Village  # noqa: E402
from landbureau.accounts.services import (  # noqa: E402
    VILLAGE_ROUND,
    assign,
    assign_villages,
    end_grant,
    grant_role,
    hand_over,
    leave,
    register_absence,
)
from landbureau.web.versions import save_edit  # noqa: E402
from landbureau.workdays.models import Deadline  # noqa: E402
from landbureau.workdays.rules import WorkdaysError  # noqa: E402
from landbureau.workdays.services import register_deadline  # noqa: E402

ROUNDS, VILLAGES = 6, 4
TODAY = date(2026, 11, 23)


def prepare() -> None:
    """People ``person0``…, each with a few villages; two administrators who act."""
    township = Township.objects.order_by("pk")[0]
    for n in (0, 1):
        taker = User.objects.create(username=f"taker{n}", name=f"接{n}")
        grant_role(user=taker, role=_role("land_officer"), office=township.office, actor=None)
        grant_role(
            user=User.objects.create(username=f"admin{n}", name=f"管{n}"), role=_role("admin"), actor=None
        )
    for index in range(ROUNDS):
        person = User.objects.create(username=f"person{index}", name=f"张{index}")
        for name in ("idle", "one", "other", "owner"):
            User.objects.create(username=f"{name}{index}", name=f"{name}{index}")
        for n in range(VILLAGES):
            village = Village.objects.create(township=township, name=f"村{index}-{n}")
            assign(user=person, task=VILLAGE_ROUND, subject=village, starts_on=date(2026, 1, 1))
        Village.objects.create(township=township, name=f"空{index}")


def _role(code: str) -> Role:
    return Role.objects.get(code=code)


def _user(name: str) -> User:
    return User.objects.get(username=name)


def hand_over_twice(side: int, index: int) -> None:
    hand_over(
        person=_user(f"person{index}"),
        takers=[_user(f"taker{side}")],
        on=TODAY,
        reason="",
        actor=_user("admin0"),
    )


def grant_twice(side: int, index: int) -> None:
    grant_role(user=_user(f"idle{index}"), role=_role("leader"), actor=_user(f"admin{side}"))


def end_each_other(side: int, index: int) -> None:
    """Afterwards one administrator is left, however often they try."""
    grant = Grant.objects.get(user=_user(f"admin{1 - side}"), role=_role("admin"))
    end_grant(grant=grant, actor=_user(f"admin{side}"), reason="")


def assign_twice(side: int, index: int) -> None:
    village = Village.objects.get(name=f"空{index}")
    assign_villages(villages=[village], to=_user(f"taker{side}"), starts_on=TODAY, actor=_user("admin0"))


def leave_and_assign(side: int, index: int) -> None:
    person = _user(f"idle{index}")
    if side:
        village = Village.objects.get(name=f"空{index}")
        assign(user=person, task="供地监管", subject=village, starts_on=TODAY)
    else:
        leave(
            person=person,
            on=TODAY,
            takers=[],
            cancel_deputising=False,
            reason="",
            actor=_user("admin0"),
            today=TODAY,
        )


def leave_and_owe(side: int, index: int) -> None:
    person = _user(f"owner{index}")
    if side:
        register_deadline(title="答复", event_on=TODAY, owner=person, number=5)
    else:
        leave(
            person=person,
            on=TODAY,
            takers=[],
            cancel_deputising=False,
            reason="",
            actor=_user("admin0"),
            today=TODAY,
        )


def absent_twice(side: int, index: int) -> None:
    """Each names the other as deputy: both cannot be away."""
    one, other = _user(f"one{index}"), _user(f"other{index}")
    if side:
        one, other = other, one
    register_absence(person=one, deputy=other, starts_on=TODAY, ends_on=TODAY, today=TODAY, actor=one)


def edit_twice(side: int, index: int) -> None:
    """Both opened the form before either saved."""
    person = _user(f"person{index}")
    meet(f"opened-{index}", side)
    person.position = f"职务{side}"
    save_edit(person, ["position"])


RACES: dict[str, Callable[[int, int], None]] = {
    act.__name__: act
    for act in (
        hand_over_twice,
        grant_twice,
        end_each_other,
        assign_twice,
        leave_and_assign,
        leave_and_owe,
        absent_twice,
        edit_twice,
    )
}


def meet(place: str, side: int) -> None:
    """Wait until the other process is here too."""
    folder = settings.DATA_DIR / "meetings"
    folder.mkdir(exist_ok=True)
    (folder / f"{place}-{side}").touch()
    until = time.monotonic() + 30
    while not (folder / f"{place}-{1 - side}").exists():
        assert time.monotonic() < until, f"alone at {place}"
        time.sleep(0.001)


def race(side: int) -> dict[str, list[bool]]:
    """Whether each round's act was done. A refusal is no fault; anything else is."""
    done: dict[str, list[bool]] = {name: [] for name in RACES}
    for name, act in RACES.items():
        for index in range(ROUNDS):
            meet(f"{name}-{index}", side)
            try:
                act(side, index)
            except (PeopleError, WorkdaysError, ValidationError):
                done[name].append(False)
            else:
                done[name].append(True)
    return done


def outcome() -> dict[str, Any]:
    """What is in the database afterwards."""
    open_rows = Assignment.objects.filter(ends_on=None)
    return {
        "rounds": open_rows.filter(task=VILLAGE_ROUND).count(),
        "work_of_leavers": open_rows.filter(user__is_active=False).count()
        + Deadline.objects.filter(settled_on=None, owner__is_active=False).count(),
        "administrators": Grant.objects.filter(role__code="admin", ended_at=None).count(),
        "leaders": Grant.objects.filter(role__code="leader", ended_at=None).count(),
        "versions": list(
            User.objects.filter(username__startswith="person").values_list("version", flat=True)
        ),
    }


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    if command == "prepare":
        prepare()
        answer: Any = None
    elif command == "race":
        answer = race(int(arguments[0]))
    else:
        answer = outcome()
    sys.stdout.write(json.dumps(answer))
