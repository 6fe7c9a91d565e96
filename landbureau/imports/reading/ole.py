"""Compound files (OLE), in which old Office files and encrypted new ones lie: as far as they are needed here.

What is wrong in one raises ``Refused``, ``struct.error``, ``IndexError`` or ``ValueError``.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from . import refusals
from .refusals import Refused

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_TABLE, _LAST, _UNUSED = 0xFFFFFFFD, 0xFFFFFFFE, 0xFFFFFFFF  # in the table of chains
_MINI = 64  # bytes of a sector of small streams
_ENTRY = struct.Struct("<64sHBB3I36xIQ")


class _Entry(NamedTuple):
    name: str
    left: int
    right: int
    child: int
    start: int
    size: int


class CompoundFile:
    """``entries``: the streams and storages directly under the root, by their names."""

    def __init__(self, data: bytes) -> None:
        shift, mini_shift = struct.unpack_from("<HH", data, 30)
        if shift not in (9, 12) or mini_shift != 6:
            raise Refused(refusals.DAMAGED)
        self._data, self._size = data, 1 << shift
        directory, self._cutoff, mini_table, lists = struct.unpack_from("<I4xII4xI", data, 48)
        self._chains = self._table(lists)
        entries = _entries(self._stream(directory), large=shift == 12)
        self.entries = {entry.name: entry for entry in _children(entries)}
        self._mini_chains = array("I", self._stream(mini_table))
        self._mini_stream = self._stream(entries[0].start)

    def read(self, name: str) -> bytes:
        entry = self.entries[name]
        if entry.size >= self._cutoff:
            return self._stream(entry.start)[: entry.size]
        return _join(self._mini_stream, _MINI, _chain(entry.start, self._mini_chains))[: entry.size]

    def _table(self, lists: int) -> array[int]:
        """For each sector the next one. The header names 109 sectors of this table, a chain the rest."""
        sectors = list(struct.unpack_from("<109I", self._data, 76))
        while lists < _TABLE:
            if len(sectors) * 4 > len(self._data):
                raise Refused(refusals.DAMAGED)
            *more, lists = array("I", self._sectors([lists]))
            sectors += more
        return array("I", self._sectors(sector for sector in sectors if sector < _TABLE))

    def _stream(self, start: int) -> bytes:
        return self._sectors(_chain(start, self._chains))

    def _sectors(self, numbers: Iterable[int]) -> bytes:
        return _join(self._data, self._size, (number + 1 for number in numbers))


def _chain(start: int, chains: Sequence[int]) -> list[int]:
    sectors = []
    while start < _TABLE:
        sectors.append(start)
        if len(sectors) > len(chains):
            raise Refused(refusals.DAMAGED)
        start = chains[start]
    return sectors


def _join(data: bytes, size: int, numbers: Iterable[int]) -> bytes:
    """These sectors of the data, which must hold all of them and cannot hold more than it has."""
    joined = bytearray()
    for number in numbers:
        joined += data[number * size : (number + 1) * size]
        if number * size >= len(data) or len(joined) > len(data):
            raise Refused(refusals.DAMAGED)
    return bytes(joined)


def _entries(listing: bytes, *, large: bool) -> list[_Entry]:
    entries = []
    for name, length, _, _, left, right, child, start, size in _ENTRY.iter_unpack(listing):
        text = name[: max(length - 2, 0)].decode("utf-16-le", "replace")
        entries.append(_Entry(text, left, right, child, start, size if large else size & 0xFFFFFFFF))
    return entries


def _children(entries: list[_Entry]) -> list[_Entry]:
    """Those directly under the root: a tree within the list."""
    children: list[_Entry] = []
    waiting = [entries[0].child]
    while waiting:
        number = waiting.pop()
        if number == _UNUSED:
            continue
        if len(children) > len(entries):
            raise Refused(refusals.DAMAGED)
        children.append(entries[number])
        waiting += [entries[number].left, entries[number].right]
    return children


def write_compound(name: str, stream: bytes) -> bytes:
    """A compound file that holds this stream only (not more than 400 MB)."""
    size = 4096
    stream += bytes(-len(stream) % size)
    sectors = len(stream) // size
    tables = sectors // (size // 4 - 1) + 1  # their sectors, and the directory's, are in the table too
    directory = sectors + tables
    table = [*range(1, sectors), _LAST, *[_TABLE] * tables, _LAST]
    table += [_UNUSED] * (-len(table) % (size // 4))
    places = [*range(sectors, directory), *[_UNUSED] * (109 - tables)]
    header = struct.pack(
        "<8s16x5H6x9I109I",
        MAGIC,
        0x3E,
        4,
        0xFFFE,
        12,
        6,
        1,
        tables,
        directory,
        0,
        size,
        _LAST,
        0,
        _LAST,
        0,
        *places,
    )
    root = _packed("Root Entry", 5, 1, directory, 0)  # calamine wants it to begin somewhere
    listing = root + _packed(name, 2, _UNUSED, 0, len(stream))
    parts = (
        header.ljust(size, b"\0"),
        stream,
        struct.pack(f"<{len(table)}I", *table),
        listing.ljust(size, b"\0"),
    )
    return b"".join(parts)


def _packed(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    text = name.encode("utf-16-le")
    return _ENTRY.pack(text, len(text) + 2, kind, 1, _UNUSED, _UNUSED, child, start, size)
