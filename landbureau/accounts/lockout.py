"""Lockout after failed sign-ins: django-axes, and what the pages ask about it.

Five failures of one user name, or from one address, lock that name or address for 15 minutes (``AXES_*``
in the settings).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest


class LockoutHandler(AxesDatabaseHandler):
    """A success forgives a person's own slips at this address only.

    axes would forget every failure from the address: someone with an account could go on guessing the
    passwords of others by signing in now and then.
    """

    def reset_user_attempts(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        username = (credentials or {}).get("username")
        address = request.axes_ip_address  # type: ignore[attr-defined]
        count, _ = AccessAttempt.objects.filter(username=username, ip_address=address).delete()
        return count


def locked_until(now: datetime, *, username: str = "", address: str = "") -> datetime | None:
    """When this user name, or this address, may sign in again; both given: the later one. None: now."""
    recent = AccessAttempt.objects.filter(attempt_time__gte=now - settings.AXES_COOLOFF_TIME)
    ends = [
        _free_at(recent.filter(**{field: value}))
        for field, value in (("username", username), ("ip_address", address))
        if value
    ]
    return max(filter(None, ends), default=None)


def _free_at(attempts: QuerySet[AccessAttempt]) -> datetime | None:
    """When enough of these have become too old to count."""
    rows = list(attempts.order_by("attempt_time").values_list("attempt_time", "failures_since_start"))
    failures = sum(count for _, count in rows)
    end = None
    for time, count in rows:
        if failures < settings.AXES_FAILURE_LIMIT:
            break
        failures -= count
        end = time + settings.AXES_COOLOFF_TIME
    return end
