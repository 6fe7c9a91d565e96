"""What two people do with tables at the same moments; ``test_races.py`` starts them.

``python -m tests.imports.races prepare``, then twice at once ``... race 0`` and ``... race 1``, then
``... outcome``. Each prints one JSON document.
"""

from __future__ import annotations

import io
import json
import sys
import time
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.files.base import ContentFile, File  # noqa: E402
from django.utils import timezone  # noqa: E402

from landbureau.accounts.models import Role, Township, User, Village  # noqa: E402
from landbureau.accounts.services import grant_role  # noqa: E402
from landbureau.audit.models import Entry  # noqa: E402
from landbureau.imports.errors import ImportRefused  # noqa: E402
from landbureau.imports.models import ImportSession  # noqa: E402
from landbureau.imports.services import begin, confirm, import_file  # noqa: E402
from tests.imports import files  # noqa: E402

ROUNDS, VILLAGES = 5, 40


def table(kind: str, number: int, orders: int) -> bytes:
    """Villages of one round, as csv."""
    township = Township.objects.order_by("pk")[0].name
    rows = [[township, f"{kind}{number}第{n}村", orders + n] for n in range(VILLAGES)]
    return files.csv([["乡镇", "村居", "路线顺序"], *rows])


def prepare() -> None:
    """Two administrators, villages that both change, and imports that both confirm."""
    for side in (0, 1):
        admin = User.objects.create(username=f"admin{side}", name=f"管{side}")
        grant_role(user=admin, role=Role.objects.get(code="admin"), actor=None)
    for number in range(ROUNDS):
        bring(table("改", number, 0))
        begin(
            file=ContentFile(table("双", number, 0), f"双{number}.csv"),
            kind="villages",
            actor=User.objects.get(username="admin0"),
            today=timezone.localdate(),
        )
    print(json.dumps("ready"))


def bring(data: bytes) -> bool:
    try:
        report = import_file(
            File(io.BytesIO(data), "村居.csv"), today=timezone.localdate(), kinds=("villages",), accept=True
        )
    except ImportRefused:
        return False
    return report.committed


def meet(name: str, side: int) -> None:
    """Wait until the other process is at the same point."""
    folder = settings.DATA_DIR / "meetings"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}-{side}").touch()
    other = folder / f"{name}-{1 - side}"
    end = time.monotonic() + 60
    while not other.exists():
        assert time.monotonic() < end, "the other process did not come"
        time.sleep(0.001)


def race(side: int) -> None:
    """The same new villages, different changes of the same ones, one import confirmed twice."""
    done: dict[str, list[bool]] = {"same_new": [], "same_changed": [], "confirmed": []}
    for number in range(ROUNDS):
        meet(f"new{number}", side)
        done["same_new"].append(bring(table("新", number, 0)))
        meet(f"changed{number}", side)
        done["same_changed"].append(bring(table("改", number, 1000 * (side + 1))))
        session = ImportSession.objects.get(name=f"双{number}.csv")
        meet(f"confirmed{number}", side)
        try:
            confirm(session=session, seen=session.digest, today=timezone.localdate())
        except ImportRefused:
            done["confirmed"].append(False)
        else:
            done["confirmed"].append(True)
    print(json.dumps(done))


def outcome() -> None:
    def villages(kind: str, number: int) -> list[tuple[str, int]]:
        rows = Village.objects.filter(name__startswith=f"{kind}{number}第")
        return sorted(rows.values_list("name", "order"))

    after: dict[str, Any] = {
        "new": [len(villages("新", number)) for number in range(ROUNDS)],
        "changed": [sorted({order // 1000 for _, order in villages("改", n)}) for n in range(ROUNDS)],
        "twice": [len(villages("双", number)) for number in range(ROUNDS)],
        "imports": Entry.objects.filter(action=Entry.Action.IMPORT, object_repr__contains="：双").count(),
    }
    print(json.dumps(after))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["prepare"]:
            prepare()
        case ["race", side]:
            race(int(side))
        case ["outcome"]:
            outcome()
