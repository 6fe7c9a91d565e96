"""Which fonts documents are set in: fontconfig's list of folders for this installation."""

import os
from collections.abc import Iterable
from pathlib import Path
from xml.sax.saxutils import escape

TEMPLATE = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
{folders}
</fontconfig>
"""


def configure_fonts(folders: Iterable[Path], conf: Path) -> None:
    """Let WeasyPrint find the fonts in `folders` besides the system's, through the file `conf`.

    Must run before fontconfig is loaded. An administrator's own ``FONTCONFIG_FILE`` is left alone.
    """
    lines = [f"  <dir>{escape(str(folder))}</dir>" for folder in folders if folder.is_dir()]
    content = TEMPLATE.format(folders="\n".join(lines))
    if not conf.exists() or conf.read_text(encoding="utf-8") != content:
        part = conf.with_name(f"{conf.name}.{os.getpid()}")  # several processes start at once
        part.write_text(content, encoding="utf-8")
        part.replace(conf)
    os.environ.setdefault("FONTCONFIG_FILE", str(conf))
