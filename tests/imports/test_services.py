"""A file's way in as a page takes it: brought, checked, decided about, confirmed or left."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings as project
from django.core.files.base import File
from django.db import IntegrityError
from openpyxl import load_workbook

from landbureau.accounts.models import User
from landbureau.audit.models import Entry
from landbureau.imports import services, workbooks
from landbureau.imports.errors import FileRefused, ImportRefused
from landbureau.imports.models import ImportSession, RememberedAnswer, RememberedColumn
from landbureau.imports.reading import a_place
from landbureau.imports.upkeep import clear_imports
from landbureau.jobs.models import JobRun
from landbureau.jobs.progress import Progress
from landbureau.jobs.services import execute
from tests.factories import UserFactory, allow
from tests.imports import files
from tests.imports.lots import HEAD, TODAY, bring, lot, sheet
from tests.ledger.imports import Lots
from tests.ledger.models import Lot

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("read_here")]
State = ImportSession.State


@pytest.fixture
def clerk() -> User:
    return allow(UserFactory(), "update_staff")  # type: ignore[no-any-return]


def begin(clerk: User, *rows: Any, data: bytes | None = None, name: str = "台账.xlsx") -> ImportSession:
    data = files.xlsx(sheet(*rows)) if data is None else data
    return services.begin(file=File(io.BytesIO(data), name), kind="lots", actor=clerk, today=TODAY)


def confirm(session: ImportSession, seen: str | None = None) -> ImportSession:
    session.refresh_from_db()
    return services.confirm(session=session, seen=session.digest if seen is None else seen, today=TODAY)


def recheck(session: ImportSession, **decisions: Any) -> None:
    services.decide(session=session, **decisions)
    services.check(session=session, today=TODAY)


def stored() -> list[Path]:
    folder = project.MEDIA_ROOT / "imports"
    return sorted(folder.iterdir()) if folder.exists() else []


@pytest.fixture(autouse=True)
def _own_media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def test_a_file_is_checked_and_nothing_is_written_until_it_is_confirmed(clerk: User) -> None:
    session = begin(clerk, lot(1), lot(2))

    assert (session.state, session.rows) == (State.CHECKED, 2)
    assert not Lot.objects.exists()

    confirm(session)

    session.refresh_from_db()
    assert (session.state, Lot.objects.count()) == (State.DONE, 2)
    report = session.get_report()
    assert report is not None
    assert report.committed
    entry = Entry.objects.get(action=Entry.Action.IMPORT)
    assert (entry.actor, entry.object_repr) == (clerk, "导入供地台账：台账.xlsx")
    assert entry.additional_data == {
        "file": "台账.xlsx",
        "sha256": session.sha256,
        "rows": 2,
        "created": 2,
        "updated": 0,
        "unchanged": 0,
    }


def test_a_file_that_cannot_be_read_leaves_nothing_behind(
    clerk: User, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True), pytest.raises(FileRefused):
        begin(clerk, data=b"%PDF-1.7 no table at all", name="台账.pdf")

    assert not ImportSession.objects.exists()
    assert stored() == []


def test_a_file_over_the_limit_is_refused_before_it_is_stored(clerk: User, settings: Any) -> None:
    settings.IMPORTS_MOST_BYTES = 1000

    with pytest.raises(FileRefused, match="上限"):
        begin(clerk, lot(1))

    assert stored() == []


def test_an_import_that_is_left_leaves_nothing_behind(
    clerk: User, django_capture_on_commit_callbacks: Any
) -> None:
    session = begin(clerk, lot(1))
    assert len(stored()) == 2, "the file and what was found in it"

    with django_capture_on_commit_callbacks(execute=True):
        services.leave(session=session)

    assert stored() == []
    assert not ImportSession.objects.exists()
    assert not Lot.objects.exists()
    assert not RememberedAnswer.objects.exists()


def test_what_is_done_cannot_be_left(clerk: User) -> None:
    session = begin(clerk, lot(1))
    confirm(session)

    with pytest.raises(ImportRefused, match="不能取消"):
        services.leave(session=session)


def test_a_file_with_errors_cannot_be_confirmed_until_they_are_corrected(clerk: User) -> None:
    session = begin(clerk, lot(1, signed_on="2026-2-30"))

    with pytest.raises(ImportRefused, match="还有错误"):
        confirm(session)
    assert not Lot.objects.exists()

    recheck(session, cells={("Sheet1", 2, HEAD.index("签订日期")): "2026-02-28"})
    confirm(session)

    assert Lot.objects.get().signed_on == date(2026, 2, 28)


def test_a_decision_makes_the_result_stale(clerk: User) -> None:
    session = begin(clerk, lot(1))
    services.decide(session=session, cells={("Sheet1", 2, 0): "2026B00009"})

    with pytest.raises(ImportRefused, match="已经更新"):
        confirm(session)
    assert not Lot.objects.exists()


def test_an_answer_is_kept_for_the_next_file(clerk: User) -> None:
    session = begin(clerk, lot(1, township="寻寨"))
    report = session.get_report()
    assert report is not None
    (asked,) = report.sheets[0].questions
    recheck(session, answers={asked.question: "白神首乡"})
    assert not RememberedAnswer.objects.exists(), "kept once it is confirmed"
    confirm(session)

    kept = RememberedAnswer.objects.get()
    assert (kept.column, kept.value, kept.answer, kept.decided_by) == ("乡镇", "寻寨", "白神首乡", clerk)
    assert bring(sheet(lot(2, township="寻寨"))).committed
    assert Lot.objects.get(number="2026B00002").township == "白神首乡"


def test_the_meaning_of_a_column_is_kept_for_the_next_file(clerk: User) -> None:
    head = ["附注说明" if title == "备注" else title for title in HEAD]
    session = begin(clerk, data=files.xlsx(sheet(lot(1, remark="甲"), head=head)))
    recheck(session, columns={"Sheet1": {HEAD.index("备注"): "remark"}})
    confirm(session)

    assert RememberedColumn.objects.get().column == "remark"
    assert bring(sheet(lot(2, remark="乙"), head=head)).committed
    assert set(Lot.objects.values_list("remark", flat=True)) == {"甲", "乙"}


def test_all_proposals_are_accepted_at_once(clerk: User) -> None:
    session = begin(clerk, lot(1, township="寻寨"), lot(2, township="寻寨"), lot(3, township="新和镇"))

    assert services.accept_proposals(session=session) == 2, "the same question is one"
    services.check(session=session, today=TODAY)
    confirm(session)

    assert set(Lot.objects.values_list("township", flat=True)) == {"寻寨镇"}


# --- What is remembered ------------------------------------------------------------------------------------


def test_another_meaning_of_a_head_of_the_table_holds_for_that_file_alone(clerk: User) -> None:
    head = [*HEAD, "电话"]  # another word for 联系电话
    session = begin(clerk, data=files.xlsx(sheet([*lot(1), "138 0000 7777"], head=head)))
    recheck(session, columns={"Sheet1": {HEAD.index("联系电话"): "-"}})
    confirm(session)
    assert Lot.objects.get().phone == "138 0000 7777"

    assert not RememberedColumn.objects.exists()
    assert bring(sheet(lot(1, phone="138 0000 8888"))).committed
    assert Lot.objects.get().phone == "138 0000 8888"


def test_a_remembered_column_that_is_no_more_is_forgotten() -> None:
    RememberedColumn.objects.create(kind="lots", head="附注", column="gone")
    head = ["附注" if title == "备注" else title for title in HEAD]

    report = bring(sheet(lot(1), head=head))

    assert [finding.code for finding in report.sheets[0].findings] == ["unknown_column"]


def test_two_long_heads_that_begin_alike_are_one_memory(clerk: User) -> None:
    head = [*HEAD, "说明" * 100 + "甲", "说明" * 100 + "乙"]
    session = begin(clerk, data=files.xlsx(sheet([*lot(1), "x", "y"], head=head)))
    recheck(session, columns={"Sheet1": {len(HEAD): "-", len(HEAD) + 1: "-"}})

    confirm(session)

    assert Lot.objects.exists()


def test_an_answer_about_personal_data_is_not_kept(clerk: User) -> None:
    session = begin(clerk, lot(1, phone=3198123456.0))
    report = session.get_report()
    assert report is not None
    (asked,) = report.sheets[0].questions
    recheck(session, answers={asked.question: asked.proposal})
    confirm(session)

    assert Lot.objects.get().phone == "03198123456"
    assert not RememberedAnswer.objects.exists()


def test_a_sheet_that_stayed_out_stays_out_of_the_next_file(clerk: User) -> None:
    book = {"台账": sheet(lot(1)), "字典": [["请如实填写"]]}
    session = begin(clerk, data=files.xlsx(book))
    services.accept_proposals(session=session)
    services.check(session=session, today=TODAY)
    confirm(session)

    assert bring(files.xlsx({"台账": sheet(lot(2)), "字典": [["请如实填写"]]})).committed


# --- What has changed since ---------------------------------------------------------------------------------


def test_a_row_that_changed_since_the_check_stops_the_import(clerk: User) -> None:
    bring(sheet(lot(1), lot(2)))
    session = begin(clerk, lot(1, remark="新"), lot(2))
    Lot.objects.filter(number="2026B00002").update(remark="别人刚写的")

    with pytest.raises(ImportRefused, match="“Sheet1”第 3 行"):
        confirm(session)

    assert set(Lot.objects.values_list("remark", flat=True)) == {"", "别人刚写的"}
    session.refresh_from_db()
    report = session.get_report()
    assert session.state == State.CHECKED
    assert report is not None
    assert report.sheets[0].changes == [(2, "备注", "", "新"), (3, "备注", "别人刚写的", "")]
    confirm(session)
    assert set(Lot.objects.values_list("remark", flat=True)) == {"新", ""}


def test_an_answer_that_somebody_changed_since_the_check_stops_the_import(clerk: User) -> None:
    first = begin(clerk, lot(1, township="寻寨"))
    services.accept_proposals(session=first)
    services.check(session=first, today=TODAY)
    confirm(first)
    session = begin(clerk, lot(2, township="寻寨"))
    RememberedAnswer.objects.update(answer="白神首乡")

    with pytest.raises(ImportRefused, match="没有写入"):
        confirm(session)
    assert Lot.objects.count() == 1


def test_a_change_that_looks_the_same_when_masked_stops_the_import_too(clerk: User) -> None:
    bring(sheet(lot(1, phone="13800001234")))
    session = begin(clerk, lot(1, phone="13800009999"))
    Lot.objects.update(phone="13811111234")

    with pytest.raises(ImportRefused, match="没有写入"):
        confirm(session)
    assert Lot.objects.get().phone == "13811111234"


def test_a_finished_import_is_not_checked_again(clerk: User, settings: Any) -> None:
    session = begin(clerk, lot(1), lot(2))
    confirm(session)
    settings.IMPORTS_AT_ONCE = 1

    with pytest.raises(ImportRefused, match="已经完成"):
        services.check(session=session, today=TODAY)
    session.refresh_from_db()
    assert session.state == State.DONE


def test_a_long_word_about_changed_rows_is_cut(clerk: User) -> None:
    name = "很长的工作表名称" * 3
    bring(sheet(*(lot(number) for number in range(1, 30))))
    session = begin(clerk, data=files.xlsx({f"{name}{n}": sheet(lot(n, remark="新")) for n in range(1, 30)}))
    Lot.objects.update(remark="别人")

    with pytest.raises(ImportRefused):
        confirm(session)
    session.refresh_from_db()
    assert 0 < len(session.told) <= 300


def test_a_result_of_another_version_has_to_be_made_anew(clerk: User) -> None:
    session = begin(clerk, lot(1))
    session.report.storage.delete(session.report.name)

    assert session.get_report() is None


def test_who_finds_no_place_to_read_is_told_to_come_again(
    clerk: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("landbureau.imports.reading.MOST_WAIT", 0)
    with a_place(), a_place(), pytest.raises(FileRefused, match="过一会儿再试"):
        begin(clerk, lot(1))

    assert not ImportSession.objects.exists()


def test_a_result_that_the_person_has_not_seen_is_not_confirmed(clerk: User) -> None:
    session = begin(clerk, lot(1))

    with pytest.raises(ImportRefused, match="请核对后再确认"):
        confirm(session, seen="0" * 64)
    assert not Lot.objects.exists()


def test_a_second_confirmation_writes_nothing_more(clerk: User) -> None:
    session = begin(clerk, lot(1))
    confirm(session)

    with pytest.raises(ImportRefused, match="已经完成"):
        confirm(session)
    assert Entry.objects.filter(action=Entry.Action.IMPORT).count() == 1


def test_a_row_that_somebody_else_registers_in_the_same_moment_undoes_all(
    clerk: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = begin(clerk, lot(1), lot(2))
    write = Lots.write

    def collide(self: Lots, created: Any, updated: Any) -> None:
        write(self, created, updated)
        raise IntegrityError("unique")

    monkeypatch.setattr(Lots, "write", collide)
    with pytest.raises(ImportRefused, match="没有写入"):
        confirm(session)

    assert not Lot.objects.exists()
    session.refresh_from_db()
    assert session.state == State.CHECKED


def test_a_table_that_refuses_while_writing_writes_nothing(
    clerk: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = begin(clerk, lot(1))

    def refuse(self: Lots, created: Any, updated: Any) -> None:
        raise ImportRefused("本表正在结账。")

    monkeypatch.setattr(Lots, "write", refuse)
    with pytest.raises(ImportRefused, match="正在结账"):
        confirm(session)

    session.refresh_from_db()
    assert (session.state, session.told) == (State.CHECKED, "本表正在结账。")
    assert len(stored()) == 2


# --- In the background --------------------------------------------------------------------------------


def run_of(session: ImportSession) -> JobRun:
    session.refresh_from_db()
    assert session.run is not None
    return session.run


def test_a_long_file_is_checked_and_written_in_the_background(clerk: User, settings: Any) -> None:
    settings.IMPORTS_AT_ONCE = 2
    session = begin(clerk, lot(1), lot(2), lot(3))
    assert (session.state, session.waits) == (State.CHECKING, True)

    execute(run_of(session).pk)

    session.refresh_from_db()
    assert (session.state, session.rows) == (State.CHECKED, 3)
    assert not Lot.objects.exists()
    confirm(session)
    assert (run_of(session).kind, session.state, Lot.objects.count()) == ("write_import", State.WRITING, 0)
    with pytest.raises(ImportRefused, match="正在写入"):
        services.decide(session=session, answers={})
    with pytest.raises(ImportRefused, match="不能取消"):
        services.leave(session=session)

    execute(run_of(session).pk)

    run = run_of(session)
    assert (run.state, run.done) == (JobRun.State.SUCCEEDED, 3)
    assert (session.state, Lot.objects.count()) == (State.DONE, 3)


def test_a_long_file_that_was_left_is_not_checked(clerk: User, settings: Any) -> None:
    settings.IMPORTS_AT_ONCE = 1
    session = begin(clerk, lot(1), lot(2))
    run = run_of(session)
    services.leave(session=session)

    execute(run.pk)

    run.refresh_from_db()
    assert run.state == JobRun.State.SUCCEEDED
    assert not ImportSession.objects.exists()


def test_a_long_file_that_turns_out_unreadable_says_so(
    clerk: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.IMPORTS_AT_ONCE = 1
    session = begin(clerk, lot(1), lot(2))

    def refuse(*args: Any) -> None:
        raise FileRefused("第 3 张工作表损坏。")

    monkeypatch.setattr("landbureau.imports.engine.run", refuse)
    execute(run_of(session).pk)

    session.refresh_from_db()
    assert (session.state, session.told) == (State.REFUSED, "第 3 张工作表损坏。")


def test_what_changed_before_the_job_wrote_is_told_and_no_failure(clerk: User, settings: Any) -> None:
    settings.IMPORTS_AT_ONCE = 1
    bring(sheet(lot(1), lot(2)))
    session = begin(clerk, lot(1, remark="新"), lot(2))
    execute(run_of(session).pk)
    confirm(session)
    Lot.objects.filter(number="2026B00001").update(remark="别人刚写的")

    execute(run_of(session).pk)

    run = run_of(session)
    assert (run.state, session.state) == (JobRun.State.SUCCEEDED, State.CHECKED)
    assert "第 2 行" in session.told
    assert Lot.objects.get(number="2026B00001").remark == "别人刚写的"


def test_a_worker_that_dies_while_writing_writes_nothing_and_the_next_one_all(
    clerk: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.IMPORTS_AT_ONCE = 1
    session = begin(clerk, lot(1), lot(2))
    execute(run_of(session).pk)
    confirm(session)
    run = run_of(session)
    JobRun.objects.filter(pk=run.pk).update(state=JobRun.State.RUNNING, attempt=1)
    lost = Progress(JobRun.objects.get(pk=run.pk))
    JobRun.objects.filter(pk=run.pk).update(attempt=2)

    with pytest.raises(Exception, match="attempt 1"):
        services.write_import(lost)
    assert not Lot.objects.exists()

    services.write_import(Progress(JobRun.objects.get(pk=run.pk)))
    assert Lot.objects.count() == 2


# --- Files around it ----------------------------------------------------------------------------------


def test_the_rows_as_they_were_undo_the_changes(clerk: User) -> None:
    bring(sheet(lot(1, remark="原来的"), lot(2)))
    session = begin(clerk, lot(1, remark="改过", completion_on=date(2030, 1, 1)), lot(2), lot(3))
    confirm(session)
    session.refresh_from_db()

    with session.restore.open("rb") as file:
        report = bring(file.read(), name="导入前.xlsx")

    assert report.committed
    assert [change[1:] for change in report.sheets[0].changes] == [
        ("约定竣工日期", "2030-01-01", "2028-09-01"),
        ("备注", "改过", "原来的"),
    ]
    first = Lot.objects.get(number="2026B00001")
    assert (first.remark, first.completion_on) == ("原来的", date(2028, 9, 1))


def test_the_result_workbook_has_the_outcome_of_every_row(clerk: User) -> None:
    bring(sheet(lot(1), lot(2)))
    session = begin(
        clerk,
        data=files.xlsx(
            [
                ["供地台账"],
                *sheet(lot(1), lot(2, remark="新"), lot(3), lot(4, area="很大"), lot(5, township="寻寨")),
            ]
        ),
    )
    out = io.BytesIO()

    workbooks.result(session, out)

    head, *rows = load_workbook(out).active.iter_rows(values_only=True)
    assert head == ("行号", *HEAD, "导入结果", "导入说明")
    assert [row[0] for row in rows] == [3, 4, 5, 6, 7], "as the file counts"
    assert [row[-2] for row in rows] == ["未变", "修改", "新增", "未通过", "待答复"]
    assert rows[1][-1] == "备注：（空） → 新"
    assert rows[3][-1].startswith("面积：")
    assert "不在乡镇名单中" in rows[4][-1]


def test_the_result_workbook_can_be_corrected_and_brought_again(clerk: User) -> None:
    session = begin(clerk, lot(1), lot(2, area="很大"))
    out = io.BytesIO()
    workbooks.result(session, out)
    workbook = load_workbook(out)
    workbook.active.cell(3, HEAD.index("面积") + 2, 500)
    corrected = io.BytesIO()
    workbook.save(corrected)

    assert bring(corrected.getvalue()).committed


def test_what_is_exported_imports_unchanged(clerk: User) -> None:
    zeros = ["000123", *lot(3)[1:]]
    assert bring(sheet(lot(1), lot(2, price=None, deposit=None), zeros)).committed
    Lot.objects.filter(number="2026B00001").update(remark="=1+1", address="-甲", contact="'甲")
    for extension in ("xlsx", "csv"):
        file = io.BytesIO()
        assert workbooks.write_table(file, Lots(actor=None, today=TODAY), extension) == 3
        report = bring(file.getvalue(), name=f"台账.{extension}")
        assert report.committed
        assert (report.sheets[0].unchanged, report.sheets[0].updated) == (3, 0), extension


def test_the_empty_table_is_recognised() -> None:
    report = bring(workbooks.template(Lots))

    assert report.committed
    assert len(report.sheets[0].heads) == len(HEAD)


def test_the_way_back_has_the_key_and_the_columns_of_all_sheets(clerk: User) -> None:
    bring(sheet(lot(1, remark="甲", use="旧"), lot(2, remark="乙", use="旧")))
    needed = ["电子监管号", "供应方式", "用地单位", "乡镇", "面积", "签订日期"]

    def part(row: list[Any], column: str) -> list[list[Any]]:
        names = [*needed, column]
        return [names, [row[HEAD.index(name)] for name in names]]

    book = {"一": part(lot(1, remark="新"), "备注"), "二": part(lot(2, use="新"), "用途")}
    session = begin(clerk, data=files.xlsx(book))
    confirm(session)
    session.refresh_from_db()
    assert set(Lot.objects.values_list("remark", "use")) == {("新", "旧"), ("乙", "新")}

    with session.restore.open("rb") as file:
        assert bring(file.read(), name="导入前.xlsx").committed

    assert set(Lot.objects.values_list("remark", "use")) == {("甲", "旧"), ("乙", "旧")}


def test_old_imports_and_their_files_are_cleared(
    clerk: User, django_capture_on_commit_callbacks: Any
) -> None:
    with time_machine.travel("2026-01-05 10:00+08:00", tick=False):
        begin(clerk, lot(1))
        done = begin(clerk, lot(2))
        confirm(done)
    with time_machine.travel("2026-11-23 10:00+08:00", tick=False):
        young = begin(clerk, lot(3))
        run = JobRun.objects.create(kind="clear_imports", trigger="beat", state="running", attempt=1)
        with django_capture_on_commit_callbacks(execute=True):
            clear_imports(progress := Progress(run))

    assert progress.counts["open"] == 1
    assert set(ImportSession.objects.values_list("pk", flat=True)) == {done.pk, young.pk}
    done.refresh_from_db()
    assert not done.file
    assert done.counts[0]["created"] == 1, "what was imported stays on record"
    assert len(stored()) >= 2


def test_an_import_that_was_worked_on_lately_stays(clerk: User) -> None:
    with time_machine.travel("2026-11-01 10:00+08:00", tick=False):
        session = begin(clerk, lot(1, township="寻寨"))
    with time_machine.travel("2026-11-20 10:00+08:00", tick=False):
        services.accept_proposals(session=session)
        services.check(session=session, today=TODAY)
    with time_machine.travel("2026-11-23 10:00+08:00", tick=False):
        run = JobRun.objects.create(kind="clear_imports", trigger="beat", state="running", attempt=1)
        clear_imports(Progress(run))

    assert ImportSession.objects.filter(pk=session.pk).exists()


def test_who_confirms_what_was_left_meanwhile_is_told(clerk: User) -> None:
    session = begin(clerk, lot(1))
    ImportSession.objects.all().delete()

    with pytest.raises(ImportRefused, match="已经取消"):
        services.confirm(session=session, seen=session.digest, today=TODAY)
    assert not Lot.objects.exists()


def test_files_that_a_crash_left_are_cleared(clerk: User) -> None:
    begin(clerk, lot(1))
    lost = project.MEDIA_ROOT / "imports" / "lost"
    lost.write_bytes(b"left")
    run = JobRun.objects.create(kind="clear_imports", trigger="beat", state="running", attempt=1)

    clear_imports(Progress(run))
    assert lost.exists(), "perhaps its row is being written"
    written = datetime.fromtimestamp(lost.stat().st_mtime, UTC)
    with time_machine.travel(written + timedelta(days=2), tick=False):
        clear_imports(Progress(run))

    assert not lost.exists()
