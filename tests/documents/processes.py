"""Processes of their own, and points where two of them meet; for ``races.py``."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable

from django.conf import settings
from django.db import connections


def fork(work: Callable[[], None]) -> int:
    """Do it in a process of its own, with its own connections; it ends with status 0 if all went well."""
    connections.close_all()
    pid = os.fork()
    if pid:
        return pid
    try:
        work()
    except BaseException as error:
        print(repr(error), file=sys.stderr, flush=True)
        os._exit(1)
    os._exit(0)


def ended(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def meet(place: str, side: int) -> None:
    """Wait until the other process is here too."""
    (settings.DATA_DIR / f"{place}-{side}").touch()
    until = time.monotonic() + 120  # a busy machine
    while not (settings.DATA_DIR / f"{place}-{1 - side}").exists():
        assert time.monotonic() < until, f"alone at {place}"
        time.sleep(0.001)
