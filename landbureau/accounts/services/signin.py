"""Writes about sign-ins, passwords and sessions."""

from __future__ import annotations

from axes.models import AccessAttempt
from django.db import transaction

from landbureau.accounts.models import Session, User
from landbureau.accounts.passwords import temporary_password
from landbureau.accounts.selectors_signin import EMERGENCY_SIGN_IN
from landbureau.audit.models import Entry
from landbureau.audit.services import record


@transaction.atomic
def change_password(*, user: User, password: str, kept_session: str | None = None) -> None:
    """Set a person's own new password (already validated); every session but ``kept_session`` ends."""
    _set_password(user, password, first=False)
    end_sessions(user=user, but=kept_session)
    record(Entry.Action.UPDATE, actor=user, subject=user, text=f"修改本人密码：{user}")


@transaction.atomic
def reset_password(*, user: User, actor: User) -> str:
    """Give a person a temporary password, to be changed at the next sign-in. Returned once, stored nowhere.

    The person's sessions end, and failed sign-ins are forgiven.
    """
    password = temporary_password()
    _set_password(user, password, first=True)
    end_sessions(user=user)
    AccessAttempt.objects.filter(username=user.username).delete()
    record(Entry.Action.UPDATE, actor=actor, subject=user, text=f"重置密码：{user}")
    return password


@transaction.atomic
def unlock(*, user: User, actor: User) -> None:
    """Forgive a person's failed sign-ins."""
    AccessAttempt.objects.filter(username=user.username).delete()
    record(Entry.Action.UPDATE, actor=actor, subject=user, text=f"解除登录锁定：{user}")


def end_sessions(*, user: User, but: str | None = None) -> int:
    """End the person's sessions, but the one with the key ``but``. The caller records it."""
    count, _ = user.sessions.exclude(pk=but or "").delete()
    return count


@transaction.atomic
def end_other_sessions(*, user: User, kept_session: str | None) -> int:
    """The person ends every session of their own but one. Returns how many."""
    count = end_sessions(user=user, but=kept_session)
    record(Entry.Action.SIGN_OUT, actor=user, subject=user, text=f"结束本人其他 {count} 处登录")
    return count


@transaction.atomic
def end_session(*, session: Session, actor: User) -> None:
    """End one session from elsewhere."""
    text = f"结束 {session.user} 在 {session.device}（{session.address or '地址不详'}）的登录"
    session.delete()
    record(Entry.Action.SIGN_OUT, actor=actor, subject=session.user, text=text)


def note_emergency_sign_in(*, user: User) -> None:
    """The break-glass account is in use: a row of the record that ``emergency_sign_ins`` finds."""
    record(Entry.Action.SIGN_IN, actor=user, subject=user, text=EMERGENCY_SIGN_IN)


def _set_password(user: User, password: str, *, first: bool) -> None:
    user.set_password(password)
    user.must_change_password = first
    user.save(update_fields=["password", "must_change_password"])
