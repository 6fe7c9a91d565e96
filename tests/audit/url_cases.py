from __future__ import annotations

from landbureau.audit.models import Entry
from landbureau.audit.services import record
from tests.factories import UserFactory
from tests.urlwalk import UrlCase, World


def act_of_the_section(world: World) -> tuple[()]:
    """Somebody of the section did something."""
    somebody = UserFactory(name="李测", section=world.section)
    record(Entry.Action.BULK, actor=somebody, text="批量改派", subject=somebody)
    return ()


def person_of_the_section(world: World) -> tuple[int]:
    return (UserFactory(section=world.section).pk,)


def object_with_history(world: World) -> tuple[str, str, str]:
    act_of_the_section(world)
    entry = Entry.objects.get(object_repr="批量改派")
    return ("accounts", "user", entry.object_pk)


CASES = [
    UrlCase(
        "audit:entries",
        permission="view_audit",
        args=act_of_the_section,
        other_status=200,
        shows=lambda world: "批量改派",
    ),
    UrlCase(
        "audit:entries",
        permission="view_audit",
        args=act_of_the_section,
        data={"export": "csv"},
        other_status=200,
        is_file=True,
        shows=lambda world: "批量改派",
    ),
    UrlCase("audit:person", permission="view_audit", args=person_of_the_section),
    UrlCase("audit:object", permission="view_audit", args=object_with_history),
]
