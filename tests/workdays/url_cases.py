from __future__ import annotations

from landbureau.workdays.models import Deadline
from tests.factories import UserFactory
from tests.urlwalk import UrlCase, World
from tests.workdays.factories import day, make_deadline


def deadline_of_the_section(world: World) -> tuple[int]:
    """A running time limit of somebody in the section."""
    owner = UserFactory(section=world.section)
    return (make_deadline(owner=owner, title="某案缴纳罚款", event_on=day("2025-09-19")).pk,)


def one_in_the_list(world: World) -> tuple[()]:
    deadline_of_the_section(world)
    return ()


def own_deadline(world: World) -> tuple[int]:
    """A time limit of ``right``, who needs no permission for it."""
    pk = deadline_of_the_section(world)[0]
    Deadline.objects.filter(pk=pk).update(owner=world.right)
    return (pk,)


CASES = [
    UrlCase(
        "workdays:deadlines",
        permission="view_deadline",
        args=one_in_the_list,
        other_status=200,
        shows=lambda world: "某案缴纳罚款",
    ),
    UrlCase(
        "workdays:deadlines",
        permission="view_deadline",
        args=one_in_the_list,
        data={"export": "csv"},
        other_status=200,
        is_file=True,
        shows=lambda world: "某案缴纳罚款",
    ),
    UrlCase("workdays:deadline", args=own_deadline),
    UrlCase("workdays:settle", args=own_deadline),
    UrlCase("workdays:correct", args=own_deadline),
    UrlCase("workdays:tell", args=own_deadline),
    UrlCase("workdays:register", permission="create_deadline", other_status=200),
    UrlCase("workdays:calendar", permission="view_calendar", other_status=200),
    UrlCase("workdays:year", permission="view_calendar", other_status=200, args=lambda world: (2027,)),
    UrlCase("workdays:day", permission="view_calendar", other_status=200, args=lambda world: ("2026-10-01",)),
    UrlCase("workdays:calculator", permission="view_calendar", other_status=200),
    UrlCase("workdays:limits", permission="view_calendar", other_status=200),
]
CASES.append(UrlCase("home:calendar_change", permission="update_calendar", bureau_wide=True))
