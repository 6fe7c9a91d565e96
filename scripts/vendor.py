"""Copy the browser files named under "served" in package.json from node_modules to the static files.

Comments that point to source maps and fonts in formats that are not served are cut out: the manifest
storage refuses a style sheet that names a file which is not there.
"""

import json
import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "landbureau" / "web" / "static" / "vendor"
SOURCE_MAP = re.compile(rb"/\*# sourceMappingURL=[^*]*\*/|//# sourceMappingURL=\S*")
OTHER_FONTS = re.compile(rb',\s*url\("[^"]*\.(?:woff|ttf)\?[^"]*"\)\s*format\("(?:woff|truetype)"\)')


def cleaned(name: str, content: bytes) -> bytes:
    """The file's content without what points to files that are not served."""
    if name.endswith((".css", ".js")):
        content = SOURCE_MAP.sub(b"", content)
    if name.endswith(".css"):
        content = OTHER_FONTS.sub(b"", content)
    return content


def copy_served(modules: Path, target: Path) -> int:
    """Copy every served file from `modules` into a fresh `target`; returns their number."""
    served: dict[str, str] = json.loads((ROOT / "package.json").read_text())["served"]
    fresh = target.with_name(target.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    for name, source in served.items():
        path = fresh / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(cleaned(name, (modules / source).read_bytes()))
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)
    return len(served)


if __name__ == "__main__":
    copy_served(Path(sys.argv[1]), TARGET)
