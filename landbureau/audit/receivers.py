"""Sign-ins and sign-outs in the record. Recording only: nothing is decided here.

While a name or address is locked, django-axes refuses without trying the password. The record holds the
failures and the moment of the lock, not the refused attempts: they are without limit, and rows stay.
"""

from __future__ import annotations

from typing import Any

from axes.signals import user_locked_out
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models import Model
from django.dispatch import receiver
from django.http import HttpRequest

from landbureau.audit.models import Entry
from landbureau.audit.services import record
from landbureau.web.network import client_ip


@receiver(user_logged_in)
def record_sign_in(request: HttpRequest, user: Model, **kwargs: Any) -> None:
    record(Entry.Action.SIGN_IN, actor=user, text=str(user), subject=user, address=client_ip(request))


@receiver(user_logged_out)
def record_sign_out(request: HttpRequest, user: Model | None, **kwargs: Any) -> None:
    if user is not None:
        record(Entry.Action.SIGN_OUT, actor=user, text=str(user), subject=user, address=client_ip(request))


@receiver(user_login_failed)
def record_failure(credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any) -> None:
    """Django has already blanked the password."""
    if request is None or _refused_while_locked(request):
        return
    _record_unproven(Entry.Action.SIGN_IN_FAILED, credentials.get("username"), request)


@receiver(user_locked_out)
def record_lock(request: HttpRequest, username: str | None, **kwargs: Any) -> None:
    if not _refused_while_locked(request):
        _record_unproven(Entry.Action.LOCKED_OUT, username, request)


def _refused_while_locked(request: HttpRequest) -> bool:
    """axes leaves the number of failures empty when it refused without trying the password."""
    return (
        getattr(request, "axes_locked_out", False)
        and getattr(request, "axes_failures_since_start", None) is None
    )


def _record_unproven(action: int, username: str | None, request: HttpRequest) -> None:
    """Somebody used the name: the account is the row's object, not its actor.

    A name that nobody has may be a password typed into the wrong field, and rows stay: only its beginning
    and its length are kept.
    """
    username = (username or "")[:150].replace("\0", "")
    subject = get_user_model()._default_manager.filter(username=username).first()
    if not username:
        text = "（未填写账号）"
    else:
        text = username if subject else f"{username[:2]}…（{len(username)} 个字符，无此账号）"
    record(
        action,
        actor=None,
        text=text,
        subject=subject,
        address=client_ip(request),
    )
