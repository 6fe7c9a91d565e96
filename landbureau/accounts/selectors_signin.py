"""Reads about sign-ins and sessions."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet

from landbureau.accounts.models import Session, User
from landbureau.audit.models import Entry

EMERGENCY_SIGN_IN = "应急账号登录"


def open_sessions(user: User, now: datetime) -> QuerySet[Session]:
    """The person's sessions that have not ended, most recently used first."""
    return user.sessions.filter(expire_date__gt=now).order_by("-last_seen_at")


def why_signed_out(session_key: str, now: datetime) -> Literal["", "idle", "limit", "ended"]:
    """Why the session of a cookie is no longer one: too long idle, too old, or ended from elsewhere."""
    if not session_key:
        return ""
    session = Session.objects.filter(pk=session_key).first()
    if session is None:
        return "ended"
    if session.signed_in_at is None:
        return ""
    if session.expire_date > now:  # the account was deactivated
        return "ended"
    oldest = now - timedelta(seconds=settings.SESSION_LONGEST)
    return "limit" if session.signed_in_at <= oldest else "idle"


def recent_sign_ins(user: User, limit: int = 10) -> list[Entry]:
    """The last sign-ins with the person's name, the failed ones too: a stranger's attempt is seen here."""
    actions = (Entry.Action.SIGN_IN, Entry.Action.SIGN_IN_FAILED, Entry.Action.LOCKED_OUT)
    content_type = ContentType.objects.get_for_model(User)
    rows = Entry.objects.filter(content_type=content_type, object_id=user.pk, action__in=actions)
    return list(rows.order_by("-timestamp", "-pk")[:limit])


def emergency_sign_ins(since: datetime) -> QuerySet[Entry]:
    """Sign-ins of the break-glass account (superuser), newest first: for the status page and the desk."""
    return Entry.objects.filter(
        action=Entry.Action.SIGN_IN, object_repr=EMERGENCY_SIGN_IN, timestamp__gte=since
    ).select_related("actor")
