"""A copy of the program in a folder with spaces in its name, set up already."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


def sha256(*paths: Path) -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()


def script(name: str) -> ModuleType:
    """A file of ``scripts/`` as a module."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """What is under version control (changes included), with this run's Python as its environment."""
    copy = tmp_path / "land bureau 国土"
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    shutil.copytree(
        ROOT / "landbureau" / "web" / "static" / "vendor", copy / "landbureau" / "web" / "static" / "vendor"
    )
    (copy / "var" / "fonts").mkdir(parents=True)
    (copy / "var" / "fonts" / "FandolSong-Regular.otf").touch()
    python = copy / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    for name in ("requirements.txt", "requirements-test.txt"):
        (copy / ".venv" / f"installed-{name}").write_text(sha256(copy / name))
    (copy / "landbureau" / "web" / "static" / "vendor" / ".installed").write_text(
        sha256(copy / "package.json", copy / "package-lock.json", copy / "scripts" / "vendor.py")
    )
    return copy


OWN = {"DATABASE_URL", "REDIS_URL", "DATA_DIR", "DJANGO_SETTINGS_MODULE", "HTTPS", "PORT", "BUREAU", "FRESH"}
OWN |= {"MAKEFLAGS", "MAKELEVEL", "MFLAGS", "DJANGO_ALLOW_ASYNC_UNSAFE"}


@pytest.fixture
def plain_env() -> dict[str, str]:
    """This environment without what belongs to the test run."""
    return {k: v for k, v in os.environ.items() if k not in OWN and not k.startswith(("PYTEST_", "COV_"))}


class Fakes:
    """Programs that stand in the way of the real ones, and note how they were called."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.log = folder / "fakes", folder / "calls"
        self.folder.mkdir()
        self.log.touch()

    def add(self, name: str, script: str) -> None:
        path = self.folder / name
        path.write_text(f'#!/bin/sh\necho "{name} $*" >>"{self.log}"\n{script}\n')
        path.chmod(0o755)

    def only(self, *names: str) -> None:
        """The real programs that remain when the PATH is this folder alone."""
        for name in names:
            real = shutil.which(name)
            assert real, name
            (self.folder / name).symlink_to(real)

    def calls(self) -> list[str]:
        return self.log.read_text().splitlines()


@pytest.fixture
def fakes(tmp_path: Path) -> Fakes:
    return Fakes(tmp_path)
