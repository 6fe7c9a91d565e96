"""What the pages of an import ask: the file, what its columns are, an answer, another text for a cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django import forms
from django.conf import settings

from landbureau.imports.choices import NOT_IMPORTED, Choices
from landbureau.imports.models import RememberedAnswer
from landbureau.imports.report import IN_HEAD, Head, Report, SheetReport
from landbureau.imports.services import LONGEST_TEXT
from landbureau.imports.targets import Target
from landbureau.web.forms import DeskForm

Kinds = Mapping[str, type[Target]]
FORMATS = (".xlsx", ".xls", ".ods", ".csv", ".docx")
HOW = {"title": "按表头识别", "remembered": "沿用上次的选择", "chosen": "人工指定", "ignored": "自动略过"}
LEFT_OUT = (NOT_IMPORTED, "不导入")
LONGEST_ANSWER: int = RememberedAnswer._meta.get_field("answer").max_length or 0


class FileForm(DeskForm):
    """The file, and which table it is. ``kinds``: those that the person may import."""

    kind = forms.ChoiceField(label="导入什么", required=False)
    file = forms.FileField(
        label="表格文件",
        error_messages={"required": "请选择文件。", "empty": "文件是空的，请重新选择。"},
    )

    def __init__(self, *args: object, kinds: Kinds, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        titles = [(name, target.title) for name, target in kinds.items()]
        by_head = [("", "自动识别（按表头）")] if len(titles) > 1 else []
        kind, file = self.fields["kind"], self.fields["file"]
        kind.choices = by_head + titles  # type: ignore[attr-defined]
        kind.help_text = "一个文件里有几种表的，选自动识别。" if by_head else ""
        file.widget.attrs["accept"] = ",".join(FORMATS)
        words = "、".join(name.removeprefix(".") for name in FORMATS)
        file.help_text = (
            f"{words} 文件，不超过 {settings.IMPORTS_MOST_BYTES // 1024**2} MB；"
            "不能有密码和宏。原来的标题、合并单元格、空行不必整理。"
        )


class AnswerForm(forms.Form):
    """The answer to a question."""

    question = forms.CharField(max_length=64)
    answer = forms.CharField(max_length=LONGEST_ANSWER, required=False)


class RowForm(forms.Form):
    """A row of the file."""

    sheet = forms.CharField(max_length=200, strip=False)
    row = forms.IntegerField(min_value=1)


class CellForm(RowForm):
    """A text in place of a cell's."""

    index = forms.IntegerField(min_value=0)
    text = forms.CharField(max_length=LONGEST_TEXT, required=False)


@dataclass
class HeadField:
    """A column of the file, with the field that says what it is."""

    head: Head
    field: forms.BoundField
    how: str
    trouble: str


@dataclass
class SheetFields:
    """A sheet: ``kind`` says which table it is. ``missing``: what is said of columns that it lacks."""

    report: SheetReport
    kind: forms.BoundField
    heads: list[HeadField] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    not_found: str = ""

    @property
    def doubtful(self) -> list[HeadField]:
        return [item for item in self.heads if item.trouble]

    @property
    def known(self) -> list[HeadField]:
        return [item for item in self.heads if not item.trouble]


class ColumnsForm(forms.Form):
    """Which table each sheet is, and what each of its columns."""

    def __init__(
        self, data: Mapping[str, object] | None, *, report: Report, choices: Choices, kinds: Kinds
    ) -> None:
        super().__init__(data)
        self.report, self.choices, self.kinds = report, choices, kinds
        titles = [(name, target.title) for name, target in kinds.items()]
        for place, sheet in enumerate(report.sheets):
            unknown = [] if sheet.kind else [("", "没有认出")]
            self.fields[f"kind_{place}"] = _select(
                [*unknown, *titles, LEFT_OUT], self._kind_of(sheet), f"“{sheet.sheet}”是什么表"
            )
            if sheet.kind not in kinds:
                continue
            items = [(column.name, column.title) for column in kinds[sheet.kind].columns]
            for head in sheet.heads:
                initial = _column_of(head)
                unsaid = [] if initial else [("", "请选择")]
                self.fields[f"column_{place}_{head.index}"] = _select(
                    [*unsaid, *items, LEFT_OUT], initial, f"“{head.text}”是哪一项"
                )

    def _kind_of(self, sheet: SheetReport) -> str:
        return sheet.kind or self.choices.kinds.get(sheet.sheet, "")

    def sheets(self) -> list[SheetFields]:
        return [self._sheet(place, sheet) for place, sheet in enumerate(self.report.sheets)]

    def _sheet(self, place: int, sheet: SheetReport) -> SheetFields:
        shown = SheetFields(sheet, self[f"kind_{place}"])
        chosen = self.choices.kinds.get(sheet.sheet, "")
        if not sheet.kind and chosen in self.kinds:
            shown.not_found = f"这个工作表里没有找到“{self.kinds[chosen].title}”的表头。"
        troubles = {finding.index: finding.message for finding in sheet.errors if finding.code in IN_HEAD}
        shown.missing = [finding.message for finding in sheet.errors if finding.code == "column_missing"]
        for head in sheet.heads:
            name = f"column_{place}_{head.index}"
            if name in self.fields:
                how, trouble = HOW.get(head.how, ""), troubles.get(head.index, "")
                shown.heads.append(HeadField(head, self[name], how, trouble))
        return shown

    def decisions(self) -> tuple[dict[str, str], dict[str, dict[int, str]]]:
        """What the person changed, as ``services.decide`` takes it: kinds by sheet, columns by sheet, index.

        Columns belong to a kind: where the kind is another one now, they are recognised anew.
        """
        kinds: dict[str, str] = {}
        columns: dict[str, dict[int, str]] = {}
        for place, sheet in enumerate(self.report.sheets):
            kind = self.cleaned_data[f"kind_{place}"]
            if kind != self._kind_of(sheet):
                kinds[sheet.sheet] = kind
                continue
            chosen = {
                head.index: self.cleaned_data.get(f"column_{place}_{head.index}", "") for head in sheet.heads
            }
            changed = {
                head.index: chosen[head.index]
                for head in sheet.heads
                if chosen[head.index] and chosen[head.index] != _column_of(head)
            }
            if changed:
                kinds[sheet.sheet], columns[sheet.sheet] = kind, changed
        return kinds, columns


def _column_of(head: Head) -> str:
    """What the column is now; empty: nobody knows."""
    return head.column or (NOT_IMPORTED if head.how else "")


def _select(choices: list[tuple[str, str]], initial: str, label: str) -> forms.ChoiceField:
    field = forms.ChoiceField(choices=choices, initial=initial, label=label, required=False)
    field.widget.attrs |= {"class": "form-select", "aria-label": label}
    return field
