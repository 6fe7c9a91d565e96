"""Tables out of any file that an office may bring: xlsx, xls, ods, csv and other text, docx.

Files are hostile until they have been read. Each is read in a process of its own (``child``) whose time and
memory are bounded; it hands over some rows at a time, so that no sheet is ever held as a whole here.
"""

from __future__ import annotations

import io
import logging
import shutil
import subprocess
import sys
from collections import deque
from collections.abc import Generator, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore, Timer
from time import monotonic
from typing import IO

from landbureau.imports.errors import FileRefused

from . import child, refusals
from .cells import Bad, Cell
from .frames import Failed, Frame, Head, Merge, Row, from_line
from .refusals import Refused

__all__ = ["Bad", "Cell", "Sheet", "a_place", "open_tables"]

MOST_BYTES = 30 * 1024**2
MOST_CPU = 60  # seconds that a file may cost; 100,000 rows of 20 columns take three as xlsx, eight as ods
MOST_TIME = 120  # seconds by the clock that we wait for it, on a busy machine
MOST_MEMORY = 1024**3  # bytes of addresses; the same file takes 400 MB
MOST_LINE = 64 * 1024**2  # bytes; 200 rows of 20 columns take 60 kB
PIECE = 1024**2
MOST_WAIT = 30  # seconds until a place is free
MOST_AT_ONCE = 2  # files read for one process of ours: each may take ``child.MOST_MEMORY``

_logger = logging.getLogger(__name__)
_places = BoundedSemaphore(MOST_AT_ONCE)


@dataclass(slots=True)
class Sheet:
    """A sheet that is not blank.

    ``width``, ``height``: columns and rows that are used. ``merges``: first row, first column, last row, last
    column; rows count from 1, columns from 0. ``knows_merges``: False where the format has none. ``rows``:
    number, as the file counts, and cells from the first column on, not always up to ``width``; blank rows are
    left out. Of merged cells the top left one has the value.
    """

    name: str
    width: int
    height: int
    merges: list[Merge]
    knows_merges: bool
    hidden: bool
    rows: Iterator[Row]


@contextmanager
def open_tables(
    file: str | Path | IO[bytes], name: str, *, most_bytes: int = MOST_BYTES
) -> Iterator[Iterator[Sheet]]:
    """The sheets of a file, in order; each can be read until the next one is asked for.

    ``name``: what the file is called; a text file's only sheet is named after it. Raises ``FileRefused``, at
    once or while sheets or rows are read.
    """
    with ExitStack() as stack:
        stream = stack.enter_context(open(file, "rb")) if isinstance(file, str | Path) else file
        _check_size(stream, most_bytes)
        frames = stack.enter_context(closing(_refusing(read_apart(stream, name))))
        yield _sheets(next(frames), frames)


@contextmanager
def a_place() -> Iterator[None]:
    """While a file is read: each may take ``child.MOST_MEMORY``. Take it before any lock of the database.

    Raises ``FileRefused`` if none is free in time.
    """
    if not _places.acquire(timeout=MOST_WAIT):
        raise FileRefused("正在处理的表格较多，请过一会儿再试。")
    try:
        yield
    finally:
        _places.release()


def _check_size(stream: IO[bytes], most_bytes: int) -> None:
    stream.seek(0, io.SEEK_END)
    size = stream.tell()
    stream.seek(0)
    if not size:
        raise FileRefused(refusals.EMPTY)
    if size > most_bytes:
        raise FileRefused(str(refusals.too_large(size, most_bytes)))


def _refusing(frames: Iterator[Frame]) -> Generator[Frame]:
    try:
        yield from frames
    except Refused as refused:
        raise FileRefused(str(refused)) from None


def _sheets(first: Frame, frames: Iterator[Frame]) -> Iterator[Sheet]:
    heads = deque([first])

    def rows() -> Iterator[Row]:
        for frame in frames:
            if isinstance(frame, Head):
                heads.append(frame)
                return
            yield from frame

    while heads:
        head = heads.popleft()
        assert isinstance(head, Head)
        current = rows()
        yield Sheet(head.name, head.width, head.height, head.merges, head.knows_merges, head.hidden, current)
        deque(current, maxlen=0)  # what nobody read


# --- The reading process ---------------------------------------------------------------------------


def read_apart(stream: IO[bytes], name: str) -> Iterator[Frame]:
    """What ``tables.read_tables`` gives, read in a process of its own; it ends with the iterator."""
    reader = _Reader(name.replace("\0", "")[:200])
    try:
        reader.send(stream)
        while (frame := reader.receive()) is not None:
            yield frame
    finally:
        reader.end()


class _Reader:
    """The process, and the time left to wait for it. What it does while nobody waits does not count."""

    def __init__(self, name: str) -> None:
        program = [sys.executable, "-I", child.__file__, name, str(MOST_CPU), str(MOST_MEMORY)]
        self.process = subprocess.Popen(  # noqa: S603  # this file
            program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.to, self.back = self.process.stdin, self.process.stdout
        self.time = float(MOST_TIME)

    def send(self, stream: IO[bytes]) -> None:
        """The whole file: the process reads it before it answers."""
        with self._waiting(), suppress(BrokenPipeError), self.to:
            shutil.copyfileobj(stream, self.to, PIECE)

    def receive(self) -> Frame | None:
        """The next frame, None after the last. Raises ``Refused``."""
        with self._waiting():
            line = self.back.readline(MOST_LINE)
        if not line and self.process.wait() > 0:  # it did not even start
            _logger.error("The reading process ended with exit code %s.", self.process.returncode)
            raise Refused(refusals.DAMAGED)
        if not line.endswith(b"\n"):  # a limit stopped it, or its lines have no end
            raise Refused(refusals.TOO_COMPLEX)
        try:
            return from_line(line)
        except (Failed, ValueError):
            _logger.exception("A file could not be read.")
            raise Refused(refusals.DAMAGED) from None

    @contextmanager
    def _waiting(self) -> Iterator[None]:
        started = monotonic()
        timer = Timer(self.time, self.process.kill)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            self.time = max(0, self.time - (monotonic() - started))

    def end(self) -> None:
        self.process.kill()
        self.to.close()
        self.back.close()
        self.process.wait()
