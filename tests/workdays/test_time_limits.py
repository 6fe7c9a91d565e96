"""The dates of domain.md C, E.5 and F by number, each through the row of the law that is delivered."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from landbureau.workdays import rules
from landbureau.workdays.models import TimeLimit
from tests.workdays.factories import day, published_calendar

pytestmark = pytest.mark.django_db
CALENDAR = published_calendar()


def due(code: str, event_on: str) -> date:
    result = TimeLimit.objects.get(code=code).due(day(event_on), CALENDAR)
    assert not result.provisional
    return result.on


@pytest.mark.parametrize(
    ("code", "event_on", "last_day"),
    [
        # E.5, formulas
        ("hearing_request", "2025-09-26", "2025-10-10"),
        ("fine_payment", "2025-09-19", "2025-10-09"),
        ("penalty_decision", "2025-07-10", "2025-10-09"),
        ("demand_letter", "2026-02-10", "2026-03-02"),
        ("lawsuit", "2025-03-31", "2025-09-30"),
        ("court_application", "2025-09-30", "2025-12-30"),
        ("lawsuit_demolition", "2025-03-31", "2025-04-15"),
        ("court_application", "2025-04-15", "2025-07-15"),
        # F
        ("disclosure_answer", "2025-09-15", "2025-10-17"),
        ("disclosure_extension", "2025-10-17", "2025-11-14"),
        ("petition_handling", "2025-08-01", "2025-09-30"),
        # C.6
        ("premium_half", "2024-01-31", "2024-02-29"),
        ("premium_rest", "2024-01-31", "2025-02-05"),
        ("idle_answer", "2024-07-02", "2024-08-01"),
        ("idle_payment", "2025-12-05", "2026-01-04"),
        # C.5: the last day; idle is suspected from the next
        ("suspected_idle", "2024-02-29", "2025-02-28"),
        ("idle_take_back", "2024-02-29", "2026-02-28"),
        ("suspected_idle", "2024-03-15", "2025-03-15"),
        ("suspected_idle", "2023-06-30", "2024-06-30"),
        ("idle_take_back", "2023-06-30", "2025-06-30"),
        # the rest of E.5 and F, one of each
        ("patrol_report", "2025-09-30", "2025-10-09"),
        ("clue_verification", "2025-09-26", "2025-10-13"),
        ("case_filing", "2025-09-26", "2025-10-16"),
        ("evidence_registration", "2025-09-26", "2025-10-13"),
        ("statement", "2025-09-26", "2025-10-10"),
        ("hearing_notice", "2025-10-16", "2025-09-30"),
        ("penalty_decision_extension", "2025-10-09", "2025-11-10"),
        ("penalty_service", "2025-09-26", "2025-10-13"),
        ("additional_fine", "2025-10-09", "2025-10-10"),
        ("publication_withdrawal", "2025-09-30", "2025-10-11"),
        ("confiscated_buildings", "2025-07-05", "2025-10-03"),
        ("reconsideration", "2025-08-05", "2025-10-09"),
        ("court_acceptance", "2026-02-12", "2026-02-26"),
        ("court_ruling", "2026-02-12", "2026-02-28"),
        ("court_ruling_review", "2025-09-04", "2025-10-04"),
        ("transfer_approval", "2025-10-01", "2025-10-04"),
        ("transfer_sending", "2025-10-01", "2025-10-02"),
        ("police_decision", "2025-10-01", "2025-10-04"),
        ("police_objection", "2025-10-01", "2025-10-04"),
        ("goods_handover", "2025-10-01", "2025-10-04"),
        ("public_service", "2025-09-02", "2025-10-02"),
        ("petition_registration", "2025-09-20", "2025-10-05"),
        ("petition_extension", "2025-09-30", "2025-10-30"),
        ("petition_review_request", "2025-09-04", "2025-10-09"),
        ("petition_review", "2025-09-04", "2025-10-04"),
        ("petition_final_request", "2025-09-04", "2025-10-09"),
        ("petition_final", "2025-09-04", "2025-10-04"),
        ("disclosure_release", "2025-09-15", "2025-10-17"),
        ("disclosure_correction", "2025-09-26", "2025-10-13"),
        ("disclosure_opinion", "2025-09-15", "2025-10-11"),
        ("contract_signing", "2025-09-26", "2025-10-16"),
        ("idle_investigation", "2025-09-04", "2025-10-04"),
        ("idle_hearing", "2025-09-26", "2025-10-10"),
        ("audit_retention", "2025-08-31", "2026-02-28"),
    ],
)
def test_the_last_day_of_each_limit(code: str, event_on: str, last_day: str) -> None:
    assert due(code, event_on) == day(last_day)


def test_the_table_of_dates_names_every_delivered_limit() -> None:
    marks = test_the_last_day_of_each_limit.pytestmark  # type: ignore[attr-defined]
    tried = {case[0] for mark in marks for case in mark.args[1]}
    assert set(TimeLimit.objects.values_list("code", flat=True)) == tried


def test_the_court_is_open_from_the_day_after_the_demands_last_day() -> None:
    assert due("demand_letter", "2026-02-10") + timedelta(days=1) == day("2026-03-03")


def test_the_ninetieth_day_of_a_case_rolls_out_of_the_holidays() -> None:
    result = TimeLimit.objects.get(code="penalty_decision").due(day("2025-07-10"), CALENDAR)
    assert (result.nominal_on, result.on) == (day("2025-10-08"), day("2025-10-09"))


def test_an_agreed_date_in_the_holidays_rolls() -> None:
    assert rules.due_on(day("2025-10-01"), 0, rules.Unit.DAYS, True, CALENDAR).on == day("2025-10-09")


def test_every_delivered_limit_has_a_source_and_says_how_well_it_was_checked() -> None:
    for limit in TimeLimit.objects.all():
        limit.full_clean()
        assert limit.source
        assert limit.mark in TimeLimit.Mark.values


def test_only_working_days_of_the_penalty_law_are_working_days() -> None:
    """行政处罚法 art. 85: two, three, five and seven days are working days, the others calendar days."""
    for limit in TimeLimit.objects.filter(source__startswith="行政处罚法", mark="v"):
        if limit.code != "additional_fine":
            assert (limit.unit == "workdays") == (limit.number in (2, 3, 5, 7)), limit
