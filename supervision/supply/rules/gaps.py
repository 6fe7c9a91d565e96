"""Facts that are missing and that the law needs: nobody can say when something is due."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from landbureau.workdays.rules import add_years
from supervision.supply.rules.facts import Facts, Terms
from supervision.supply.rules.states import PaymentState, StageState, View


class Gap(StrEnum):
    START_DATE = "start_date"
    COMPLETION_DATE = "completion_date"
    INSTALMENT_DATE = "instalment_date"
    INSTALMENTS = "instalments"
    TYPE_B_TESTS = "type_b_tests"


def gaps(facts: Facts, view: View, terms: Terms) -> list[tuple[Gap, int | None]]:
    """What is missing as of ``view.on``, with the instalment where it concerns one. A closed supply: nothing.

    ``TYPE_B_TESTS``: work has stopped for longer than the idle year, and neither developed area nor
    investment is known (闲置土地处置办法 art. 2).
    """
    if view.closed_on is not None:
        return []
    found: list[tuple[Gap, int | None]] = []
    if view.start.due_on is None and view.start.state != StageState.REACHED:
        found.append((Gap.START_DATE, None))
    if view.completion.due_on is None and view.completion.state != StageState.REACHED:
        found.append((Gap.COMPLETION_DATE, None))
    found += [
        (Gap.INSTALMENT_DATE, one.seq)
        for one in view.payment
        if one.due_on is None and one.state != PaymentState.PAID
    ]
    if facts.price and not facts.instalments:
        found.append((Gap.INSTALMENTS, None))
    since = facts.until(view.on).suspended_since
    if since is not None and _stopped_too_long(since, view.on, terms) and _untested(facts.until(view.on)):
        found.append((Gap.TYPE_B_TESTS, None))
    return found


def _stopped_too_long(since: date, on: date, terms: Terms) -> bool:
    return on > add_years(since, terms.idle_years)


def _untested(facts: Facts) -> bool:
    """Neither share can be computed: a part without its whole says nothing."""
    area = facts.latest("developed_area")
    invested = facts.latest("invested")
    return (area is None or not facts.area) and (invested is None or not facts.total_investment)
