"""What a document says, from its wording and the values of its fields."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbureau.documents.content import (
    Content,
    Paragraph,
    check_wording,
    compose,
    missing_required,
    names_of,
    placeholders,
)
from landbureau.documents.errors import DocumentError
from landbureau.documents.models import Kind, KindField, Wording

Type = KindField.Type
FIELDS = [
    KindField(name="签订日期", type=Type.DATE),
    KindField(name="应缴金额", type=Type.MONEY, required=True),
    KindField(name="面积", type=Type.NUMBER, unit="平方米"),
    KindField(name="宗地", type=Type.TEXT),
    KindField(name="情况", type=Type.LONG, required=True),
    KindField(name="明细", type=Type.TABLE),
]
KIND = Kind(
    code="reminder",
    title="提醒通知单",
    layout=Kind.Layout.NOTICE,
    legal_basis="《出让合同》第九条",
    two_servers=True,
)


def make(text: str, values: dict[str, Any] | None = None, kind: Kind = KIND, **changes: Any) -> Content:
    arguments: dict[str, Any] = {
        "kind": kind,
        "wording": Wording(text=text),
        "fields": FIELDS,
        "values": values or {},
        "issuer": "新河县国土资源局",
        "title": kind.title,
        "addressee": "邢台测试有限公司",
        "matter": "第2期出让金",
        "place": "测试路1号",
        "contact": {"section": "监察股", "person": "张测", "phone": "0319-0000000"},
    }
    return compose(**(arguments | changes))


def said(content: Content) -> list[str]:
    return [block["head"] + block["text"] for block in content["blocks"] if block["type"] == "paragraph"]


def test_placeholders_are_replaced_by_values_as_documents_write_them() -> None:
    content = make(
        "{签订日期}，{宗地}，面积{面积}，应缴{应缴金额}（{应缴金额大写}）。",
        {
            "签订日期": date(2025, 2, 8),
            "应缴金额": Decimal("2568000"),
            "面积": Decimal("26680.5"),
            "宗地": " 经二街\n东侧 ",
        },
    )
    assert said(content) == [
        "2025年2月8日，经二街 东侧，面积26680.5平方米，应缴2568000.00元（人民币贰佰伍拾陆万捌仟元整）。"
    ]
    assert content["values"] == {
        "签订日期": "2025-02-08",
        "应缴金额": "2568000.00",
        "面积": "26680.5",
        "宗地": "经二街 东侧",
        "情况": "",
        "明细": "",
    }


@pytest.mark.parametrize(
    ("type_", "given", "kept"),
    [
        (Type.NUMBER, Decimal("26680.00"), "26680"),
        (Type.NUMBER, "1.000", "1"),
        (Type.NUMBER, "0.50", "0.5"),
        (Type.NUMBER, "-0.0", "0"),
        (Type.INTEGER, "2.0", "2"),
        (Type.INTEGER, 100, "100"),
    ],
)
def test_numbers_are_written_without_needless_zeros(type_: str, given: Any, kept: str) -> None:
    field = KindField(name="数", type=type_)
    assert make("{数}", {"数": given}, fields=[field])["values"] == {"数": kept}


@pytest.mark.parametrize(("type_", "given"), [(Type.NUMBER, "-1"), (Type.INTEGER, "1.5"), (Type.INTEGER, -2)])
def test_numbers_are_not_negative_and_whole_ones_whole(type_: str, given: Any) -> None:
    with pytest.raises(DocumentError) as refused:
        make("{数}", {"数": given}, fields=[KindField(name="数", type=type_)])
    assert refused.value.field == "数"


def test_some_placeholders_are_always_there() -> None:
    content = make("{受送达人}|{单位}|{科室}|{联系人}|{联系电话}|{依据}|{事由}")
    assert said(content) == [
        "邢台测试有限公司|新河县国土资源局|监察股|张测|0319-0000000|《出让合同》第九条|第2期出让金"
    ]


def test_content_is_json_and_composing_it_again_from_its_values_gives_the_same() -> None:
    text = "{签订日期}{应缴金额}{面积}\n{情况}\n{明细}"
    values = {
        "签订日期": date(2026, 1, 2),
        "应缴金额": "0.5",
        "面积": 3,
        "情况": "甲。\n\n 乙。",
        "明细": [["项目", "金额"], ["第1期", "1.00"]],
    }
    content = make(text, values)
    stored = json.loads(json.dumps(content))
    assert make(text, stored["values"]) == content


def test_a_part_in_double_brackets_is_left_out_when_something_in_it_is_empty() -> None:
    text = "宗地[[{宗地}]]，[[面积{面积}、{宗地}，]]应缴[[{应缴金额}]]。"
    assert said(make(text, {"应缴金额": 5, "宗地": "甲"})) == ["宗地甲，应缴5.00元。"]


def test_levels_are_numbered_again_when_a_paragraph_is_left_out() -> None:
    text = "一、甲。\n（一）乙。\n[[（二）{宗地}。]]\n（三）丙。\n[[二、{宗地}。]]\n三、丁。\n1.戊。"
    assert said(make(text)) == ["一、甲。", "（一）乙。", "（二）丙。", "二、丁。", "1.戊。"]
    assert said(make(text, {"宗地": "己"}))[-3:] == ["二、己。", "三、丁。", "1.戊。"]


@pytest.mark.parametrize(
    ("text", "level", "head"),
    [
        ("一、应缴款项。第2期出让金。", 1, "一、应缴款项。"),
        ("十二、其他", 1, "十二、其他"),
        ("（三）期限。三日内。", 2, "（三）期限。"),
        ("1.名称。", 3, ""),
        ("（1）名称。", 4, ""),
        ("2026年办理。", 0, ""),
        ("1.5倍计收。", 0, ""),
        ("一般情况。", 0, ""),
        ("一、" + "长" * 40 + "。短。", 1, ""),
    ],
)
def test_only_the_first_sentence_of_a_numbered_paragraph_is_its_heading(
    text: str, level: int, head: str
) -> None:
    expected: Paragraph = {"type": "paragraph", "level": level, "head": head, "text": text[len(head) :]}
    assert make(text)["blocks"] == [expected]


def test_a_long_field_alone_on_its_line_becomes_paragraphs_with_levels() -> None:
    content = make("前。\n{情况}\n后。", {"情况": "一、甲。乙。\n\n丙。"})
    assert said(content) == ["前。", "一、甲。乙。", "丙。", "后。"]
    assert content["blocks"][1]["head"] == "一、甲。"  # type: ignore[typeddict-item]


def test_a_table_alone_on_its_line_becomes_a_table_with_figures_flush_right() -> None:
    rows = [
        ["项目", "金额", "比例", "说明"],
        ["第1期", "1,000.00", "5%", ""],
        ["第2期", "", "10‰", "1期"],
        ["", "", "", ""],
    ]
    assert make("{明细}", {"明细": rows})["blocks"] == [
        {
            "type": "table",
            "caption": "明细",
            "header": rows[0],
            "rows": rows[1:3],
            "numeric": [False, True, True, False],
        }
    ]


def test_empty_fields_leave_nothing_behind_except_required_ones() -> None:
    content = make("{宗地}\n{明细}\n应缴{应缴金额}（{应缴金额大写}）{宗地}。\n{情况}")
    assert said(content) == ["应缴【应缴金额】（【应缴金额大写】）。", "【情况】"]
    assert missing_required(FIELDS, content) == ["应缴金额", "情况"]
    assert missing_required(FIELDS, make("", {"应缴金额": 0, "情况": "甲"})) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("签订日期", "2026-13-01"),
        ("签订日期", datetime(2026, 1, 1, tzinfo=UTC)),
        ("签订日期", 20260101),
        ("应缴金额", "-1"),
        ("应缴金额", 1.5),
        ("应缴金额", True),
        ("面积", "很大"),
        ("面积", "NaN"),
        ("宗地", 5),
        ("情况", ["甲"]),
        ("明细", "甲"),
        ("明细", [["甲"], "乙"]),
        ("明细", [["甲"], ["乙", "丙"]]),
        ("没有", "甲"),
    ],
)
def test_values_that_do_not_fit_are_refused_at_their_field(name: str, value: object) -> None:
    with pytest.raises(DocumentError) as caught:
        make("甲。", {name: value})
    assert caught.value.field == name
    assert name in caught.value.message


@pytest.mark.parametrize("text", ["{没有}", "[[{没有}{宗地}]]", "[[{宗地}{没有}]]", "见{明细}。"])
def test_a_wording_that_cannot_be_filled_is_refused(text: str) -> None:
    with pytest.raises(DocumentError):
        make(text, {"明细": [["甲"], ["乙"]]})


@given(st.text(st.sampled_from("{}[]宗地面积一、（）1.。\n ")))
def test_what_a_user_types_is_never_read_as_wording(typed: str) -> None:
    content = make("甲{宗地}乙", {"宗地": typed})
    assert said(content) == ["甲" + " ".join(typed.split()) + "乙"]


def test_a_form_lists_its_fields_also_the_empty_ones() -> None:
    kind = Kind(code="card", title="跟踪卡", layout=Kind.Layout.FORM, needs_service=False)
    form = make("甲。", {"面积": 5}, kind)["form"]
    assert [text for _, text in form[:2]] == ["邢台测试有限公司", "第2期出让金"]
    assert form[2:] == [("签订日期", ""), ("应缴金额", ""), ("面积", "5平方米"), ("宗地", ""), ("情况", "")]
    assert make("甲。")["form"] == []


def test_what_is_served_has_a_receipt() -> None:
    assert make("甲。", methods=["直接送达", "留置送达"])["receipt"] == {
        "matter": "第2期出让金",
        "title": "提醒通知单",
        "addressee": "邢台测试有限公司",
        "place": "测试路1号",
        "two_servers": True,
        "methods": ["直接送达", "留置送达"],
    }
    assert (
        make("甲。", kind=Kind(code="memo", title="表", layout=Kind.Layout.FORM, needs_service=False))[
            "receipt"
        ]
        is None
    )


def test_blank_attachments_and_copies_are_left_out() -> None:
    content = make("甲。", attachments=[" 明细表 ", ""], copies_to=["", "县政府"], note=" 注 ")
    assert (content["attachments"], content["copies_to"], content["note"]) == (["明细表"], ["县政府"], "注")


def test_the_names_of_a_wording_are_listed_once_and_in_order() -> None:
    assert placeholders("{乙}{甲}\n[[{乙}]]") == ["乙", "甲"]


def test_the_names_that_a_wording_may_use_include_amounts_in_words() -> None:
    names = names_of(FIELDS)
    assert "应缴金额大写" in names
    assert "面积大写" not in names
    assert check_wording("".join(f"{{{name}}}" for name in names), names) == []


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("甲。\n{没有}。", "第2段：没有名为“没有”的栏目"),
        ("[[{宗地}", "第1段：[[ 与 ]] 不成对或嵌套"),
        ("{宗地}]]", "第1段：[[ 与 ]] 不成对或嵌套"),
        ("[[甲[[{宗地}]]乙]]", "第1段：[[ 与 ]] 不成对或嵌套"),
        ("{宗地", "第1段：花括号 { 与 } 不成对"),
        ("甲}", "第1段：花括号 { 与 } 不成对"),
        (" \n", "用语不能为空"),
    ],
)
def test_a_wording_with_mistakes_is_told_what_is_wrong(text: str, error: str) -> None:
    assert check_wording(text, ["宗地"]) == [error]


@given(st.text(st.sampled_from("{}[]甲乙\n")))
def test_a_wording_without_mistakes_can_be_composed(text: str) -> None:
    if not check_wording(text, ["甲", "乙"]):
        fields = [KindField(name=name, type=Type.TEXT) for name in "甲乙"]
        for values in ({}, {"甲": "丙"}, {"甲": "丙", "乙": "丁"}):
            make(text, values, fields=fields)
