"""Changing the calendar and running time limits."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from auditlog.context import disable_auditlog
from django.contrib.contenttypes.models import ContentType
from django.db import OperationalError, connection, connections

from landbureau.audit.models import Entry
from landbureau.web.versions import EditConflict
from landbureau.workdays import selectors, services
from landbureau.workdays.models import CalendarChange, CalendarDay, Deadline, DueDateChange, TimeLimit
from landbureau.workdays.rules import WorkdaysError
from landbureau.workdays.selectors import DayChange, Proposal
from tests.factories import SectionFactory, UserFactory
from tests.workdays.factories import NOTICE_2027, day, import_notice, make_deadline, set_day

pytestmark = pytest.mark.django_db


def current(deadline: Deadline) -> Deadline:
    return Deadline.objects.get(pk=deadline.pk)


# --- The calendar ----------------------------------------------------------------------------------


def test_a_day_set_by_hand_wins_and_can_be_given_back() -> None:
    set_day("2026-10-01", True, name="抢险")
    known = selectors.current_calendar().day(day("2026-10-01"))
    assert (known.is_workday, known.name, known.source) == (True, "抢险", "县政府通知")
    set_day("2026-10-01", None)
    assert not selectors.current_calendar().day(day("2026-10-01")).is_workday
    assert not CalendarDay.objects.exists()


def test_setting_a_day_twice_keeps_one_row_and_two_changes() -> None:
    set_day("2026-10-01", True)
    set_day("2026-10-01", False, name="国庆节")
    assert CalendarDay.objects.get().name == "国庆节"
    assert [change.revision for change in CalendarChange.objects.all()] == [2, 1]


def test_a_change_remembers_each_day_before_and_after() -> None:
    change = set_day("2026-10-01", True, name="抢险")
    assert change.days == [{"date": "2026-10-01", "was": False, "is": True, "name": "抢险"}]
    assert selectors.changes_of_day(day("2026-10-01")) == [change]
    assert selectors.changes_of_day(day("2026-10-02")) == []


def test_a_notice_makes_its_whole_year_certain() -> None:
    assert selectors.current_calendar().day(day("2027-03-10")).provisional
    change = import_notice()
    calendar = selectors.current_calendar()
    assert not calendar.day(day("2027-03-10")).provisional
    assert not calendar.day(day("2027-02-08")).is_workday
    assert calendar.day(day("2027-02-14")).is_workday
    assert calendar.day(day("2028-01-03")).provisional
    assert (change.complete_year, change.text) == (2027, NOTICE_2027)
    assert CalendarDay.objects.filter(announced_on=day("2026-11-30")).count() == 21


def test_a_partial_notice_leaves_the_rest_of_the_year_provisional() -> None:
    import_notice(complete=False)
    calendar = selectors.current_calendar()
    assert calendar.day(day("2027-03-10")).provisional
    assert not calendar.day(day("2027-02-08")).provisional


def test_a_notice_with_an_unreadable_line_saves_nothing() -> None:
    with pytest.raises(services.NoticeUnreadable) as refused:
        import_notice(text=NOTICE_2027.replace("（周五）至3日", "（周四）至3日"))
    assert [error.line for error in refused.value.errors] == [6]
    assert "第6行" in str(refused.value)
    assert not CalendarDay.objects.exists()
    assert not CalendarChange.objects.exists()


def test_a_notice_without_days_is_refused() -> None:
    with pytest.raises(services.NoticeUnreadable, match="没有读到任何"):
        import_notice(text="各科室：\n请做好值班。")


def test_the_second_editor_of_the_same_calendar_is_refused_and_told_who_was_first() -> None:
    first = UserFactory(name="王测")
    seen = selectors.revision()
    set_day("2026-10-01", True, actor=first, seen=seen)
    with pytest.raises(services.CalendarConflict, match="王测已修改日历（县政府通知）"):
        set_day("2026-10-02", True, seen=seen)
    assert CalendarDay.objects.count() == 1


def test_of_two_editors_at_the_same_moment_only_one_succeeds(monkeypatch: pytest.MonkeyPatch) -> None:
    set_day("2026-10-01", True)
    real = selectors.moves

    def slow(*args: Any, **kwargs: Any) -> Any:
        """The other editor saves while this one computes."""
        with disable_auditlog():
            CalendarChange.objects.create(revision=2, source="另一人")
        return real(*args, **kwargs)

    monkeypatch.setattr(selectors, "moves", slow)
    with pytest.raises(services.CalendarConflict, match="另一人"):
        set_day("2026-10-02", True, seen=1)
    assert CalendarDay.objects.count() == 1


def patiently(act: Callable[[], Any]) -> None:
    """The tests' SQLite in memory refuses at once where a file would wait for the other writer."""
    for _ in range(100):
        try:
            act()
        except OperationalError:
            time.sleep(0.05)
        else:
            return


@pytest.mark.django_db(transaction=True)
def test_two_editors_in_two_connections_change_one_calendar_once() -> None:
    barrier = threading.Barrier(2, timeout=20)
    results: list[str] = []

    def edit(on: str) -> None:
        try:
            seen = selectors.revision()
            barrier.wait()
            patiently(lambda: set_day(on, True, seen=seen))
            results.append("saved")
        except services.CalendarConflict:
            results.append("refused")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=edit, args=(on,)) for on in ("2026-10-01", "2026-10-02")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(results) == ["refused", "saved"]
    assert CalendarDay.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", ["register", "correct"])
def test_a_last_day_counted_while_the_calendar_changes_follows_the_change(
    act: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever counts has read the calendar; the editor must wait, or the count must come after it."""
    first_day, second_day = day("2025-09-18"), day("2025-09-19")
    deadline = make_deadline(event_on=first_day) if act == "correct" else None
    read, changed = threading.Event(), threading.Event()
    real = selectors.current_calendar

    def slow() -> Any:
        calendar = real()
        if threading.current_thread().name == "counting":
            read.set()
            changed.wait(2)  # without a lock the editor is done by then
        return calendar

    def count() -> None:
        try:
            if deadline:
                services.correct_event(deadline=deadline, event_on=second_day, reason="看错", actor=None)
            else:
                make_deadline(event_on=second_day)
        finally:
            connections.close_all()

    def change() -> None:
        try:
            read.wait(10)
            patiently(lambda: set_day("2025-10-09", False))
            changed.set()
        finally:
            connections.close_all()

    monkeypatch.setattr(selectors, "current_calendar", slow)
    threads = [threading.Thread(target=count, name="counting"), threading.Thread(target=change)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert Deadline.objects.get().due_on == day("2025-10-10")


def test_a_change_is_in_the_audit_record() -> None:
    change = set_day("2026-10-01", True)
    content_type = ContentType.objects.get_for_model(CalendarChange)
    entry = Entry.objects.get(content_type=content_type, object_id=change.pk)
    assert entry.action == Entry.Action.CREATE


# --- What a change moves -----------------------------------------------------------------------------


def test_open_time_limits_move_with_the_calendar_and_say_why() -> None:
    deadline = make_deadline(event_on=day("2025-09-19"))
    assert deadline.due_on == day("2025-10-09")
    change = set_day("2025-10-09", False, name="抗洪")
    moved = current(deadline)
    assert moved.due_on == day("2025-10-10")
    assert (change.moved, change.kept) == (1, 0)
    history = moved.changes.get()
    assert (history.old_due_on, history.new_due_on) == (day("2025-10-09"), day("2025-10-10"))
    assert history.reason == "日历调整：县政府通知"
    assert history.calendar_change == change


def test_a_date_told_to_somebody_never_moves() -> None:
    deadline = make_deadline(event_on=day("2025-09-19"), told_on=day("2025-09-22"))
    change = set_day("2025-10-09", False)
    assert current(deadline).due_on == day("2025-10-09")
    assert (change.moved, change.kept) == (0, 1)
    assert not DueDateChange.objects.exists()


def test_settled_time_limits_are_left_alone() -> None:
    deadline = make_deadline(event_on=day("2025-09-19"), settled_on=day("2025-10-09"))
    assert set_day("2025-10-09", False).moved == 0
    assert current(deadline).due_on == day("2025-10-09")


def test_a_change_outside_the_span_is_not_even_computed() -> None:
    make_deadline(event_on=day("2025-09-19"))
    for on in ("2025-09-18", "2025-10-10"):
        assert selectors.moves(Proposal([DayChange(day(on), False)], "试")) == []


def test_limits_counted_backwards_move_too() -> None:
    deadline = make_deadline(code="hearing_notice", event_on=day("2025-10-16"))
    set_day("2025-10-10", False)
    assert current(deadline).due_on == day("2025-09-29")


def test_a_notice_confirms_provisional_days_without_calling_that_a_move() -> None:
    steady = make_deadline(code="statement", event_on=day("2027-03-01"))
    moving = make_deadline(code="statement", event_on=day("2027-02-03"))
    assert (moving.due_on, moving.provisional) == (day("2027-02-10"), True)
    change = import_notice()
    assert change.moved == 1
    assert (current(moving).due_on, current(moving).provisional) == (day("2027-02-16"), False)
    assert (current(steady).due_on, current(steady).provisional) == (day("2027-03-08"), False)
    assert [row.deadline for row in DueDateChange.objects.all()] == [moving]


def test_a_told_date_that_is_confirmed_loses_its_mark_only() -> None:
    deadline = make_deadline(code="statement", event_on=day("2027-03-01"), told_on=day("2027-03-02"))
    change = import_notice()
    assert (change.moved, change.kept) == (0, 0)
    assert (current(deadline).due_on, current(deadline).provisional) == (day("2027-03-08"), False)


def test_the_preview_shows_what_the_change_then_does() -> None:
    moving = make_deadline(event_on=day("2025-09-19"))
    told = make_deadline(event_on=day("2025-09-19"), told_on=day("2025-09-22"))
    proposal = Proposal([DayChange(day("2025-10-09"), False, "抗洪")], "县政府通知")
    preview = selectors.preview(proposal)
    assert [(move.deadline, move.kept, move.due.on) for move in preview.moves] == [
        (moving, False, day("2025-10-10")),
        (told, True, day("2025-10-10")),
    ]
    assert [(before.is_workday, after.is_workday) for before, after in preview.days] == [(True, False)]
    assert current(moving).due_on == day("2025-10-09")
    services.change_calendar(proposal=proposal, actor=None, seen=preview.revision)
    assert current(moving).due_on == day("2025-10-10")


def test_recomputing_without_changes_takes_over_what_a_newer_library_knows() -> None:
    deadline = make_deadline(event_on=day("2025-09-19"))
    Deadline.objects.filter(pk=deadline.pk).update(due_on=day("2025-10-06"), provisional=True)
    services.change_calendar(proposal=Proposal([], "重算"), actor=None)
    assert (current(deadline).due_on, current(deadline).provisional) == (day("2025-10-09"), False)


def test_a_moved_time_limit_refuses_a_form_opened_before() -> None:
    deadline = make_deadline(event_on=day("2025-09-19"))
    opened = current(deadline)
    set_day("2025-10-09", False)
    with pytest.raises(EditConflict):
        services.settle_deadline(deadline=opened, on=day("2025-10-09"))


def test_many_time_limits_move_in_few_queries(django_assert_max_num_queries: Any) -> None:
    with disable_auditlog():
        for _ in range(30):
            make_deadline(event_on=day("2025-09-19"))
    with django_assert_max_num_queries(20):
        assert set_day("2025-10-09", False).moved == 30


# --- Time limits that run --------------------------------------------------------------------------


def test_a_time_limit_copies_how_it_counts_from_the_law() -> None:
    deadline = make_deadline(code="fine_payment")
    TimeLimit.objects.filter(code="fine_payment").update(number=30)
    set_day("2025-10-09", False)
    assert current(deadline).number == 15
    assert current(deadline).due_on == day("2025-10-10")


def test_a_time_limit_may_be_a_day_that_somebody_named() -> None:
    deadline = make_deadline(number=0, event_on=day("2025-10-01"), unit="days", rolls=True)
    assert deadline.due_on == day("2025-10-09")
    assert deadline.span == "指定日期"


def test_a_time_limit_in_an_unannounced_year_is_provisional() -> None:
    assert make_deadline(event_on=day("2026-12-25")).provisional
    assert not make_deadline(event_on=day("2026-11-25")).provisional


def test_a_time_limit_may_belong_to_any_row() -> None:
    section = SectionFactory()
    deadline = make_deadline(subject=section)
    assert current(deadline).subject == section


def test_a_time_limit_without_a_rule_is_refused() -> None:
    with pytest.raises(services.DeadlineError, match="请选择法定期限"):
        services.register_deadline(title="无", event_on=day("2025-09-19"), owner=None)


def test_a_time_limit_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(WorkdaysError, match="超出"):
        make_deadline(event_on=date.max)
    assert not Deadline.objects.exists()


def test_settling_keeps_the_day_and_the_note() -> None:
    deadline = make_deadline(note="原备注")
    services.settle_deadline(deadline=current(deadline), on=day("2025-10-08"))
    settled = current(deadline)
    assert (settled.settled_on, settled.note, settled.version) == (day("2025-10-08"), "原备注", 2)
    with pytest.raises(services.DeadlineError, match="已经办结"):
        services.settle_deadline(deadline=settled, on=day("2025-10-08"))


def test_telling_the_date_happens_once() -> None:
    deadline = services.mark_told(deadline=make_deadline(), on=day("2025-09-22"))
    assert current(deadline).told_on == day("2025-09-22")
    with pytest.raises(services.DeadlineError, match="此前告知"):
        services.mark_told(deadline=deadline, on=day("2025-09-23"))


def test_a_last_day_cannot_be_told_before_the_event_it_is_counted_from() -> None:
    with pytest.raises(services.DeadlineError, match="不能早于起算"):
        make_deadline(event_on=day("2025-09-19"), told_on=day("2025-09-18"))
    with pytest.raises(services.DeadlineError, match="不能早于起算"):
        services.mark_told(deadline=make_deadline(event_on=day("2025-09-19")), on=day("2025-09-18"))


def test_a_named_day_and_one_counted_backwards_may_be_told_before_it() -> None:
    make_deadline(number=0, unit="days", event_on=day("2025-09-19"), told_on=day("2025-09-10"))
    hearing = make_deadline(code="hearing_notice", event_on=day("2025-10-16"))
    services.mark_told(deadline=hearing, on=day("2025-09-22"))
    assert current(hearing).told_on == day("2025-09-22")


def test_a_corrected_event_is_appended_with_its_reason() -> None:
    actor = UserFactory()
    deadline = make_deadline(event_on=day("2025-09-19"))
    services.correct_event(deadline=deadline, event_on=day("2025-09-26"), reason="回证日期看错", actor=actor)
    corrected = current(deadline)
    assert (corrected.event_on, corrected.due_on) == (day("2025-09-26"), day("2025-10-11"))
    change = corrected.changes.get()
    assert (change.old_event_on, change.new_event_on) == (day("2025-09-19"), day("2025-09-26"))
    assert (change.old_due_on, change.new_due_on) == (day("2025-10-09"), day("2025-10-11"))
    assert (change.reason, change.made_by, change.calendar_change) == ("回证日期看错", actor, None)


def test_a_correction_needs_a_reason_and_an_open_matter() -> None:
    deadline = make_deadline()
    with pytest.raises(services.DeadlineError, match="理由"):
        services.correct_event(deadline=deadline, event_on=day("2025-09-26"), reason=" ", actor=None)
    settled = make_deadline(settled_on=day("2025-10-01"))
    with pytest.raises(services.DeadlineError, match="不能更正"):
        services.correct_event(deadline=current(settled), event_on=day("2025-09-26"), reason="误", actor=None)


def test_single_edits_of_time_limits_are_audited() -> None:
    deadline = make_deadline()
    services.mark_told(deadline=deadline, on=day("2025-09-22"))
    content_type = ContentType.objects.get_for_model(Deadline)
    entries = Entry.objects.filter(content_type=content_type, object_id=deadline.pk).order_by("pk")
    assert [entry.action for entry in entries] == [Entry.Action.CREATE, Entry.Action.UPDATE]
    assert entries[1].changes["told_on"] == [None, "2025-09-22"]


def test_half_a_subject_is_refused_by_the_database() -> None:
    deadline = make_deadline()
    with pytest.raises(Exception, match="deadline_subject_whole_or_none"), connection.cursor() as cursor:
        cursor.execute("UPDATE workdays_deadline SET object_id = 5 WHERE id = %s", [deadline.pk])
