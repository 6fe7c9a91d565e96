"""Which permission each act on a document needs, and which documents a person sees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, QuerySet
from django.utils import timezone

from landbureau.accounts.models import Assignment, Section, Township, User
from landbureau.accounts.selectors import Scopes, acting_for, own_scopes_for, scopes_for
from landbureau.accounts.services import SERVING, SERVING_NOTICE
from landbureau.documents.models import Document, Kind, ServiceRecord

SEAL = "seal_document"


@dataclass(frozen=True)
class Permissions:
    """Codenames for a family of kinds: one line of domain.md I; ``task``: the work of who serves them."""

    view: str
    draft: str
    approve: str
    sign: str
    serve: str
    task: str


FAMILIES = {
    Kind.Family.DOCUMENT: Permissions(
        "view_document", "create_document", "approve_document", "sign_document", "serve_document", SERVING
    ),
    Kind.Family.NOTICE: Permissions(
        "view_notice",
        "create_notice",
        "approve_notice",
        "approve_termination",
        "serve_notice",
        SERVING_NOTICE,
    ),
    Kind.Family.VISIT: Permissions(
        "view_visit", "create_visit", "approve_notice", "approve_termination", "serve_notice", SERVING_NOTICE
    ),
}
TASKS = (SERVING, SERVING_NOTICE)


def task_of(document: Document) -> str:
    """The work of who serves it: what it asks for differs by family."""
    return FAMILIES[Kind.Family(document.family)].task


def _persons(viewer: User) -> list[int]:
    return [viewer.pk, *acting_for(viewer, timezone.localdate())]


def _codename(act: str, family: str) -> str:
    if act == "seal":
        return SEAL
    return str(getattr(FAMILIES[Kind.Family(family)], "serve" if act == "correct" else act))


def _scopes(user: User, act: str, family: str, own: bool) -> Scopes:
    held = own_scopes_for if own else scopes_for
    return held(user, _codename(act, family))


def _within(viewer: User, act: str, family: str, own: bool = False) -> Q | None:
    """Documents in the scopes of an act: section, township's office, own work; None: all."""
    scopes = _scopes(viewer, act, family, own)
    if scopes.everywhere:
        return None
    where = Q(pk__in=())
    if scopes.sections:
        where |= Q(section__in=scopes.sections)
    if scopes.offices:
        where |= Q(township__office__in=scopes.offices)
    if scopes.people:
        where |= Q(drafted_by__in=scopes.people)
    if entrusted := _entrusted(viewer, act, scopes):
        where |= entrusted
    return where


def _entrusted(user: User, act: str, scopes: Scopes) -> Q:
    """Documents that are the work of persons, wherever they lie; empty: none.

    Who is to serve one may serve it as long as it is their work; who registered it may correct that.
    """
    if act not in ("serve", "correct"):
        people = sorted(scopes.people)
        return Q(pk__in=_keys(_assigned(people))) if people else Q()
    if not scopes:
        return Q()
    people = sorted({*scopes.people, *_persons(user)})
    where = Q(pk__in=_keys(not_ended(_assigned(people), timezone.localdate())))
    if act == "correct":
        where |= Q(pk__in=ServiceRecord.objects.filter(registered_by__in=people).values("document"))
    return where


def _assigned(people: list[int]) -> QuerySet[Assignment]:
    """The documents that these persons are to serve or have served."""
    return servings().filter(user__in=people)


def servings() -> QuerySet[Assignment]:
    """Who is to serve which document, or has served it."""
    return Assignment.objects.filter(task__in=TASKS, content_type=ContentType.objects.get_for_model(Document))


def _keys(rows: QuerySet[Assignment]) -> QuerySet[Assignment, Any]:
    return rows.values("object_id")


def not_ended(rows: QuerySet[Assignment], today: date) -> QuerySet[Assignment]:
    """Also work that begins later: who is to take it over may begin."""
    return rows.filter(Q(ends_on=None) | Q(ends_on__gte=today))


def visible(viewer: User) -> Q:
    """Condition on documents: those in the scopes of each family, one's own drafts, those one serves."""
    if viewer.is_superuser:
        return Q()
    people = _persons(viewer)
    return Q(drafted_by__in=people) | Q(pk__in=_keys(_assigned(people))) | within(viewer, "view")


def within(viewer: User, act: str, *, own: bool = False) -> Q:
    """Condition on documents on which ``viewer`` may ``act`` (see ``may``)."""
    where = Q(pk__in=())
    for family in FAMILIES:
        inside = _within(viewer, act, family, own)
        where |= Q(family=family) if inside is None else Q(family=family) & inside
    return where


def may(user: User, act: str, document: Document, *, own: bool = False) -> bool:
    """Whether ``user`` holds the permission for ``act`` on it (a name of ``Permissions``, seal or correct).

    ``own``: without what is held as a deputy. Separation of duties is the services' business.
    """
    scopes = _scopes(user, act, document.family, own)
    if scopes.everywhere or document.section_id in scopes.sections:
        return True
    if document.township and document.township.office_id in scopes.offices:
        return True
    if document.drafted_by_id in scopes.people:
        return True
    entrusted = _entrusted(user, act, scopes)
    return bool(entrusted) and Document.objects.filter(entrusted, pk=document.pk).exists()


def sections_to_draft(user: User, family: str) -> QuerySet[Section]:
    """The sections for which ``user`` may draft documents of a family; one's own for one's own work.

    Who may in the townships of an office may for any section: see ``townships_to_draft``.
    """
    scopes = scopes_for(user, _codename("draft", family))
    sections = Section.objects.filter(is_active=True)
    if scopes.everywhere or scopes.offices:
        return sections
    own = {user.section_id} if user.pk in scopes.people and user.section_id else set()
    return sections.filter(pk__in=scopes.sections | own)


def townships_to_draft(user: User, family: str) -> QuerySet[Township] | None:
    """The townships to which ``user`` is bound when drafting; None: to none."""
    scopes = scopes_for(user, _codename("draft", family))
    if scopes.everywhere or scopes.sections or scopes.people:
        return None
    return Township.objects.filter(office__in=scopes.offices)


def may_draft(user: User) -> bool:
    """Whether ``user`` may draft anything anywhere."""
    return any(scopes_for(user, _codename("draft", family)) for family in FAMILIES)
