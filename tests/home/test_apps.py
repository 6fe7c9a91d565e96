"""What the program makes at its start, and what importing its settings does not."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

from django.conf import settings


def python(script: str, data: Path) -> None:
    env = os.environ | {"DATA_DIR": str(data), "DJANGO_SETTINGS_MODULE": "landbureau.settings"}
    subprocess.run([sys.executable, "-c", script], cwd=settings.BASE_DIR, env=env, check=True)


def test_settings_are_read_without_a_trace(tmp_path: Path) -> None:
    python("import landbureau.settings", tmp_path / "data")
    assert not (tmp_path / "data").exists()


def test_the_program_makes_its_data_folder_for_itself_alone(tmp_path: Path) -> None:
    python("import django; django.setup()", tmp_path / "data")
    assert (tmp_path / "data" / "fonts.conf").exists()
    assert not stat.S_IMODE((tmp_path / "data").stat().st_mode) & stat.S_IRWXO
