"""The checks and the tests, stage by stage, with the time of each.

    python scripts/suite.py check   the checks and the fast tests, on SQLite
    python scripts/suite.py test    everything, on SQLite and on a private PostgreSQL and Redis
    python scripts/suite.py coverage    everything on SQLite, with what no test reaches

Every stage runs, also after one has failed. Exit status 0 only if all of them passed and no test was skipped.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "deploy" / "landbureau.env"
# Of the person who runs this; the sample names every variable that the settings read.
VARIABLES = re.findall(r"^#?([A-Z_]+?)(?:_FILE)?=", SAMPLE.read_text(encoding="utf-8"), re.MULTILINE)
OWN_SETTINGS = {*VARIABLES, *(f"{name}_FILE" for name in VARIABLES)}
# Rendering, whole demos, pages by the dozen: not for ``make check``, which is to be quick.
SLOW = (
    "accounts/test_access",
    "accounts/test_demo",
    "accounts/test_views_people",
    "documents/test_content",
    "documents/test_delivered_kinds",
    "documents/test_demo",
    "documents/test_docx",
    "documents/test_kind_views",
    "documents/test_life",
    "documents/test_paper_limits",
    "documents/test_pdf",
    "documents/test_pictures",
    "documents/test_views_acts",
    "documents/test_views_desk",
    "documents/test_views_drafting",
    "documents/test_views_printing",
    "documents/test_views_register",
    "documents/test_views_service",
    "home/test_backup",
    "home/test_supply_todos",
    "imports/test_corpus",
    "imports/test_fuzz",
    "imports/test_reading_apart",
    "imports/test_reading_mutations",
    "imports/test_views",
    "imports/test_views_steps",
    "supply/test_demo",
    "supply/test_kinds",
    "supply/test_notices_pages",
    "supply/test_oracle",
    "supply/test_overview",
    "supply/test_projection",
    "supply/test_sweep",
    "supply/test_views_acts",
    "supply/test_views_detail",
    "supply/test_views_entry",
    "supply/test_views_lists",
    "supply/test_views_visits",
    "web/test_admin_tables",
    "web/test_every_url",
    "web/test_odd_input",
    "web/test_uploads",
    "workdays/test_views",
)
CORES = str(len(os.sched_getaffinity(0)))


@dataclass
class Stage:
    name: str
    command: list[str]
    env: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    passed: bool = False


def production() -> dict[str, str]:
    """The environment of the sample for servers, its secrets filled in."""
    lines = [line for line in SAMPLE.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    env = dict(line.split("=", 1) for line in lines)
    del env["SECRET_KEY_FILE"]
    return env | {"SECRET_KEY": "".join(chr(33 + i % 90) for i in range(64)), "DATA_DIR": tempfile.mkdtemp()}


def python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]


def checks() -> list[Stage]:
    manage = python("manage.py")
    return [
        Stage("format", python("-m", "ruff", "format", "--check", ".")),
        Stage("lint", python("-m", "ruff", "check", ".")),
        Stage("types", python("-m", "mypy")),
        Stage("floors", python("-c", "from importlinter.cli import lint_imports_command as run; run()")),
        Stage("migrations", [*manage, "makemigrations", "--check", "--dry-run"]),
        Stage("production", [*manage, "check", "--deploy", "--fail-level", "WARNING"], production()),
    ]


def pytest(name: str, report: Path, *arguments: str) -> Stage:
    return Stage(name, python("-m", "pytest", "-n", CORES, f"--junitxml={report}", *arguments))


def stages(suite: str, reports: Path) -> list[Stage]:
    if suite == "check":
        fast = ("-m", "not browser and not processes", *(f"--ignore=tests/{path}.py" for path in SLOW))
        return [*checks(), pytest("fast tests", reports / "fast.xml", *fast)]
    if suite == "coverage":
        return [pytest("coverage", reports / "coverage.xml", "--cov", "--cov-report=term")]
    sqlite = pytest("tests on SQLite", reports / "sqlite.xml", "--durations=10")
    # Set-up and deployment choose their databases themselves: once is enough.
    elsewhere = [f"--ignore=tests/ops/test_{name}.py" for name in ("setup", "deploy", "checks", "fonts")]
    servers = pytest(
        "tests on PostgreSQL and Redis",
        reports / "servers.xml",
        "--of-database",
        "-m",
        "not browser",
        *elsewhere,
    )
    servers.command = python("scripts/testservers.py", *servers.command)
    return [*checks(), sqlite, servers]


def run(stage: Stage) -> None:
    print(f"\n--- {stage.name}", flush=True)
    env = {name: value for name, value in os.environ.items() if name not in OWN_SETTINGS} | stage.env
    began = time.monotonic()
    stage.passed = subprocess.run(stage.command, cwd=ROOT, env=env, check=False).returncode == 0
    stage.seconds = time.monotonic() - began


def counts(reports: Path) -> tuple[int, int]:
    """Tests that passed and that did not, in all reports."""
    passed = failed = 0
    for path in reports.glob("*.xml"):
        for result in ElementTree.parse(path).iter("testsuite"):
            bad = sum(int(result.get(kind, 0)) for kind in ("failures", "errors", "skipped"))
            failed += bad
            passed += int(result.get("tests", 0)) - bad
    return passed, failed


def main(suite: str) -> int:
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        reports = Path(folder)
        done = stages(suite, reports)
        for stage in done:
            run(stage)
        passed, failed = counts(reports)
    print()
    for stage in done:
        print(f"{'passed' if stage.passed else 'FAILED'} {stage.seconds:7.1f} s  {stage.name}")
    print(f"{'':6} {time.monotonic() - began:7.1f} s  in all")
    print(f"{passed} passed, {failed} failed", flush=True)
    return 0 if all(stage.passed for stage in done) and not failed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
