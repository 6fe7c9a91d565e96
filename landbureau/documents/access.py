"""Which permission each act on a document needs, and which documents a person sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, QuerySet
from django.utils import timezone

from landbureau.accounts.models import Assignment, User
from landbureau.accounts.selectors import acting_for, scopes_for
from landbureau.accounts.services import SERVING
from landbureau.documents.models import Document, Kind

SEAL = "seal_document"


@dataclass(frozen=True)
class Permissions:
    """Codenames for a family of kinds: one line of domain.md I."""

    view: str
    draft: str
    approve: str
    sign: str
    serve: str


FAMILIES = {
    Kind.Family.DOCUMENT: Permissions(
        "view_document", "create_document", "approve_document", "sign_document", "serve_document"
    ),
    Kind.Family.NOTICE: Permissions(
        "view_notice", "create_notice", "approve_notice", "approve_termination", "serve_notice"
    ),
}


def _persons(viewer: User) -> list[int]:
    return [viewer.pk, *acting_for(viewer, timezone.localdate())]


def _within(viewer: User, codename: str) -> Q | None:
    """Documents in the scopes of ``codename``: section, township's office, own work; None: all."""
    scopes = scopes_for(viewer, codename)
    if scopes.everywhere:
        return None
    where = Q(pk__in=())
    if scopes.sections:
        where |= Q(section__in=scopes.sections)
    if scopes.offices:
        where |= Q(township__office__in=scopes.offices)
    if scopes.people:
        where |= Q(drafted_by__in=scopes.people) | Q(pk__in=_assigned(list(scopes.people)))
    return where


def _assigned(people: list[int]) -> QuerySet[Assignment, Any]:
    """Keys of the documents that these persons are to serve or have served."""
    return Assignment.objects.filter(
        user__in=people, task=SERVING, content_type=ContentType.objects.get_for_model(Document)
    ).values("object_id")


def visible(viewer: User) -> Q:
    """Condition on documents: those in the scopes of each family, one's own drafts, those one serves."""
    if viewer.is_superuser:
        return Q()
    people = _persons(viewer)
    where = Q(drafted_by__in=people) | Q(pk__in=_assigned(people))
    for family, permissions in FAMILIES.items():
        within = _within(viewer, permissions.view)
        where |= Q(family=family) if within is None else Q(family=family) & within
    return where


def within(viewer: User, act: str) -> Q:
    """Condition on documents on which ``viewer`` may ``act`` (a name of ``Permissions``)."""
    if viewer.is_superuser:
        return Q()
    where = Q(pk__in=())
    for family, permissions in FAMILIES.items():
        inside = _within(viewer, getattr(permissions, act))
        where |= Q(family=family) if inside is None else Q(family=family) & inside
    return where


def may(user: User, act: str, document: Document) -> bool:
    """Whether ``user`` holds the permission for ``act`` (a name of ``Permissions``, or ``seal``) on it.

    Who is to serve a document may serve it wherever it lies. Separation of duties is the services' business.
    """
    codename = SEAL if act == "seal" else getattr(FAMILIES[Kind.Family(document.family)], act)
    scopes = scopes_for(user, codename)
    if not scopes:
        return False
    if scopes.everywhere or document.section_id in scopes.sections:
        return True
    if document.township and document.township.office_id in scopes.offices:
        return True
    people = scopes.people | (set(_persons(user)) if act == "serve" else set())
    if not people:
        return False
    own = document.drafted_by_id in scopes.people
    return own or Document.objects.filter(pk=document.pk, pk__in=_assigned(list(people))).exists()
