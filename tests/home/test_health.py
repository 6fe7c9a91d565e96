"""``/healthz`` and ``/readyz``, asked as a load balancer asks: by address, over HTTP, without a session."""

from __future__ import annotations

import time
from typing import Any

import psycopg
import pytest
import redis
from django.db import DatabaseError, connection
from django.test import Client

from landbureau.home import health

PROBE = {"SERVER_NAME": "10.0.0.5"}


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_a_probe_by_address_is_answered(address: str, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.ALLOWED_HOSTS = ["gtzy.example.cn"]
    response = Client().get(address, **PROBE)
    assert response.status_code == 200
    assert not response.cookies


def test_healthz_touches_no_database() -> None:
    """No ``django_db`` mark: a query would raise."""
    assert Client().get("/healthz").status_code == 200


@pytest.mark.django_db
def test_other_methods_go_on_to_the_pages() -> None:
    assert Client().post("/readyz").status_code == 404


@pytest.mark.django_db
def test_a_migration_that_has_not_run_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "known_migrations", lambda: frozenset({("accounts", "9999_later")}))
    assert_not_ready()


def test_a_database_that_does_not_answer_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> set[tuple[str, str]]:
        raise DatabaseError("connection refused")

    monkeypatch.setattr(health, "applied_migrations", fail)
    assert_not_ready()


@pytest.mark.django_db
def test_a_broker_that_does_not_answer_is_not_ready(settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert_not_ready()


@pytest.mark.django_db
def test_a_broker_folder_that_is_gone_is_not_ready(settings: Any) -> None:
    settings.REDIS_URL = ""
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_out": "/dev/null/broker"}
    assert_not_ready()


@pytest.mark.django_db
def test_a_broker_that_answers_is_ready(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(redis.Redis, "ping", lambda server: True)
    assert Client().get("/readyz").status_code == 200


def test_postgresql_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """An address that swallows packets: given up within the patience, told as a database error."""
    monkeypatch.setattr(connection, "vendor", "postgresql")
    monkeypatch.setattr(
        connection, "get_connection_params", lambda: {"host": "192.0.2.1", "dbname": "x", "user": "x"}
    )
    began = time.monotonic()
    with pytest.raises(DatabaseError) as error:
        health.applied_migrations()
    assert time.monotonic() - began < 2 * health.PATIENCE
    assert isinstance(error.value.__cause__, psycopg.Error)


def assert_not_ready() -> None:
    response = Client().get("/readyz", **PROBE)
    assert response.status_code == 503
    assert response.content == b"not ready\n"
