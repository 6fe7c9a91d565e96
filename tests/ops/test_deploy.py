"""The samples for servers: as far as they can be tried without one."""

from __future__ import annotations

import configparser
import http.server
import os
import re
import shutil
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests.ops.conftest import ROOT, Fakes, script

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))


def unit(path: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(path, encoding="utf-8")
    return parser


# --- The environment file ---------------------------------------------------------------------------


def sample() -> str:
    return (DEPLOY / "landbureau.env").read_text(encoding="utf-8")


def test_every_variable_that_the_settings_read_is_explained() -> None:
    source = (ROOT / "landbureau" / "settings.py").read_text(encoding="utf-8")
    read = set(re.findall(r'env(?:\.\w+)?\(\s*"([A-Z_]+)"', source))
    explained = {name.removesuffix("_FILE") for name in re.findall(r"^#?([A-Z_]+)=", sample(), re.MULTILINE)}
    assert read
    assert read == explained


def test_the_sample_passes_the_checks_for_production(tmp_path: Path, plain_env: dict[str, str]) -> None:
    env = plain_env | script("suite").production() | {"DATA_DIR": str(tmp_path / "data")}
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


# --- systemd ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_units_are_hardened_and_refuse_an_unsafe_configuration(path: Path) -> None:
    service = unit(path)["Service"]
    assert service["User"] == "landbureau"
    assert service["ExecStartPre"].endswith("manage.py check --deploy --database default")
    assert service["EnvironmentFile"] == "/etc/landbureau/landbureau.env"
    assert service["ProtectSystem"] == "strict"
    assert service["NoNewPrivileges"] == "yes"
    assert service["StateDirectoryMode"] == "0750"
    assert service["Restart"] == "always"


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_the_command_of_a_unit_is_understood_by_its_program(path: Path, tmp_path: Path) -> None:
    python, *arguments = unit(path)["Service"]["ExecStart"].split()
    assert python == "/opt/landbureau/.venv/bin/python"
    config = ["--check-config"] if "gunicorn" in arguments else ["--help"]
    env = os.environ | {"DATA_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, *arguments, *config], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for argument in arguments[arguments.index("landbureau") + 2 :] if "celery" in arguments else []:
        if argument.startswith("--") and argument != "--loglevel":
            assert argument.split("=")[0] in done.stdout


def test_there_is_one_unit_for_each_process_of_the_demo() -> None:
    names = {path.stem.removeprefix("landbureau-") for path in UNITS}
    assert names == set(script("demo").commands(8000))


def test_systemd_finds_nothing_wrong_with_the_units() -> None:
    """Where systemd is not installed, the tests above are all there is."""
    program = shutil.which("systemd-analyze")
    if program is None:
        return
    done = subprocess.run([program, "verify", *UNITS], capture_output=True, text=True, check=False)
    wrong = [
        line
        for line in done.stderr.splitlines()
        if "landbureau" in line and "is not executable" not in line  # /opt/landbureau is not on this machine
    ]
    assert not wrong


# --- nginx --------------------------------------------------------------------------------------------


def test_nginx_passes_on_who_asks_and_how() -> None:
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    assert text.count("{") == text.count("}")
    for directive in (
        "proxy_set_header Host $host;",
        "proxy_set_header X-Forwarded-For $remote_addr;",
        "proxy_set_header X-Forwarded-Proto $scheme;",
        "return 301 https://",
    ):
        assert directive in text
    assert "TLSv1.1" not in text
    uploads = text.partition("location /desk/documents/ {")[2].partition("}")[0]
    most = re.search(r"client_max_body_size (\d+)m;", uploads)
    assert most
    assert int(most[1]) * 1024**2 == settings.UPLOAD_MOST_REQUEST_BYTES
    assert text.count("300m") == 1, "elsewhere nobody sends that much"
    ready = text.partition("location = /readyz {")[2].partition("}")[0]
    assert "deny all;" in ready, "it asks database and broker for everybody who calls it"


def test_nginx_itself_accepts_the_sample(tmp_path: Path) -> None:
    """Where nginx is not installed, the test above is all there is."""
    program = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
    if program is None:
        return
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=land.example.gov.cn"]
    subprocess.run([*request, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    site = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    site = site.replace("/etc/ssl/landbureau/fullchain.pem", str(certificate))
    site = site.replace("/etc/ssl/landbureau/privkey.pem", str(key))
    config = tmp_path / "nginx.conf"
    config.write_text(f"pid {tmp_path}/pid; error_log stderr; events {{}} http {{ {site} }}")
    done = subprocess.run([program, "-t", "-c", config], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


# --- Roles of the database ------------------------------------------------------------------------------


@pytest.mark.processes
def test_the_application_role_works_and_cannot_touch_the_audit_record(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "scripts/testservers.py", sys.executable, "-m", "tests.ops.roles"],
        cwd=ROOT,
        env={k: v for k, v in os.environ.items() if not k.startswith("COV_")} | {"DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


# --- Upgrade --------------------------------------------------------------------------------------------


class Healthy(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def health() -> Iterator[str]:
    """What the web answers once the services run."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Healthy) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/healthz"
        server.shutdown()


@pytest.fixture
def upgrade_env(program: Path, fakes: Fakes, plain_env: dict[str, str], health: str) -> dict[str, str]:
    """A server with SQLite: configuration, program under version control, a systemctl that takes notes."""
    config = program.parent / "etc"
    config.mkdir()
    (config / "secret-key").write_text("kq2!f9" * 10)
    lines = [
        f"SECRET_KEY_FILE={config / 'secret-key'}",
        "ALLOWED_HOSTS=land.example.gov.cn",
        f"DATA_DIR={program.parent / 'data'}",
        "BUREAU=xinhe",
        "TRUSTED_PROXIES=127.0.0.1",
    ]
    (config / "landbureau.env").write_text("\n".join(["# 样本", "", *lines]) + "\n")
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "first"]):
        subprocess.run([*git, *command], cwd=program, check=True)
    fakes.add("systemctl", "exit 0")
    user = subprocess.run(["id", "-un"], check=True, capture_output=True, text=True).stdout.strip()
    own = {"LANDBUREAU_CONFIG": str(config), "LANDBUREAU_USER": user, "LANDBUREAU_HEALTH": health}
    return plain_env | own | {"PATH": f"{fakes.folder}:{plain_env['PATH']}"}


def upgrade(program: Path, env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["sh", str(program / "deploy" / "upgrade.sh"), *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=300, check=False)


@pytest.mark.processes
def test_upgrade_backs_up_migrates_and_starts(
    program: Path, fakes: Fakes, upgrade_env: dict[str, str]
) -> None:
    first = upgrade(program, upgrade_env)
    assert first.returncode == 0, first.stderr
    data = program.parent / "data"
    assert (data / "db.sqlite3").exists()
    assert (data / "static" / "staticfiles.json").exists()
    assert "备份到" not in first.stdout, "there was nothing to back up yet"
    assert stat.S_IMODE(data.stat().st_mode) == 0o750

    second = upgrade(program, upgrade_env)
    assert second.returncode == 0, second.stderr
    assert len(list((data / "backups").glob("before-upgrade-*"))) == 1
    steps = [call.split()[1] for call in fakes.calls()]
    assert steps == ["stop", "start", "stop", "start"]


@pytest.mark.processes
def test_upgrade_stops_where_it_fails_and_says_how_to_go_back(
    program: Path, fakes: Fakes, upgrade_env: dict[str, str]
) -> None:
    config = Path(upgrade_env["LANDBUREAU_CONFIG"]) / "landbureau.env"
    config.write_text(config.read_text() + "DEBUG=1\n")
    done = upgrade(program, upgrade_env)
    assert done.returncode != 0
    assert "升级停在“检查配置”，服务没有启动" in done.stderr
    assert "git checkout" in done.stderr
    assert [call.split()[1] for call in fakes.calls()] == ["stop"]
    assert not (program.parent / "data" / "static").exists()


@pytest.mark.processes
def test_upgrade_to_an_unknown_version_changes_nothing(
    program: Path, fakes: Fakes, upgrade_env: dict[str, str]
) -> None:
    done = upgrade(program, upgrade_env, "v99")
    assert done.returncode != 0
    assert "升级停在“换成 v99”" in done.stderr
    assert [call.split()[1] for call in fakes.calls()] == ["stop"]
