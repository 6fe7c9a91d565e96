"""What is exported comes in again and changes nothing: ledgers and events, by target and by command."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from landbureau.accounts.models import Township, User
from supervision.supply.imports import Events, Supplies
from supervision.supply.models import Correction, Event, LandSupply, LandUser
from supervision.supply.models.events import MONEY_KINDS, CauseChoice, FindingChoice, KindChoice, TrackChoice
from supervision.supply.selectors import regime
from supervision.supply.selectors.facts import JUDGED
from tests.factories import UserFactory, VillageFactory, allow
from tests.imports import files
from tests.supply.factories import TODAY, happen, make_land_user, make_supply
from tests.supply.sheets import bring, counts, exported, found, happenings, ledger, supply

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("read_here")]

DAY = date(2024, 1, 1)
WORDS = st.text(alphabet="甲乙A1（）()《》-—/,'\"=+ 无。、", max_size=12).map(str.strip)
MONEY = st.none() | st.decimals(0, 10**10, places=2)
DAYS = st.none() | st.integers(0, 1000).map(lambda days: DAY + timedelta(days=days))
RATES = st.none() | st.decimals(0, 5, places=3)


@st.composite
def contracts(draw: Any) -> dict[str, Any]:
    names = ("signed_on", "agreed_handover_on", "agreed_start_on", "agreed_completion_on")
    return {
        "method": draw(st.sampled_from(LandSupply.Method.values)),
        **{name: draw(DAYS) for name in names},
        **{name: draw(MONEY) for name in ("price", "deposit", "investment")},
        **{name: draw(RATES) for name in ("payment_rate", "start_rate", "completion_rate")},
        "remark": draw(WORDS),
        "supervision_number": "" if draw(st.booleans()) else None,
    }


INSTALMENTS = st.dictionaries(
    st.integers(1, 15), st.tuples(DAYS, st.decimals(0, 10**8, places=2)), max_size=4
).map(lambda lines: [(seq, *line) for seq, line in sorted(lines.items())])
LAND_USERS = st.tuples(st.sampled_from(["演示甲公司", "演示乙（公司）"]), st.booleans(), WORDS, WORDS)
LEDGERS = st.lists(st.tuples(contracts(), INSTALMENTS, LAND_USERS, WORDS), min_size=1, max_size=4)


def clear() -> None:
    Event.objects.all().delete()
    LandSupply.objects.all().delete()
    LandUser.objects.all().delete()


def build(rows: Any) -> None:
    for place, (contract, instalments, (name, has_identity, contact, address), location) in enumerate(rows):
        identity = f"9111000060003734{place:02}" if has_identity else ""
        contract = {name: value for name, value in contract.items() if value is not None}
        make_supply(
            instalments=instalments,
            land_user=make_land_user(name, identity=identity, contact=contact, address=address),
            location=location,
            section=regime().section,
            **contract,
        )


@pytest.mark.parametrize("extension", ["xlsx", "csv"])
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=LEDGERS)
def test_an_exported_ledger_changes_nothing(extension: str, rows: Any) -> None:
    clear()
    build(rows)
    lines = sum(max(1, len(instalments)) for _, instalments, _, _ in rows)

    report = bring(exported(extension=extension), f"供地台账.{extension}")

    assert found(report) == []
    assert counts(report) == (0, 0, lines)
    assert report.sheets[0].missing == 0
    assert report.sheets[0].consequences == []
    assert not Correction.objects.exists()


HAPPENINGS = st.lists(
    st.tuples(
        st.sampled_from(JUDGED),
        st.integers(0, 5),
        st.sampled_from(["", *TrackChoice.values]),
        st.sampled_from([None, 1, 7]),
        st.sampled_from(["", *CauseChoice.values]),
        st.sampled_from(["", *FindingChoice.values]),
        st.booleans(),
        WORDS,
    ),
    max_size=8,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=HAPPENINGS)
def test_exported_events_change_nothing(rows: Any) -> None:
    """Whatever was entered, be it impossible: it has happened, and is not judged again."""
    clear()
    row = make_supply(instalments=[(1, DAY, Decimal(5))], section=regime().section)
    for kind, days, track, seq, cause, finding, partial, remark in rows:
        Event.objects.create(
            supply=row,
            kind=kind,
            on=DAY + timedelta(days=days),
            track=track,
            seq=seq,
            amount=Decimal(days) if kind in MONEY_KINDS else None,
            cause=cause,
            finding=finding,
            partial=partial and kind == KindChoice.TRANSFER,
            remark=remark,
            new_due_on=DAY if partial else None,
        )
    if not rows:
        return

    report = bring(exported("events"), "供后事项.xlsx")

    assert found(report) == []
    assert counts(report) == (0, 0, len(rows))
    assert Event.objects.count() == len(rows)


def test_a_ledger_with_all_its_columns_changes_nothing() -> None:
    village = VillageFactory.create(township=Township.objects.get(name="寻寨镇"))
    officer: User = allow(UserFactory.create(name="演示国土员"), "create_visit")
    of_section = {"section": regime().section, "price": Decimal(5)}
    make_supply(village=village, officer=officer, payment_rate=None, **of_section)
    make_supply(township=None, **of_section)
    for extension in ("xlsx", "csv"):
        assert counts(bring(exported(extension=extension), f"台账.{extension}")) == (0, 0, 2)


def test_exported_ledger_and_events_fill_an_empty_system() -> None:
    bring(ledger(supply(), supply(2, payment_rate="无")))
    number = "1305302025B00001"
    bring(happenings([number, "缴款", "2025-04-01", None, 1, 5], [number, "交地", "2025-04-02"]))
    tables = exported(), exported("events")
    clear()

    assert [counts(bring(table)) for table in tables] == [(2, 0, 0), (2, 0, 0)]
    assert (exported(), exported("events")) != (b"", b"")
    assert [counts(bring(table)) for table in tables] == [(0, 0, 2), (0, 0, 2)]


def test_only_the_columns_of_the_contract_are_exported() -> None:
    heads = [column.title for column in Supplies.columns if not column.only_read]
    assert heads == [
        *("电子监管号", "合同编号/划拨决定书编号", "供应方式", "用地单位", "统一社会信用代码/身份证号"),
        *("联系人", "联系电话", "送达地址", "宗地坐落", "乡镇", "村", "面积", "用途", "成交价款", "定金"),
        *("签订日期", "约定交地日期", "约定开工日期", "约定竣工日期", "期次", "应缴日期", "应缴金额"),
        *("违约金千分比", "开工违约金千分比", "竣工违约金千分比", "容积率", "固定资产投资额"),
        *("监管国土员", "备注"),
    ]
    assert [column.title for column in Events.columns if column.name != "contract_number"] == [
        *("电子监管号", "事项", "日期", "环节", "期次", "金额", "新约定日期", "新约定竣工日期", "原因"),
        *("巡查结果", "已开发面积", "已投资额", "备注"),
    ]


def test_a_clerk_exports_what_the_section_has() -> None:
    clerk: User = UserFactory.create()
    own = make_supply(section=regime().section)
    allow(clerk, "create_supply", "update_supply", "view_supply", on=own.section)
    other = make_supply()
    happen(own, "handover", DAY)
    happen(other, "handover", DAY)
    for target in (Supplies(actor=clerk, today=TODAY), Events(actor=clerk, today=TODAY)):
        assert [row["supervision_number"] for row in target.export_rows()] == [own.number]
    whole = Supplies(actor=None, today=TODAY)
    assert len(list(whole.export_rows())) == 2
    assert [row["supervision_number"] for row in whole.export_rows([other.pk])] == [other.number]


# --- Commands --------------------------------------------------------------------------------


def run(name: str, *arguments: str) -> tuple[int, Any]:
    """Exit code, and the JSON on stdout."""
    out = StringIO()
    code = 0
    try:
        call_command(name, *arguments, "--format", "json", stdout=out)
    except CommandError as error:
        code = error.returncode
    return code, json.loads(out.getvalue()) if out.getvalue() else None


def test_the_commands_say_what_the_contract_says(tmp_path: Path) -> None:
    path = tmp_path / "台账.xlsx"
    path.write_bytes(files.xlsx({"供地": ledger(supply()), "说明": [["本表由演示科室填报"]]}))
    code, told = run("import_supplies", str(path))
    assert (code, told["committed"]) == (1, False)
    assert told["sheets"][1]["questions"][0]["proposal"] == "不导入"

    code, told = run("import_supplies", str(path), "--accept-proposals")
    assert code == 0
    assert told["committed"] is True
    assert told["sheets"][0] == {
        "sheet": "供地",
        "kind": "supplies",
        "rows": 1,
        "created": 1,
        "updated": 0,
        "unchanged": 0,
        "missing": 0,
        "questions": [],
        "errors": [],
    }

    path = tmp_path / "事项.csv"
    path.write_bytes(files.csv(happenings(["1305302025B00001", "竣工", "2026-03-01"])))
    code, told = run("import_events", str(path), "--dry-run")
    (asked,) = told["sheets"][0]["questions"]
    assert (code, told["committed"]) == (0, False)
    assert asked.keys() == {"row", "column", "code", "message", "value", "proposal"}
    assert (asked["row"], asked["column"], asked["value"]) == (2, "事项", "竣工")
    assert run("import_events", str(path))[0] == 1
    code, told = run("import_events", str(path), "--accept-proposals")
    assert (code, told["sheets"][0]["kind"], told["sheets"][0]["created"]) == (0, "events", 1)


@pytest.mark.parametrize("extension", ["xlsx", "csv"])
def test_the_command_exports_what_it_imports(tmp_path: Path, extension: str) -> None:
    bring(ledger(supply(), supply(2)))
    path = tmp_path / f"供地台账.{extension}"

    code, told = run("export_supplies", "--out", str(path))

    assert (code, told["rows"]) == (0, 2)
    code, told = run("import_supplies", str(path))
    assert (code, told["sheets"][0]["unchanged"]) == (0, 2)


def test_people_are_told_what_is_unusual(tmp_path: Path) -> None:
    path = tmp_path / "台账.xlsx"
    path.write_bytes(files.xlsx(ledger(supply(deposit=9_000_000))))
    out = StringIO()
    call_command("import_supplies", str(path), stdout=out)
    assert "　提示　定金多于成交价款：第 2 行。" in out.getvalue()


def test_an_unknown_extension_is_wrong_usage(tmp_path: Path) -> None:
    assert run("export_supplies", "--out", str(tmp_path / "台账.doc")) == (2, None)
