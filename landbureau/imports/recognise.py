"""Which table a sheet is, and which of its columns is which: by its head."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from landbureau.imports.choices import NOT_IMPORTED, Choices
from landbureau.imports.cleaning import clean_text, fold, split_header
from landbureau.imports.reading.cells import Bad, Cell
from landbureau.imports.report import Head, as_typed
from landbureau.imports.targets import Target
from landbureau.imports.units import Unit, unit_in_header, unit_line

LONGEST_HEAD = 200  # characters
LOOKED_AT = 30  # rows from the top in which the head is looked for
# Heads of columns that number the rows of a printed table, or that this program has written itself.
RUNNING_NUMBER = frozenset({"序号", "编号序", "行号", "no"})
OWN_COLUMNS = ("导入结果", "导入说明")
Merges = Sequence[tuple[int, int, int, int]]


@dataclass(slots=True)
class Recognised:
    """``header``: first and last row of the head. ``heads``: every column that has a head.

    ``units``: of the columns, by index, from the head or from a line 单位：… above it.
    """

    target: type[Target] | None
    header: tuple[int, int] = (0, 0)
    heads: list[Head] = field(default_factory=list)
    units: dict[int, Unit] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)  # of its last line: printed again on every page


@dataclass(frozen=True, slots=True)
class _Line:
    """One or two rows that may be the head: for each column its texts, the likeliest first."""

    first: int
    last: int
    texts: Mapping[int, tuple[str, ...]]
    shown: Mapping[int, str]
    own: Mapping[int, str]


def names_of(target: type[Target]) -> dict[str, str]:
    """Folded heads of a target's columns → names."""
    return {fold(head): column.name for column in target.columns for head in (column.title, *column.synonyms)}


def recognise(
    sheet: str,
    top: Sequence[tuple[int, list[Cell]]],
    merges: Merges,
    candidates: Iterable[type[Target]],
    choices: Choices,
) -> Recognised:
    """Find the head among the first rows and match it with the candidates' columns.

    The best candidate has all the columns it requires, then the most that match, then the fewest that do not.
    ``target`` None: no candidate has two columns here. Of the only candidate one that is required is enough:
    the others can be given their meaning by hand.
    """
    chosen = choices.kinds.get(sheet)
    if chosen == NOT_IMPORTED:
        return Recognised(None)
    kinds = [target for target in candidates if chosen in (None, "", target.name)]
    known = {target: names_of(target) for target in kinds}
    best: tuple[tuple[int, ...], _Line, type[Target]] | None = None
    for line in _lines(top, merges):
        units = sum(unit_in_header(text) is not None for text in line.shown.values())
        for order, target in enumerate(kinds):
            matched = {
                name
                for index in line.texts
                if (name := _match(line, index, target, known[target], choices)[0]) not in ("", NOT_IMPORTED)
            }
            needed = {column.name for column in target.columns if column.required} | {*target.one_of}
            if len(matched) < 2 and not (len(kinds) == 1 and matched & needed):
                continue
            rank = (
                not target.lacks(matched),
                len(matched),
                -(len(line.texts) - len(matched)),
                units,  # a second line may hold nothing else
                line.first - line.last,
                -order,
            )
            if best is None or rank > best[0]:
                best = (rank, line, target)
    if best is None:
        return Recognised(None)
    _, line, target = best
    return _result(sheet, line, target, known[target], choices, top)


def _result(
    sheet: str,
    line: _Line,
    target: type[Target],
    known: Mapping[str, str],
    choices: Choices,
    top: Sequence[tuple[int, list[Cell]]],
) -> Recognised:
    chosen = choices.columns.get(sheet, {})
    found = Recognised(target, (line.first, line.last), texts=dict(line.own))
    shown = {**line.shown, **{index: letter(index) for index in chosen if index not in line.shown}}
    below = [cells for number, cells in top if number > line.last]
    above = [unit for number, cells in top if number < line.first for unit in _units_of(cells)]
    for index, text in sorted(shown.items()):
        samples = (_text(cells[index]) for cells in below if index < len(cells))
        head = Head(index, text, sample=next(filter(None, samples), ""))
        if index in chosen:
            head.column, head.how = chosen[index], "chosen"
        else:
            head.column, head.how = _match(line, index, target, known, choices)
        if head.column == NOT_IMPORTED:
            head.column = ""
        elif not head.column and _is_own(text, known):
            head.how = "ignored"
        if head.column and (unit := _unit(target, head, above)):
            head.unit, found.units[index] = unit.name, unit
        found.heads.append(head)
    return found


def _units_of(cells: Sequence[Cell]) -> Iterator[Unit]:
    for cell in cells:
        if isinstance(cell, str):
            yield from unit_line(cell)


def _unit(target: type[Target], head: Head, above: Sequence[Unit]) -> Unit | None:
    """The unit that the head names, or a line above it, if the column's values have such units at all."""
    dimension = target.column(head.column).kind.dimension
    if not dimension:
        return None
    named = unit_in_header(head.text)
    if named and named.dimension == dimension:
        return named
    return next((unit for unit in above if unit.dimension == dimension), None)


def _is_own(text: str, known: Mapping[str, str]) -> bool:
    folded = fold(text)
    return folded not in known and (folded in RUNNING_NUMBER or folded in OWN_COLUMNS)


def _match(
    line: _Line, index: int, target: type[Target], known: Mapping[str, str], choices: Choices
) -> tuple[str, str]:
    """Name of the column and how it is known; both empty: it is not."""
    for text in line.texts[index]:
        bare, notes = split_header(text)
        for folded in (fold(text), bare, *(bare + fold(note) for note in notes)):
            if folded in known:
                return known[folded], "title"
    for text in line.texts[index]:
        if (name := choices.remembered.get((target.name, head_key(text)))) is not None:
            return name, "remembered"
    return "", ""


def head_key(text: str) -> str:
    """Under which the meaning of a head is remembered."""
    return fold(text)[:LONGEST_HEAD]


def _lines(top: Sequence[tuple[int, list[Cell]]], merges: Merges) -> Iterator[_Line]:
    """Each row alone, and with the row below it as the second line of a head."""
    rows = dict(top)
    for number, cells in top:
        own = {index: text for index, cell in enumerate(cells) if (text := _text(cell))}
        if not own:
            continue
        yield _Line(number, number, {i: (text,) for i, text in own.items()}, own, own)
        if (below := rows.get(number + 1)) is not None:
            yield from _two_lines(number, own, below, merges)


def _two_lines(
    number: int, upper: Mapping[int, str], cells: Sequence[Cell], merges: Merges
) -> Iterator[_Line]:
    lower = {index: text for index, cell in enumerate(cells) if (text := _text(cell))}
    groups = dict(upper)
    for first, left, _last, right in merges:
        if first == number and left in upper:
            groups |= dict.fromkeys(range(left, right + 1), upper[left])
    if not lower:
        return
    if not merges:  # a text file has none: 第一期, blank, above 日期, 金额
        for index in sorted(lower):
            if index not in groups and index - 1 in groups and index - 1 in lower:
                groups[index] = groups[index - 1]
    texts: dict[int, tuple[str, ...]] = {}
    shown: dict[int, str] = {}
    for index in sorted(groups.keys() | lower.keys()):
        over, under = groups.get(index, ""), lower.get(index, "")
        both = over + under if over != under else over
        texts[index] = tuple(dict.fromkeys(text for text in (both, under, over if not under else "") if text))
        shown[index] = both
    yield _Line(number, number + 1, texts, shown, lower)


def _text(cell: Cell) -> str:
    """Of a cell that may be a head; a long text is none, and costs too much to be looked at closely."""
    text = "" if cell is None or isinstance(cell, Bad) else as_typed(cell)
    return clean_text(text) if len(text) <= LONGEST_HEAD else ""


def letter(index: int) -> str:
    """The name of a column without a head, as spreadsheets have it: A 列, AA 列."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return f"{name} 列"
