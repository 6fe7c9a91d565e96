"""``/readyz``: whether this process can serve people. 200 or 503, no detail; the reason is in the log.

Answered before sessions, redirects and the check of the host name, because a load balancer asks by address.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, HttpResponse

logger = logging.getLogger(__name__)
PATIENCE = 2  # seconds for each part; a probe that waits longer tells nothing


class ReadinessMiddleware:
    """Answers ``/readyz``."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path != "/readyz" or request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        try:
            reason = reason_not_ready()
        except DatabaseError as error:
            reason = f"database: {error}"
        if reason:
            logger.warning("not ready: %s", reason)
        return HttpResponse(
            "not ready\n" if reason else "ready\n",
            status=503 if reason else 200,
            content_type="text/plain; charset=utf-8",
            headers={"Cache-Control": "no-store"},
        )


def reason_not_ready() -> str:
    """Why not (English, for the log); empty if all is well. Raises ``DatabaseError``."""
    if missing := known_migrations() - applied_migrations():
        return f"{len(missing)} migrations are not applied"
    return "" if broker_answers() else "the broker does not answer"


@cache
def known_migrations() -> frozenset[tuple[str, str]]:
    """Those of this code; they do not change while the process lives."""
    return frozenset(MigrationLoader(None).disk_migrations)


def applied_migrations() -> set[tuple[str, str]]:
    """Those of the database, by a connection that does not wait for a server that hangs."""
    query = "SELECT app, name FROM django_migrations"
    if connection.vendor != "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(query)
            return set(cursor.fetchall())

    import psycopg

    parameters = connection.get_connection_params() | {
        "connect_timeout": PATIENCE,
        "tcp_user_timeout": PATIENCE * 1000,
        "options": f"-c statement_timeout={PATIENCE * 1000}",
    }
    try:
        with psycopg.connect(**parameters) as own:
            return set(own.execute(query).fetchall())
    except psycopg.Error as error:
        raise DatabaseError(str(error)) from error


def broker_answers() -> bool:
    """Whether work can be handed to the workers; says nothing about whether there are any."""
    if not settings.REDIS_URL:
        folder = Path(str(settings.CELERY_BROKER_TRANSPORT_OPTIONS["data_folder_out"]))
        there = next(place for place in (folder, *folder.parents) if place.exists())  # made on first use
        return there.is_dir() and os.access(there, os.R_OK | os.W_OK | os.X_OK)
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE
        ) as server:
            return bool(server.ping())
    except redis.RedisError:
        return False
