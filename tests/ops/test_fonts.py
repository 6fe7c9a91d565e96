"""The folders in which documents look for their fonts."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from landbureau.fonts import configure_fonts
from tests.ops.conftest import ROOT


@pytest.fixture(autouse=True)
def _unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FONTCONFIG_FILE", raising=False)
    monkeypatch.setattr(os, "environ", os.environ.copy())


def test_fontconfig_finds_the_fonts_of_the_bureau_beside_those_of_the_system(tmp_path: Path) -> None:
    listed = subprocess.run(["fc-list", "-f", "%{file}\n"], check=True, capture_output=True, text=True).stdout
    system = next(Path(line) for line in listed.splitlines() if "CJK" in line)
    own = tmp_path / "公文 & 字体"
    own.mkdir()
    shutil.copy(system, own)
    configure_fonts([own], tmp_path / "fonts.conf")
    env = os.environ | {"FONTCONFIG_FILE": str(tmp_path / "fonts.conf"), "XDG_CACHE_HOME": str(tmp_path)}
    found = subprocess.run(
        ["fc-list", "-f", "%{file}\n"], check=True, capture_output=True, text=True, env=env
    )
    assert {str(own / system.name), str(system)} <= set(found.stdout.splitlines())


def test_folders_that_are_not_there_are_left_out(tmp_path: Path) -> None:
    configure_fonts([tmp_path / "nowhere"], tmp_path / "fonts.conf")
    assert "nowhere" not in (tmp_path / "fonts.conf").read_text()


def test_the_file_is_written_only_when_something_changed(tmp_path: Path) -> None:
    conf = tmp_path / "fonts.conf"
    configure_fonts([], conf)
    before = conf.stat().st_mtime_ns
    configure_fonts([], conf)
    assert conf.stat().st_mtime_ns == before
    configure_fonts([tmp_path], conf)
    assert str(tmp_path) in conf.read_text()


def test_the_administrators_own_choice_is_left_alone(tmp_path: Path) -> None:
    os.environ["FONTCONFIG_FILE"] = "/etc/own.conf"
    configure_fonts([tmp_path], tmp_path / "fonts.conf")
    assert os.environ["FONTCONFIG_FILE"] == "/etc/own.conf"


RENDER = """
import sys
import django
django.setup()
from weasyprint import HTML
faces = ["FandolFang R", "FandolSong", "FandolHei", "FandolKai"]
line = "<p style='font-family: {}, Noto Serif CJK SC'>责令停止违法行为通知书</p>"
HTML(string="<html lang=zh>" + "".join(map(line.format, faces))).write_pdf(sys.argv[1])
"""


def test_a_document_is_set_in_the_official_faces(tmp_path: Path) -> None:
    """Those that set-up fetched; where it could not, Noto takes their place (docs/operations.md)."""
    pdf = tmp_path / "notice.pdf"
    env = os.environ | {"DATA_DIR": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)}
    env["DJANGO_SETTINGS_MODULE"] = "landbureau.settings"
    subprocess.run([sys.executable, "-c", RENDER, pdf], cwd=ROOT, env=env, check=True)
    text = subprocess.run(["pdftotext", pdf, "-"], check=True, capture_output=True, text=True).stdout
    assert text.split() == ["责令停止违法行为通知书"] * 4
    fonts = subprocess.run(["pdffonts", pdf], check=True, capture_output=True, text=True).stdout
    fetched = {path.stem.split("-")[0] for path in (ROOT / "var" / "fonts").glob("Fandol*-Regular.otf")}
    for face in fetched or {"Noto"}:
        assert face in fonts, fonts
