"""Addresses of visits, their photos, the papers of the site."""

from __future__ import annotations

import uuid

from django.utils import timezone

from landbureau.accounts.models import User
from supervision.supply.models import Event, LandSupply
from supervision.supply.services import append_event
from supervision.supply.services.photos import add_draft_photo, attach_photos
from tests.factories import allow
from tests.supply.factories import make_supply
from tests.urlwalk import UrlCase, World
from tests.web.files import picture, upload


def supply_of(world: World) -> LandSupply:
    return make_supply(section=world.section, office=world.office, officer=world.right)


def supply(world: World) -> tuple[int]:
    return (supply_of(world).pk,)


def visited(world: World, seen_by: User | None = None) -> tuple[Event, int]:
    """A visit of the office with its photo; ``right`` may see it."""
    today, key = timezone.localdate(), uuid.uuid4()
    allow(world.right, "view_visit", on=world.office)
    made = supply_of(world)
    event = append_event(supply=made, kind="visit", on=today, actor=None, today=today, finding="not_started")
    actor = seen_by or world.right
    kept = add_draft_photo(supply=made, draft_key=key, actor=actor, file=upload(picture()), today=today)
    attach_photos(event=event, keys=[kept.pk], draft_key=key, actor=actor)
    return event, kept.pk


def visit(world: World) -> tuple[int]:
    return (visited(world)[0].pk,)


def photo(world: World) -> tuple[int]:
    return (visited(world)[1],)


def draft(world: World) -> tuple[int]:
    kept = add_draft_photo(
        supply=supply_of(world),
        draft_key=uuid.uuid4(),
        actor=world.right,
        file=upload(picture()),
        today=timezone.localdate(),
    )
    return (kept.pk,)


CASES = [
    UrlCase("supply:my_visits", permission="create_visit", other_status=200),
    UrlCase("supply:visit", permission="create_visit", args=supply),
    UrlCase("supply:visit_after", permission="create_visit", args=supply),
    UrlCase(
        "supply:visit_photos",
        permission="create_visit",
        args=supply,
        method="post",
        data={"draft_key": "x"},
        right_status=422,
    ),
    UrlCase("supply:remove_photo", permission="create_visit", args=draft, method="post"),
    UrlCase("supply:photo", args=photo, is_file=True),
    UrlCase("supply:photo_thumb", args=photo, is_file=True),
    UrlCase("supply:visit_detail", args=visit),
    UrlCase("supply:tracking_card", permission="create_visit", args=supply),
    UrlCase("supply:blank_card", permission="create_visit", args=supply),
    UrlCase("supply:sign_board", permission="create_visit", args=supply),
]
