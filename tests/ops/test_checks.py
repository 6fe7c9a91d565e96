"""Every dangerous setting is refused by the check that is meant for it, and a sound production by none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.checks import CheckMessage
from django.db import DatabaseError

from landbureau import checks
from landbureau.accounts import demo
from landbureau.accounts.models import User
from tests.factories import UserFactory

SOUND: dict[str, Any] = {
    "DEBUG": False,
    "DEMO": False,
    "SECRET_KEY": "kq2!f9" * 10,
    "ALLOWED_HOSTS": ["land.example.gov.cn", "localhost"],
    "HTTPS": True,
    "SECURE_SSL_REDIRECT": True,
    "SECURE_HSTS_SECONDS": 31536000,
    "SESSION_COOKIE_SECURE": True,
    "CSRF_COOKIE_SECURE": True,
    "TRUSTED_PROXIES": ["127.0.0.1", "10.0.0.0/28"],
    "REDIS_URL": "redis://localhost/0",
    "BUREAU": "xinhe",
}

DANGEROUS = [
    ("landbureau.E001", {"DEBUG": True}),
    ("landbureau.E002", {"DEMO": True}),
    ("landbureau.E003", {"SECRET_KEY": "django-insecure-for-the-demo-only"}),
    ("landbureau.E003", {"SECRET_KEY": "django-insecure-" + "kq2!f9" * 10}),
    ("landbureau.E003", {"SECRET_KEY": "kq2!f9" * 8}),
    ("landbureau.E003", {"SECRET_KEY": "ab" * 40}),
    ("landbureau.E004", {"ALLOWED_HOSTS": ["*"]}),
    ("landbureau.E004", {"ALLOWED_HOSTS": ["land.example.gov.cn", "*"]}),
    ("landbureau.E005", {"ALLOWED_HOSTS": ["localhost", "127.0.0.1"]}),
    ("landbureau.E005", {"ALLOWED_HOSTS": []}),
    ("landbureau.E006", {"HTTPS": False}),
    ("landbureau.E006", {"SECURE_SSL_REDIRECT": False}),
    ("landbureau.E006", {"SECURE_HSTS_SECONDS": 0}),
    ("landbureau.E007", {"SESSION_COOKIE_SECURE": False}),
    ("landbureau.E007", {"SESSION_COOKIE_HTTPONLY": False}),
    ("landbureau.E007", {"CSRF_COOKIE_SECURE": False}),
    ("landbureau.W008", {"TRUSTED_PROXIES": []}),
    ("landbureau.W012", {"REDIS_URL": ""}),
    ("landbureau.E013", {"BUREAU": "atlantis"}),
    ("landbureau.E013", {"BUREAU": ""}),
    ("landbureau.E014", {"TRUSTED_PROXIES": ["nginx"]}),
    ("landbureau.E015", {"TRUSTED_PROXIES": ["127.0.0.1", "0.0.0.0/0"]}),
    ("landbureau.E015", {"TRUSTED_PROXIES": ["::/0"]}),
    ("landbureau.E016", {"CONTENT_SECURITY_POLICY": {"DIRECTIVES": {"img-src": ["'self'"]}}}),
    (
        "landbureau.E016",
        {
            "CONTENT_SECURITY_POLICY": {
                "DIRECTIVES": {"default-src": ["'self'"], "style-src": ["'unsafe-inline'"]}
            }
        },
    ),
]


@pytest.fixture
def production(settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LazySettings:
    tmp_path.chmod(0o750)
    monkeypatch.setattr(checks, "connection", SimpleNamespace(vendor="postgresql"))
    for name, value in (SOUND | {"DATA_DIR": tmp_path}).items():
        setattr(settings, name, value)
    return settings


def messages() -> list[CheckMessage]:
    return checks.check_production() + checks.check_always()


def test_sound_production_is_clean(production: LazySettings) -> None:
    assert messages() == []


@pytest.mark.parametrize(("expected", "change"), DANGEROUS)
def test_each_dangerous_setting_is_refused_by_its_own_check(
    production: LazySettings, expected: str, change: dict[str, Any]
) -> None:
    for name, value in change.items():
        setattr(production, name, value)
    assert [message.id for message in messages()] == [expected]
    assert messages()[0].hint


def test_data_inside_the_program_is_refused(production: LazySettings, tmp_path: Path) -> None:
    production.BASE_DIR = tmp_path.parent
    assert [message.id for message in messages()] == ["landbureau.E009"]


@pytest.mark.parametrize("mode", [0o755, 0o751, 0o777])
def test_data_open_to_everybody_is_refused(production: LazySettings, tmp_path: Path, mode: int) -> None:
    tmp_path.chmod(mode)
    assert [message.id for message in messages()] == ["landbureau.E010"]


def test_sqlite_is_warned_of(production: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "connection", SimpleNamespace(vendor="sqlite"))
    assert [message.id for message in messages()] == ["landbureau.W011"]


@pytest.mark.django_db
def test_demo_accounts_with_the_published_password_are_refused() -> None:
    def found() -> list[str]:
        return [str(message.id) for message in checks.check_demo_accounts(databases=["default"])]

    user = UserFactory(username=demo.demo_accounts()[0].username, password=demo.PASSWORD)
    UserFactory(username="somebody", password=demo.PASSWORD)
    (message,) = checks.check_demo_accounts(databases=["default"])
    assert (message.id, user.username in message.msg) == ("landbureau.E017", True)
    assert message.hint
    assert "somebody" not in message.msg
    assert checks.check_demo_accounts() == [], "only when the database may be asked"
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert found() == []
    User.objects.filter(pk=user.pk).update(is_active=True)
    user.refresh_from_db()
    user.set_password("Eigenes-Wort-9")
    user.save()
    assert found() == []


def test_without_tables_the_demo_accounts_are_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_table(**conditions: Any) -> None:
        raise DatabaseError("no such table: accounts_user")

    monkeypatch.setattr(checks, "User", SimpleNamespace(objects=SimpleNamespace(filter=no_table)))
    assert checks.check_demo_accounts(databases=["default"]) == []


def test_every_check_has_a_case() -> None:
    source = Path(checks.__file__).read_text(encoding="utf-8")
    with_case = {code for code, _ in DANGEROUS}
    with_case |= {f"landbureau.{code}" for code in ("E009", "E010", "W011", "E017")}
    ids = {part.split('"')[0] for part in source.split('id="')[1:]}
    assert ids == with_case


@pytest.mark.parametrize(
    ("demo", "cookies", "locked_by"),
    [
        ("1", ("sessionid_hongjiang", "csrftoken_hongjiang"), ["username"]),
        ("0", ("sessionid", "csrftoken"), ["username", "ip_address"]),
    ],
)
def test_only_demos_share_a_machine(
    demo: str, cookies: tuple[str, str], locked_by: list[str], tmp_path: Path
) -> None:
    """Two demos differ in their port, of which cookies know nothing; all their people have one address."""
    code = (
        "from django.conf import settings as s;"
        "print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, *s.AXES_LOCKOUT_PARAMETERS)"
    )
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "landbureau.settings",
        "DEMO": demo,
        "BUREAU": "hongjiang",
        "DATA_DIR": str(tmp_path),
    }
    said = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert said.stdout.split() == [*cookies, *locked_by]
