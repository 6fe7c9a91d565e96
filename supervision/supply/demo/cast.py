"""Who and where: invented companies, people and parcels, the same for the same number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import product
from math import cos, radians, sqrt
from random import Random
from typing import Any

from django.conf import settings

from landbureau.accounts.catalogue import read_table
from landbureau.accounts.models import Township, Village
from supervision.supply.models import LandSupply

Row = dict[str, str]
SEED = "供后监管演示"
COUNTY = {"xinhe": ("130530", "新土"), "hongjiang": ("431200", "洪土")}
"""Code of the county, and what its contracts are called."""
METHODS = {str(label): value for value, label in LandSupply.Method.choices}
PRICE_OF_M2 = {"工业用地": 190, "仓储用地": 192, "商服用地": 980, "城镇住宅用地": 1260}
ALLOCATION_PRICE_OF_M2 = 66
METRES_PER_DEGREE = 111_320


@dataclass(frozen=True)
class Role:
    """One supply to be invented: its number in the demo, which story it has, and what is said about it."""

    serial: int
    story: str
    days: str
    index: int  # of those with the same story
    given: Row

    @property
    def key(self) -> str:
        """The end of its supervision number: whatever the year, there is one such supply."""
        return f"{self.letter}{self.serial:05}"

    @property
    def letter(self) -> str:
        return "A" if self.given.get("供应方式") == "划拨" else "B"

    @property
    def chance(self) -> Random:
        return Random(f"{SEED}{settings.BUREAU}{self.serial}")  # noqa: S311  # no secret: a seed


def demo_table(name: str) -> list[Row]:
    return read_table(settings.FIXTURES_DIR / "demo" / f"{name}.csv")


def roles() -> list[Role]:
    """All supplies of the bureau's demo. Another bureau than Xinhe has every second of the stories."""
    found = [
        Role(int(row["序号"]), row["情形"], row["天数"], 0, row)
        for row in demo_table(f"supplies-{settings.BUREAU}")
    ]
    index: dict[str, int] = {}
    for row in demo_table("supply_stories"):
        for place, days in enumerate(_days(row["天数"], int(row["起号"]))):
            if settings.BUREAU != "xinhe" and place % 2:
                continue
            place_of_kind = index[row["情形"]] = index.get(row["情形"], -1) + 1
            found.append(Role(int(row["起号"]) + place, row["情形"], str(days), place_of_kind, row))
    return found


def _days(text: str, serial: int) -> Iterator[int]:
    """``-3 5`` are these days, ``-60~-20*3`` three days somewhere between."""
    for word in text.split():
        if spread := re.fullmatch(r"(-?\d+)~(-?\d+)\*(\d+)", word):
            low, high, times = map(int, spread.groups())
            chance = Random(f"{SEED}{serial}")  # noqa: S311
            width = (high - low) / times
            yield from (round(low + width * (place + chance.random())) for place in range(times))
        else:
            yield int(word)


@cache
def words(kind: str) -> list[tuple[str, str]]:
    return [(row["词"], row["用途"]) for row in demo_table("supply_names") if row["类"] == kind]


class Cast:
    """Names and places. Everything follows from the number of the role and the bureau."""

    def __init__(self) -> None:
        self.code, self.contracts = COUNTY[settings.BUREAU]
        self.townships = {row.name: row for row in Township.objects.select_related("office")}
        self.villages: dict[str, list[Village]] = {}
        for village in Village.objects.select_related("township"):
            self.villages.setdefault(village.township.name, []).append(village)
        self.streets = demo_table(f"streets-{settings.BUREAU}")
        marks = list(product(words("字号首字"), words("字号次字")))
        Random(SEED).shuffle(marks)  # noqa: S311
        names = [first[0] + second[0] for first, second in marks if first[0] != second[0]]
        given = demo_table(f"supplies-{settings.BUREAU}")
        self.serial_of = {row["用地单位"]: int(row["序号"]) for row in reversed(given)}  # the first of a name
        self.marks = [name for name in names if name not in "".join(self.serial_of)]

    def land_user(self, role: Role) -> tuple[dict[str, Any], str]:
        """Columns of the land user, and the use of the land."""
        chance, name, use = role.chance, role.given.get("用地单位", ""), role.given.get("用途", "")
        public = role.letter == "A"
        if not name and public:
            offices = words(f"机关:{settings.BUREAU}")
            name, use = offices[role.serial % len(offices)]
            if (turn := role.serial // len(offices) % 3) and not name.endswith("中学"):
                name += ("（新址）", "（二期）")[turn - 1]
        if not name:
            trade, use = chance.choice(words("行业"))
            place = chance.choice(words(f"地名:{settings.BUREAU}"))[0]
            name = f"{place}{self.marks[role.serial]}{trade}有限公司"
        contact = role.given.get("联系人") or chance.choice(words("姓"))[0] + chance.choice(words("名"))[0]
        serial = self.serial_of.get(name, role.serial)
        return {
            "name": name,
            "identity": f"{'12' if public else '91'}{self.code}MA0DEMO{serial:03}",
            "contact": contact,
            "phone": "138 0000 0000" if serial == MAIN else f"138 0000 {1000 + serial:04}",
        }, use

    def parcel(self, role: Role, use: str) -> dict[str, Any]:
        """Columns of the parcel: somewhere in a township, with a rectangle as its boundary."""
        chance = role.chance
        street = next((row for row in self.streets if row["乡镇"] == role.given.get("乡镇")), None)
        if street is None:
            street = self.streets[role.serial % len(self.streets)]
        village = next(
            (one for one in self.villages.get(street["乡镇"], []) if one.name == role.given.get("村居")), None
        ) or chance.choice([*self.villages.get(street["乡镇"], []), None])
        first, second = chance.sample(street["道路"].split(), 2)
        side, other = chance.choice(["北侧", "南侧"]), chance.choice(["东侧", "西侧"])
        area = Decimal(chance.choice([6670, 10005, 13340, 16675, 20010, 26680, 33350, 40020]))
        area = Decimal(role.given.get("面积") or area + chance.randrange(0, 900))
        longitude = float(street["经度"]) + chance.uniform(-0.02, 0.02)
        latitude = float(street["纬度"]) + chance.uniform(-0.015, 0.015)
        return {
            "township": self.townships[street["乡镇"]],
            "village": village,
            "location": role.given.get("坐落") or f"{street['乡镇']}{first}{side}、{second}{other}",
            "area": area,
            "use": use,
            "plot_ratio": "≥1.0" if use in ("工业用地", "仓储用地") else "1.0—2.2",
            "longitude": Decimal(f"{longitude:.6f}"),
            "latitude": Decimal(f"{latitude:.6f}"),
            "boundary": _rectangle(longitude, latitude, float(area)),
        }

    def price(self, role: Role, area: Decimal, use: str) -> Decimal:
        """In yuan, a round number."""
        if given := role.given.get("成交价款"):
            return Decimal(given)
        of_m2 = ALLOCATION_PRICE_OF_M2 if role.letter == "A" else PRICE_OF_M2.get(use, 420)
        return Decimal(round(area * of_m2 * Decimal(str(role.chance.uniform(0.92, 1.15))), -4))


MAIN = 127
"""The supply that the pictures of the manual show."""


def _rectangle(longitude: float, latitude: float, area: float) -> dict[str, Any]:
    """GeoJSON of a plot of this many m² around a point, wider than deep."""
    width = sqrt(area * 1.5) / METRES_PER_DEGREE / cos(radians(latitude))
    depth = sqrt(area / 1.5) / METRES_PER_DEGREE
    west, south = longitude - width / 2, latitude - depth / 2
    corners = [(west, south), (west + width, south), (west + width, south + depth), (west, south + depth)]
    return {
        "type": "Polygon",
        "coordinates": [[[round(x, 6), round(y, 6)] for x, y in (*corners, corners[0])]],
    }
