"""Photos of building sites for the demo: drawn, and obviously so."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime
from functools import cache
from random import Random

from PIL import Image, ImageDraw

from landbureau.documents.demo_photos import phone_exif

SIZE = WIDTH, HEIGHT = 960, 720
KEPT = 640, 480
HORIZON = 330
VARIANTS = 6  # of each scene
SKIES = (("#9cc4e8", "#e3eef7"), ("#b9c6d2", "#e8ebee"), ("#86b3dd", "#f3e9d8"))
EARTHS = ("#b08d62", "#9c7d58", "#a8946d")
STEEL, CONCRETE, DARK, BOARD_BLUE, WHITE, RED = (
    "#c9a227",
    "#b6b9bb",
    "#3b4148",
    "#1f5fa8",
    "#f7f7f4",
    "#b3372e",
)
Draw = ImageDraw.ImageDraw


def site_photo(scene: str, variant: int, *, taken: datetime, position: tuple[float, float]) -> bytes:
    """A JPEG of ``scene`` (a key of ``SCENES``) with time and place as a phone writes them.

    ``position``: latitude and longitude in degrees.
    """
    out = io.BytesIO()
    _picture(scene, variant % VARIANTS).save(out, "JPEG", quality=72, exif=phone_exif(taken, position))
    return out.getvalue()


@cache
def _picture(scene: str, variant: int) -> Image.Image:
    chance = Random(f"{scene}{variant}")  # noqa: S311
    picture = Image.new("RGB", SIZE)
    draw = ImageDraw.Draw(picture)
    top, low = SKIES[variant % len(SKIES)]
    _gradient(draw, 0, HORIZON, top, low)
    _gradient(draw, HORIZON, HEIGHT, EARTHS[variant % len(EARTHS)], "#7d6445")
    _trees(draw, chance)
    _ground(draw, chance)
    SCENES[scene](draw, chance)
    return picture.resize(KEPT, Image.Resampling.BOX)  # softer, too


def _gradient(draw: Draw, begin: int, end: int, first: str, last: str) -> None:
    one, other = (
        Image.new("RGB", (1, 1), first).getpixel((0, 0)),
        Image.new("RGB", (1, 1), last).getpixel((0, 0)),
    )
    for y in range(begin, end):
        share = (y - begin) / (end - begin)
        colour = tuple(round(a + (b - a) * share) for a, b in zip(one, other, strict=True))  # type: ignore[arg-type]
        draw.line((0, y, WIDTH, y), colour)


def _trees(draw: Draw, chance: Random) -> None:
    for _ in range(26):
        x, size = chance.randint(-20, WIDTH), chance.randint(14, 38)
        green = chance.choice(["#5f7f52", "#6d8a5b", "#56724a"])
        draw.ellipse((x, HORIZON - size, x + size * 2, HORIZON + 6), green)


def _ground(draw: Draw, chance: Random) -> None:
    for _ in range(420):
        x, y = chance.randint(0, WIDTH), chance.randint(HORIZON + 10, HEIGHT)
        width = 2 + (y - HORIZON) // 40
        draw.ellipse((x, y, x + width * 2, y + width), chance.choice(["#8d7250", "#a58a62", "#76603f"]))


def _fence(draw: Draw, chance: Random) -> None:
    """A hoarding along the plot, nothing behind it."""
    left = 0
    while left < WIDTH:
        draw.rectangle((left, HORIZON - 62, left + 58, HORIZON + 26), chance.choice(["#2f79b5", "#2a6fa8"]))
        draw.line((left, HORIZON - 62, left, HORIZON + 26), "#d6dde2", 3)
        left += 60
    draw.rectangle((0, HORIZON - 70, WIDTH, HORIZON - 62), "#d6dde2")


def _bare(draw: Draw, chance: Random) -> None:
    """Ground without anything: weeds and a heap of earth."""
    x = chance.randint(120, 560)
    draw.polygon(((x, 560), (x + 150, 420), (x + 330, 560)), "#8a6d49")
    for _ in range(90):
        x, y = chance.randint(0, WIDTH), chance.randint(HORIZON + 30, HEIGHT)
        draw.line((x, y, x + chance.randint(-8, 8), y - chance.randint(12, 34)), "#74803f", 3)


def _foundation(draw: Draw, chance: Random) -> None:
    """Piles that are driven and an excavator."""
    _fence(draw, chance)
    draw.polygon(((120, 620), (230, 430), (770, 430), (880, 620)), "#6e5638")
    for row in range(3):
        for column in range(8):
            x, y = 220 + column * 70 - row * 22 + column * row * 6, 450 + row * 56
            draw.ellipse((x, y, x + 26, y + 12), CONCRETE)
            draw.line((x + 13, y - 26, x + 13, y + 4), "#8c3d22", 4)
    x = chance.randint(60, 640)
    draw.rectangle((x, 388, x + 130, 440), STEEL)
    draw.rectangle((x + 20, 346, x + 76, 390), STEEL)
    draw.rectangle((x - 8, 440, x + 140, 462), DARK)
    draw.line((x + 110, 390, x + 210, 320, x + 260, 430), STEEL, 14)


def _frame(draw: Draw, chance: Random, floors: int, colour: str) -> tuple[int, int]:
    left, right = chance.randint(120, 220), chance.randint(640, 780)
    top = 560 - floors * 84
    for floor in range(floors + 1):
        y = 560 - floor * 84
        draw.rectangle((left, y, right, y + 12), colour)
    for x in range(left, right + 1, 74):
        draw.rectangle((x, top, x + 12, 566), colour)
    return left, top


def _building(draw: Draw, chance: Random) -> None:
    """A frame that grows, with scaffolding and a tower crane."""
    floors = chance.randint(2, 4)
    left, top = _frame(draw, chance, floors, CONCRETE)
    for x in range(left - 20, left + 180, 40):
        draw.line((x, top - 10, x, 566), "#4f7f5f", 4)
    mast = chance.randint(700, 820)
    draw.rectangle((mast, 60, mast + 16, 566), STEEL)
    draw.rectangle((mast - 360, 84, mast + 120, 96), STEEL)
    draw.line((mast + 8, 40, mast - 350, 86), DARK, 3)
    draw.line((mast - 250, 96, mast - 250, chance.randint(180, 300)), DARK, 3)


def _stopped(draw: Draw, chance: Random) -> None:
    """A frame that nobody works on: weeds, rust, a closed gate."""
    _frame(draw, chance, 2, "#96928a")
    _bare(draw, chance)
    draw.rectangle((380, 500, 600, 640), outline="#6b3a22", width=8)
    draw.line((380, 500, 600, 640), "#6b3a22", 6)
    draw.line((600, 500, 380, 640), "#6b3a22", 6)


def _done(draw: Draw, chance: Random) -> None:
    """A finished workshop."""
    wall, roof = chance.choice([("#dfe3e6", "#3f6f9f"), ("#e8e2d4", "#8a3b2e"), ("#d7dde0", "#4a5a66")])
    draw.rectangle((90, 270, 870, 560), wall)
    draw.polygon(((70, 276), (480, 190), (890, 276)), roof)
    for x in range(130, 840, 92):
        draw.rectangle((x, 330, x + 56, 382), "#7fa7c4")
    draw.rectangle((400, 430, 560, 560), "#8d979e")
    draw.rectangle((0, 560, WIDTH, 640), "#8b8e90")


def _board(draw: Draw, chance: Random) -> None:
    """The sign board: what it says is told by lines, not letters."""
    x = chance.randint(150, 260)
    for post in (x + 60, x + 500):
        draw.rectangle((post, 470, post + 18, 690), "#8f979d")
    draw.rectangle((x, 150, x + 580, 500), BOARD_BLUE)
    draw.rectangle((x + 14, 164, x + 566, 486), WHITE)
    draw.rectangle((x + 14, 164, x + 566, 228), BOARD_BLUE)
    for place in range(6):
        draw.rectangle((x + 110, 186, x + 110 + place * 66, 206), WHITE)
    for line in range(6):
        y = 256 + line * 37
        draw.rectangle((x + 44, y, x + 150, y + 13), DARK)
        draw.rectangle((x + 180, y, x + 180 + chance.randint(140, 350), y + 13), "#7d858c")


def _deviation(draw: Draw, chance: Random) -> None:
    """Something built beyond the line of the plot."""
    _building(draw, chance)
    for x in range(0, WIDTH, 48):
        draw.line((x, 640, x + 28, 640), RED, 6)
    draw.rectangle((560, 590, 760, 690), "#a9adb0")


SCENES: dict[str, Callable[[Draw, Random], None]] = {
    "fence": _fence,
    "ground": _bare,
    "foundation": _foundation,
    "building": _building,
    "stopped": _stopped,
    "done": _done,
    "board": _board,
    "deviation": _deviation,
}
