"""Copy the browser files named under "served" in package.json from node_modules to the static files.

Of the icons only those named under "icons" are kept, in the style sheet and in the font: the whole font is
half a megabyte, and many readers have a phone.

Comments that point to source maps and fonts in formats that are not served are cut out: the manifest
storage refuses a style sheet that names a file which is not there.
"""

import io
import json
import re
import shutil
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "landbureau" / "web" / "static" / "vendor"
ICON_CSS = "tabler-icons/tabler-icons.min.css"
ICON_FONT = "tabler-icons/fonts/tabler-icons.woff2"
SOURCE_MAP = re.compile(rb"/\*# sourceMappingURL=[^*]*\*/|//# sourceMappingURL=\S*")
OTHER_FONTS = re.compile(rb',\s*url\("[^"]*\.(?:woff|ttf)\?[^"]*"\)\s*format\("(?:woff|truetype)"\)')


ICON = re.compile(rb'\.ti-([a-z0-9-]+):before\{content:"\\([0-9a-f]+)"\}')


def only_icons(css: bytes, icons: list[str]) -> tuple[bytes, list[int]]:
    """The style sheet with the rules of `icons` alone, and their code points. KeyError: no such icon."""
    rules = {match[1].decode(): match for match in ICON.finditer(css)}
    kept = [rules[name] for name in icons]
    return ICON.sub(b"", css) + b"".join(match[0] for match in kept), [int(match[2], 16) for match in kept]


def only_glyphs(font: bytes, points: list[int]) -> bytes:
    """The WOFF2 font with the glyphs of `points` alone."""
    options = subset.Options(flavor="woff2", layout_features=[], notdef_outline=True)
    face = TTFont(io.BytesIO(font), recalcTimestamp=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=points)
    subsetter.subset(face)
    written = io.BytesIO()
    subset.save_font(face, written, options)
    return written.getvalue()


def cleaned(name: str, content: bytes) -> bytes:
    """The file's content without what points to files that are not served."""
    if name.endswith((".css", ".js")):
        content = SOURCE_MAP.sub(b"", content)
    if name.endswith(".css"):
        content = OTHER_FONTS.sub(b"", content)
    return content


def copy_served(modules: Path, target: Path) -> int:
    """Copy every served file from `modules` into a fresh `target`; returns their number."""
    package = json.loads((ROOT / "package.json").read_text())
    served: dict[str, str] = package["served"]
    contents = {name: cleaned(name, (modules / source).read_bytes()) for name, source in served.items()}
    contents[ICON_CSS], points = only_icons(contents[ICON_CSS], package["icons"])
    contents[ICON_FONT] = only_glyphs(contents[ICON_FONT], points)
    fresh = target.with_name(target.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    for name, content in contents.items():
        path = fresh / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)
    return len(served)


if __name__ == "__main__":
    copy_served(Path(sys.argv[1]), TARGET)
