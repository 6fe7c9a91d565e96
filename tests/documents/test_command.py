"""``documents``: the register for scripts and people."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from landbureau.documents.models import Document
from tests.documents.factories import make_issued
from tests.documents.office import DAY, TODAY, Office

pytestmark = pytest.mark.django_db


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    call_command("documents", *arguments, "--format", "json")
    return json.loads(capsys.readouterr().out)


@pytest.fixture
def served() -> Document:
    return make_issued(
        on=TODAY, drafted_on=TODAY - DAY, sealed_on=TODAY, served_on=TODAY + DAY, sha256="a" * 64, pages=2
    )


def test_a_line_of_the_register(served: Document, capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(capsys, "--date", "2026-11-24") == [
        {
            "number": served.number,
            "title": served.title,
            "kind": served.kind.code,
            "addressee": "邢台测试有限公司",
            "subject": "测试事由",
            "issued_on": "2026-11-23",
            "status": "served",
            "sha256": "a" * 64,
            "served_on": "2026-11-24",
        }
    ]


def test_what_came_later_is_not_told(served: Document, capsys: pytest.CaptureFixture[str]) -> None:
    line = answer(capsys, "--date", "2026-11-23")[0]
    assert (line["status"], line["number"], line["served_on"]) == ("sealed", served.number, None)
    line = answer(capsys, "--date", "2026-11-22")[0]
    assert line["status"] == "draft"
    assert [line[name] for name in ("number", "issued_on", "sha256", "served_on")] == [None] * 4
    assert answer(capsys, "--date", "2026-11-21") == []


def test_unknown_is_null_and_the_order_is_that_of_drafting(capsys: pytest.CaptureFixture[str]) -> None:
    office = Office()
    first, second, third = (office.document(state) for state in ("draft", "issued", "voided"))
    Document.objects.filter(pk=first.pk).update(addressee="", matter="")
    lines = answer(capsys, "--date", "2026-12-31")
    assert [line["kind"] for line in lines] == [one.kind.code for one in (first, second, third)]
    assert [line["status"] for line in lines] == ["draft", "issued", "voided"]
    assert (lines[0]["addressee"], lines[0]["subject"], lines[0]["sha256"]) == (None, None, None)
    assert lines[2]["number"] == third.number, "a voided number stays visible"


def test_one_kind_and_the_day_of_today(
    served: Document, capsys: pytest.CaptureFixture[str], time_machine: Any
) -> None:
    other = Office().document("draft")
    time_machine.move_to(date(2026, 11, 30))
    assert len(answer(capsys)) == 2
    lines = answer(capsys, "--kind", other.kind.code)
    assert [line["kind"] for line in lines] == [other.kind.code]
    with pytest.raises(CommandError, match="没有代码为“nothing”的文书种类") as refused:
        call_command("documents", "--kind", "nothing")
    assert refused.value.returncode == 2


def test_people_read_lines(served: Document, capsys: pytest.CaptureFixture[str]) -> None:
    Office().document("draft")
    call_command("documents", "--date", "2026-11-24")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{served.number}\t{served.title}\t邢台测试有限公司\t已送达"
    assert lines[1].startswith("（未编号）\t")
    assert lines[2] == "共 2 份"


def test_the_register_costs_one_query(served: Document, django_assert_num_queries: Any) -> None:
    office = Office()
    for _ in range(3):
        office.document("sealed")
    with django_assert_num_queries(1):
        call_command("documents", "--format", "json")
