"""The addresses of ``/desk/imports/``. A table is the whole bureau's: a part of it opens nothing."""

from __future__ import annotations

from django.core.files.base import ContentFile

from landbureau.accounts.imports import Staff
from landbureau.imports.models import ImportSession
from tests.imports.sessions import clear_report, make_session
from tests.urlwalk import UrlCase, World

NAME = "人员名单.csv"
MAY = Staff.permission


def checked(world: World) -> tuple[int]:
    return (make_session(world.right).pk,)


def listed(world: World) -> tuple[()]:
    checked(world)
    return ()


def broken(world: World) -> tuple[int]:
    """The job that had it is gone."""
    return (make_session(world.right, state=ImportSession.State.CHECKING).pk,)


def refused(world: World) -> tuple[int]:
    return (make_session(world.right, state=ImportSession.State.REFUSED, told="文件有密码。").pk,)


def done(world: World) -> tuple[int]:
    session = make_session(world.right, clear_report(), state=ImportSession.State.DONE)
    session.finished_at = session.checked_at
    session.restore.save("restore", ContentFile(b"PK"))
    return (session.pk,)


def staff(world: World) -> tuple[str]:
    return ("staff",)


def name(world: World) -> str:
    return NAME


CASES = [
    UrlCase("imports:imports", MAY, bureau_wide=True, args=listed, shows=name),
    UrlCase("imports:table", MAY, bureau_wide=True, args=staff, is_file=True),
    UrlCase("imports:empty_table", MAY, bureau_wide=True, args=staff, is_file=True),
    UrlCase("imports:session", MAY, bureau_wide=True, args=checked, shows=name),
    UrlCase("imports:session", MAY, bureau_wide=True, args=broken, shows=name),
    UrlCase("imports:session", MAY, bureau_wide=True, args=refused, shows=name),
    UrlCase("imports:session", MAY, bureau_wide=True, args=done, shows=name),
    UrlCase("imports:progress", MAY, bureau_wide=True, args=checked, right_status=302),
    UrlCase("imports:columns", MAY, bureau_wide=True, args=checked, method="post", right_status=302),
    UrlCase("imports:answer", MAY, bureau_wide=True, args=checked, method="post", right_status=400),
    UrlCase("imports:cell", MAY, bureau_wide=True, args=checked, method="post", right_status=400),
    UrlCase("imports:leave_out", MAY, bureau_wide=True, args=checked, method="post", right_status=400),
    UrlCase("imports:accept", MAY, bureau_wide=True, args=checked, method="post", right_status=302),
    UrlCase("imports:check", MAY, bureau_wide=True, args=checked, method="post", right_status=302),
    UrlCase("imports:confirm", MAY, bureau_wide=True, args=checked, method="post", right_status=302),
    UrlCase("imports:leave", MAY, bureau_wide=True, args=checked, method="post", right_status=302),
    UrlCase("imports:result", MAY, bureau_wide=True, args=checked, is_file=True),
    UrlCase("imports:restore", MAY, bureau_wide=True, args=done, is_file=True),
]
