"""``import_table`` and ``export_table``: what scripts and people are answered (contract.md)."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from landbureau.audit.models import Entry
from tests.imports import files
from tests.imports.lots import lot, sheet
from tests.ledger.models import Lot

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("read_here")]


def run(name: str, *arguments: str) -> tuple[int, str, str]:
    """Exit code, stdout, stderr."""
    out = StringIO()
    try:
        call_command(name, *arguments, stdout=out)
    except CommandError as error:
        return error.returncode, out.getvalue(), str(error)
    return 0, out.getvalue(), ""


def import_json(path: Path, *arguments: str) -> tuple[int, Any]:
    code, out, _ = run("import_table", str(path), *arguments, "--format", "json")
    return code, json.loads(out)


@pytest.fixture
def table(tmp_path: Path) -> Any:
    def made(*rows: Any, name: str = "台账.xlsx") -> Path:
        path = tmp_path / name
        path.write_bytes(files.xlsx(sheet(*rows)))
        return path

    return made


def test_a_clean_file_is_committed(table: Any) -> None:
    code, told = import_json(table(lot(1), lot(2)))

    assert code == 0
    assert told["committed"] is True
    assert told["sheets"][0] | {"questions": [], "errors": []} == {
        "sheet": "Sheet1",
        "kind": "lots",
        "rows": 2,
        "created": 2,
        "updated": 0,
        "unchanged": 0,
        "missing": 0,
        "questions": [],
        "errors": [],
    }
    entry = Entry.objects.get(action=Entry.Action.IMPORT)
    assert entry.actor is None
    assert entry.object_repr == "导入供地台账：台账.xlsx"


def test_errors_are_exit_1_also_in_a_dry_run_and_have_no_proposal(table: Any) -> None:
    path = table(lot(1, signed_on="2026-2-30"))
    for arguments in ((), ("--dry-run",)):
        code, told = import_json(path, *arguments)
        assert (code, told["committed"]) == (1, False)
        assert told["sheets"][0]["errors"] == [
            {
                "row": 2,
                "column": "签订日期",
                "code": "no_such_day",
                "message": "没有这一天，请改正后再导入。",
                "value": "2026-2-30",
            }
        ]
    assert not Lot.objects.exists()


def test_questions_hold_the_file_back_unless_the_proposals_are_accepted(table: Any) -> None:
    path = table(lot(1, township="寻寨"))

    code, told = import_json(path)
    assert (code, told["committed"]) == (1, False)
    assert told["sheets"][0]["questions"][0]["proposal"] == "寻寨镇"
    assert import_json(path, "--dry-run")[0] == 0, "a dry run fails for errors only"
    assert not Lot.objects.exists()

    code, told = import_json(path, "--accept-proposals")
    assert (code, told["committed"]) == (0, True)
    assert len(told["sheets"][0]["questions"]) == 1
    assert Lot.objects.get().township == "寻寨镇"


def test_a_dry_run_writes_nothing(table: Any) -> None:
    code, told = import_json(table(lot(1)), "--dry-run")

    assert (code, told["committed"], told["sheets"][0]["created"]) == (0, False, 1)
    assert not Lot.objects.exists()
    assert not Entry.objects.filter(action=Entry.Action.IMPORT).exists()


def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "假的.xlsx").write_bytes(b"%PDF-1.7")

    code, told = import_json(tmp_path / "假的.xlsx")
    assert code == 1
    assert (told["sheets"], told["committed"]) == ([], False)
    assert told["error"].endswith("。")
    assert import_json(tmp_path / "没有.xlsx")[0] == 1


def test_people_are_told_in_words(table: Any) -> None:
    code, out, err = run("import_table", str(table(lot(1), lot(2, area="一百亩"))))

    assert (code, out) == (1, "")
    assert err.splitlines()[0] == "Sheet1（供地台账）：2 行，新增 1，修改 0，未变 0，表中缺失 0"
    assert err.splitlines()[1].startswith("　错误　第 3 行 面积“一百亩”：")
    assert err.splitlines()[-1] == "有 1 处错误，没有写入。"
    assert "已全部写入。" in run("import_table", str(table(lot(1))))[1]


def test_an_unknown_kind_is_wrong_usage(table: Any, tmp_path: Path) -> None:
    assert run("import_table", str(table(lot(1))), "--kind", "nothing")[0] == 2
    assert run("export_table", "nothing", "--out", str(tmp_path / "x.xlsx"))[0] == 2
    assert run("export_table", "lots", "--out", str(tmp_path / "x.pdf"))[0] == 2


def test_one_kind_only_may_be_looked_for(table: Any) -> None:
    code, told = import_json(table(lot(1)), "--kind", "calendar")

    assert code == 1
    assert told["error"].startswith("没有找到“工作日历”的表头")


@pytest.mark.parametrize("extension", ["xlsx", "csv"])
def test_what_is_exported_imports_unchanged(table: Any, tmp_path: Path, extension: str) -> None:
    import_json(table(lot(1), lot(2)))
    out = tmp_path / f"导出.{extension}"

    code, told, _ = run("export_table", "lots", "--out", str(out), "--format", "json")
    assert (code, json.loads(told)["rows"]) == (0, 2)
    assert import_json(out)[1]["sheets"][0]["unchanged"] == 2
    assert Entry.objects.filter(action=Entry.Action.EXPORT).exists()
    assert list(tmp_path.glob("*.part")) == []


def test_the_samples_of_the_demo_raise_what_they_are_meant_to(settings: Any) -> None:
    folder = settings.FIXTURES_DIR / "demo" / "tables"

    code, told = import_json(folder / "村居调整表.xlsx", "--kind", "villages")
    assert code == 1
    found = {(item["row"], item["code"]) for item in told["sheets"][0]["errors"]}
    assert found == {(3, "unknown_column"), (12, "not_a_number")}
    asked = {(item["row"], item["code"]) for item in told["sheets"][0]["questions"]}
    assert asked == {(row, "unknown_township") for row in (9, 10, 11, 13)} | {(14, "foot_row")}

    _, told = import_json(folder / "人员名册.csv", "--kind", "staff")
    assert (6, "no_such_day") in {(item["row"], item["code"]) for item in told["sheets"][0]["errors"]}
