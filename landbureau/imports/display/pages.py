"""The pages as a whole: the five steps, one page of a panel's rows, the lines of the list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import QueryDict

from landbureau.imports.display.check import Check
from landbureau.imports.display.comparison import Comparison
from landbureau.imports.models import ImportSession
from landbureau.imports.report import CREATED, OUTCOMES, UPDATED, Report
from landbureau.imports.targets import targets

PAGE = 50  # lines of a panel
State = ImportSession.State


@dataclass(frozen=True)
class Step:
    """``state``: done, current, trouble or ahead."""

    title: str
    state: str
    note: str = ""


class Panel:
    """One page of a panel's rows. ``parameter``: the page's name in the address, whose others stay."""

    def __init__(self, rows: Sequence[Any], parameter: str, params: QueryDict) -> None:
        self.page = Paginator(rows, PAGE).get_page(params.get(parameter))
        self._parameter, self._params = parameter, params

    def links(self) -> Iterator[tuple[int | str, str]]:
        """Numbers of pages with their query; a gap has none."""
        for number in self.page.paginator.get_elided_page_range(self.page.number, on_each_side=2, on_ends=1):
            query = self._params.copy()
            query[self._parameter] = str(number)
            yield number, query.urlencode() if isinstance(number, int) else ""


class ImportPage:
    """What the pages need to know of an import that was checked, or is done."""

    def __init__(self, session: ImportSession, report: Report) -> None:
        self.session, self.report = session, report
        self.check = Check(report, session.get_choices())
        self.comparison = Comparison(report)

    @property
    def several(self) -> bool:
        """Whether a row has to be told with its sheet."""
        return len(self.report.sheets) > 1

    @property
    def kinds(self) -> list[str]:
        """The tables that were found."""
        return list(dict.fromkeys(sheet.kind for sheet in self.report.sheets if sheet.kind))

    @property
    def is_stale(self) -> bool:
        """What was decided is not in the result yet."""
        waits = self.session.state == State.STALE
        return waits or not (self.open_in_words() or self.report.is_clear)

    @property
    def may_confirm(self) -> bool:
        return self.session.state == State.CHECKED and self.report.is_clear and bool(self.report.rows)

    @property
    def head_troubles(self) -> int:
        """Columns without a meaning, with the same, or missing."""
        return len([line for line in self.check.lines if line.in_head and not line.is_question])

    @property
    def chosen_by_hand(self) -> int:
        return len([head for sheet in self.report.sheets for head in sheet.heads if head.how == "chosen"])

    @property
    def columns(self) -> int:
        return sum(len(sheet.heads) for sheet in self.report.sheets)

    def open_in_words(self) -> str:
        """``1 处错误、2 个问题``; empty: nothing is open."""
        counts = (
            (self.check.open_errors, "处错误"),
            (self.check.open_questions, "个问题"),
            (self.report.unlisted, "处没有列出的"),
        )
        return "、".join(f"{count:,} {word}" for count, word in counts if count)

    def steps(self) -> list[Step]:
        done = self.session.is_over
        heads, found, ready = self.head_troubles, self.open_in_words(), self.may_confirm
        by_hand = f"，人工改过 {self.chosen_by_hand} 列" if self.chosen_by_hand else ""
        compared = self.comparison
        return [
            Step("选择文件", "done", size_in_words(self.session.size)),
            Step(
                "识别表头",
                "trouble" if heads else "done",
                f"{heads} 处待指定" if heads else f"{self.columns} 列{by_hand}",
            ),
            Step(
                "检查",
                "done" if done or not found else "current",
                found.replace("、", "　") or ("都已处理" if self.check.lines else "没有错误和问题"),
            ),
            Step(
                "对比",
                "done" if done or ready else "current",
                "待重新检查"
                if self.is_stale and not done
                else f"新增 {compared.count(CREATED):,}　修改 {compared.count(UPDATED):,}",
            ),
            Step(
                "确认",
                "done" if done else "current" if ready else "ahead",
                f"已写入 {compared.written:,} 行" if done else "全部写入或全不写入",
            ),
        ]


def waiting_steps(session: ImportSession) -> list[Step]:
    """The steps where there is no result to show: a job has the file, nothing came of it, or all is gone."""
    at_work = "current" if session.waits else "trouble"
    note = "正在检查" if session.waits else "不能导入" if session.state == State.REFUSED else "没有完成"
    middle, last = at_work, Step("确认", "ahead", "全部写入或全不写入")
    if session.state == State.WRITING:
        middle, note, last = "done", "", Step("确认", at_work, "正在写入" if session.waits else "没有写入")
    if session.is_over:
        middle, note, last = "done", "", Step("确认", "done", "已写入")
    return [
        Step("选择文件", "done", size_in_words(session.size)),
        Step("识别表头", middle, note),
        Step("检查", middle),
        Step("对比", middle),
        last,
    ]


def size_in_words(size: int) -> str:
    return f"{size / 1024**2:.1f} MB" if size >= 1024**2 else f"{max(1, round(size / 1024))} KB"


# --- The list ----------------------------------------------------------------------------------------------

_COLOURS = {State.CHECKED: "orange", State.STALE: "orange", State.REFUSED: "red", State.DONE: "green"}
_WORDS = {State.CHECKED: "未确认", State.STALE: "待重新检查"}


class Listed:
    """An import as a line of one's own list."""

    def __init__(self, session: ImportSession) -> None:
        self.session = session
        counts: Counter[str] = Counter()
        for sheet in session.counts:
            counts.update({name: sheet[name] for name in ("created", "updated", "unchanged")})
        self.counts = [(word, counts[name]) for name, word in OUTCOMES.items() if counts[name]]
        state = State(session.state)
        is_broken = state in (State.CHECKING, State.WRITING) and not session.waits
        self.colour = "red" if is_broken else _COLOURS.get(state, "blue")
        self.word = "没有完成" if is_broken else _WORDS.get(state, str(state.label))

    @property
    def tables(self) -> list[str]:
        """The titles of the tables that were found in the file."""
        known = targets()
        return [
            known[kind].title
            for kind in dict.fromkeys(s["kind"] for s in self.session.counts)
            if kind in known
        ]
