"""Who sees which time limits; what a row says."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from landbureau.workdays import selectors
from landbureau.workdays.models import Deadline, TimeLimit
from tests.factories import SectionFactory, UserFactory, allow
from tests.workdays.factories import day, make_deadline

pytestmark = pytest.mark.django_db


@pytest.fixture
def section_head():
    """Sees section one, changes nothing but what is their own."""
    head = UserFactory(section=SectionFactory())
    return allow(head, "view_deadline", on=head.section)


def test_a_person_sees_own_time_limits_without_any_permission() -> None:
    me, other = UserFactory(), UserFactory()
    own, foreign = make_deadline(owner=me), make_deadline(owner=other)
    assert set(Deadline.objects.visible_to(me)) == {own}
    assert set(Deadline.objects.visible_to(other)) == {foreign}


def test_a_section_head_sees_the_sections_and_not_the_others(section_head) -> None:
    colleague = make_deadline(owner=UserFactory(section=section_head.section))
    stranger = make_deadline(owner=UserFactory(section=SectionFactory()))
    unowned = make_deadline(owner=None)
    visible = Deadline.objects.visible_to(section_head)
    assert colleague in visible
    assert stranger not in visible
    assert unowned not in visible


def test_bureau_wide_sight_includes_what_belongs_to_nobody() -> None:
    leader = allow(UserFactory(), "view_deadline")
    rows = {make_deadline(owner=None), make_deadline(owner=UserFactory())}
    assert set(Deadline.objects.visible_to(leader)) == rows


def test_seeing_is_not_changing(section_head) -> None:
    colleague = make_deadline(owner=UserFactory(section=section_head.section))
    own = make_deadline(owner=section_head)
    assert set(Deadline.objects.changeable_by(section_head)) == {own}
    allow(section_head, "update_deadline", on=section_head.section)
    assert set(Deadline.objects.changeable_by(section_head)) == {own, colleague}


@pytest.mark.parametrize(
    ("today", "settled_on", "word"),
    [
        ("2025-10-01", None, "未到期"),
        ("2025-10-02", None, "即将到期"),
        ("2025-10-09", None, "即将到期"),
        ("2025-10-10", None, "逾期"),
        ("2025-10-10", "2025-10-10", "已办结"),
    ],
)
def test_the_state_follows_from_the_dates(today: str, settled_on: str | None, word: str) -> None:
    deadline = make_deadline(event_on=day("2025-09-19"), settled_on=day(settled_on) if settled_on else None)
    assert selectors.state_of(deadline, day(today))[1] == word
    rows = Deadline.objects.all()
    assert selectors.overdue(rows, day(today)).exists() is (word == "逾期")
    assert selectors.due_soon(rows, day(today)).exists() is (word == "即将到期")


def test_a_limit_counted_backwards_may_not_roll() -> None:
    limit = TimeLimit.objects.get(code="hearing_notice")
    limit.rolls = True
    with pytest.raises(ValidationError, match="倒推的期限不顺延"):
        limit.full_clean()


def test_a_limit_says_its_span() -> None:
    assert TimeLimit.objects.get(code="hearing_notice").span == "7个工作日前"
    assert str(TimeLimit.objects.get(code="fine_payment")) == "缴纳罚款（15日）"
