"""The icon font holds the icons that pages use, and no others (``scripts/vendor.py``, ``package.json``)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.utils.text import smart_split
from fontTools.ttLib import TTFont

LISTED: list[str] = json.loads((settings.BASE_DIR / "package.json").read_text())["icons"]
NAME = "[a-z0-9]+(?:-[a-z0-9]+)*"
CLASS = re.compile(rf"\bti-({NAME})(?![\w-])")
BRANCHES = re.compile(r"\bti-((?:\{% (?:if|elif|else|endif)[^%]*%\}[a-z0-9-]*)+)")
KEYWORD = re.compile(rf"""\bicon(?:: str)?\s*=\s*["']({NAME})["']|["']icon["']\s*:\s*["']({NAME})["']""")
EMPTY_STATE = re.compile(r"\{% empty_state (.*?) %\}")


def used_in(text: str) -> Iterator[str]:
    """Classes, branches within a class, arguments and dictionaries, and the third word of empty states."""
    yield from CLASS.findall(text)
    for branches in BRANCHES.findall(text):
        yield from re.sub(r"\{%.*?%\}", " ", branches).split()
    for names in KEYWORD.findall(text):
        yield from filter(None, names)
    for arguments in EMPTY_STATE.findall(text):
        third = [word for word in smart_split(arguments) if not re.match(r"\w+=", word)][2:3]
        yield from (word.strip("\"'") for word in third)


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        for path in (settings.BASE_DIR / folder).rglob("*.*"):
            if path.suffix in (".py", ".html", ".js") and "vendor" not in path.parts:
                yield path


def icons_of(*folders: str) -> set[str]:
    return {name for path in sources(*folders) for name in used_in(path.read_text())}


@pytest.mark.parametrize(
    ("text", "icons"),
    [
        ('<i class="ti ti-user-check" aria-hidden="true">', ["user-check"]),
        (
            '<i class="ti ti-{% if a == "b" %}sun{% elif c %}moon-2{% else %}x{% endif %}">',
            ["sun", "moon-2", "x"],
        ),
        ('<i class="ti ti-{{ icon }}">', []),
        ('Entry("工作台", icon="clipboard-check")', ["clipboard-check"]),
        ('icon: str = "checks"', ["checks"]),
        ('{"title": "x", "icon": "lock"}', ["lock"]),
        ('{% empty_state "没有 人" "下一步" "users" url "登记" %}{% empty_state a b %}', ["users"]),
        ('{% empty_state "没有" "下一步" url="/" action="登记" %}', []),
        ('<link rel="icon" href="multi-part">', []),
    ],
)
def test_every_way_to_name_an_icon_is_found(text: str, icons: list[str]) -> None:
    assert list(used_in(text)) == icons


def test_every_icon_in_use_is_listed_in_package_json_and_no_other() -> None:
    used = icons_of("landbureau", "publicservice", "supervision", "templates")
    assert used - set(LISTED) == set(), 'add to "icons" in package.json, then run scripts/setup.sh'
    assert set(LISTED) - used == set(), 'nobody uses these: remove from "icons" in package.json'
    assert sorted(set(LISTED)) == LISTED
    demo = (Path(__file__).parent / "demo.py").read_text()
    assert icons_of("tests/web/templates") | set(used_in(demo)) <= set(LISTED)


def test_the_served_font_and_styles_hold_exactly_the_listed_icons() -> None:
    css = Path(str(finders.find("vendor/tabler-icons/tabler-icons.min.css"))).read_text()
    points = {
        name: int(point, 16) for name, point in re.findall(r'\.ti-([\w-]+):before\{content:"\\(\w+)"', css)
    }
    assert sorted(points) == LISTED
    font = Path(str(finders.find("vendor/tabler-icons/fonts/tabler-icons.woff2")))
    assert set(points.values()) <= set(TTFont(font).getBestCmap())
    assert font.stat().st_size < 50_000
