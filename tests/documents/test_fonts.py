"""Characters without a font are named before they are frozen as boxes."""

from __future__ import annotations

import pytest

from landbureau.documents import fonts
from landbureau.documents.errors import DocumentError
from landbureau.documents.fonts import require_printable
from tests.documents.factories import content


def test_a_character_that_no_font_has_is_named_wherever_it_stands() -> None:
    table = {"type": "table", "caption": "表", "header": ["甲\U000f0001"], "rows": [["👍\U000f0002"]]}
    with pytest.raises(DocumentError) as refused:
        require_printable(content(addressee="\U000f0003公司", blocks=[table]))
    said = refused.value.message
    assert all(letter in said for letter in "\U000f0001\U000f0002\U000f0003")
    assert "甲" not in said
    assert said.endswith("，请改用其他字或配置字体。")


def test_rare_names_blanks_and_what_draws_nothing_are_printable() -> None:
    require_printable(content(addressee="喆镕堃玥旻昇垚祎　有限公司\n\u200b〔2026〕‰㎡①"))


def test_what_is_kept_but_not_printed_does_not_matter() -> None:
    require_printable(content(values={"说明": "\U000f0001"}))


def test_fonts_are_asked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    require_printable(content())
    monkeypatch.setattr(fonts.subprocess, "run", None)
    require_printable(content(title="测试"))
