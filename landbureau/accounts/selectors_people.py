"""Lists about people: the staff, their work, their absences, the villages' rounds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.contrib.contenttypes.prefetch import GenericPrefetch
from django.db.models import Count, Exists, F, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from landbureau.accounts.models import Absence, Assignment, Grant, Township, TownshipOffice, User, Village
from landbureau.accounts.services.work import DEADLINES, VILLAGE_ROUND, open_deadlines_of, open_work
from landbureau.workdays.models import Deadline

# Leaders (no unit), sections, offices; spelled out since databases disagree on where NULL stands.
BY_UNIT = (F("office__order").asc(nulls_first=True), F("section__order").asc(nulls_first=True))
CERTIFICATE_WARNING = 30  # days before an enforcement certificate (执法证) expires


@dataclass
class Round:
    """A village, and who makes its rounds (None: nobody)."""

    village: Village
    assignment: Assignment | None


@dataclass
class OfficeSummary:
    """A township office with its villages: those whose rounds somebody makes, and the others."""

    office: TownshipOffice
    assigned: int
    unassigned: int

    @property
    def total(self) -> int:
        return self.assigned + self.unassigned


def staff_for(viewer: User, today: date) -> QuerySet[User]:
    """The people whose record ``viewer`` may open, with roles in force, open work and whether away today."""
    in_force = Grant.objects.filter(ended_at=None).select_related("role", "section", "office")
    return (
        User.objects.visible_to(viewer)
        .select_related("section", "office")
        .prefetch_related(Prefetch("grants", in_force.order_by("role__order"), to_attr="grants_in_force"))
        .annotate(
            open_work=open_work_column(),
            is_absent=Exists(Absence.objects.on(today).filter(user=OuterRef("pk"))),
        )
        .order_by("-is_active", *BY_UNIT, "name", "pk")
    )


def expiring_certificates(viewer: User, today: date) -> QuerySet[User]:
    """Active people whose certificate has expired or will within 30 days, soonest first."""
    return (
        User.objects.visible_to(viewer)
        .filter(is_active=True, certificate_expires_on__lte=today + timedelta(days=CERTIFICATE_WARNING))
        .order_by("certificate_expires_on", "name")
    )


def work_of(person: User) -> QuerySet[Assignment]:
    """Open work with its subjects, in the order in which a hand-over shares it out."""
    villages = GenericPrefetch("subject", [Village.objects.select_related("township")])
    rows = open_work(person).select_related("taken_over_from__user").prefetch_related(villages)
    return rows.order_by("task", "content_type", "object_id")


def open_work_by_task(person: User) -> list[tuple[str, int]]:
    """How much open work of each kind: ``[("包村巡查", 12), ("期限", 2)]``."""
    rows = open_work(person).order_by("task").values_list("task").annotate(Count("pk"))
    limits = open_deadlines_of(person).count()
    return [*rows, *([(DEADLINES, limits)] if limits else [])]


def open_work_column() -> Combinable:
    """How much open work each person of a list has."""
    return _count_of(Assignment.objects.filter(user=OuterRef("pk"), ends_on=None), "user") + _count_of(
        Deadline.objects.filter(owner=OuterRef("pk"), settled_on=None), "owner"
    )


def deputising_ahead(person: User, today: date) -> QuerySet[Absence]:
    """Absences, today's and later ones, in which ``person`` is the deputy."""
    return (
        Absence.objects.filter(deputy=person, cancelled_at=None, ends_on__gte=today)
        .select_related("user")
        .order_by("starts_on")
    )


def absences_ahead(person: User, today: date) -> QuerySet[Absence]:
    """Own absences, today's and later ones."""
    return (
        Absence.objects.filter(user=person, cancelled_at=None, ends_on__gte=today)
        .select_related("deputy")
        .order_by("starts_on")
    )


def offices_for(viewer: User) -> list[OfficeSummary]:
    """The township offices that ``viewer`` may open, with how many villages nobody answers for."""
    staff = Prefetch("staff", User.objects.filter(is_active=True).order_by("name"), to_attr="people")
    offices = TownshipOffice.objects.visible_to(viewer).prefetch_related("townships", staff)
    assigned = _open_rounds().filter(object_id=OuterRef("pk"))
    villages = Village.objects.order_by().values_list("township__office", Exists(assigned))
    counts = {(office, has_officer): count for office, has_officer, count in villages.annotate(Count("pk"))}
    return [
        OfficeSummary(office, counts.get((office.pk, True), 0), counts.get((office.pk, False), 0))
        for office in offices
    ]


def rounds_of(office: TownshipOffice) -> list[tuple[Township, list[Round]]]:
    """The office's townships and villages in the order of the route, with who makes the rounds."""
    villages = Village.objects.filter(township__office=office).select_related("township")
    rows = _open_rounds().filter(object_id__in=villages.order_by().values("pk")).select_related("user")
    by_village = {row.object_id: row for row in rows}
    rounds = [Round(village, by_village.get(village.pk)) for village in villages]
    found = {township: list(group) for township, group in groupby(rounds, key=lambda r: r.village.township)}
    return [(township, found.get(township, [])) for township in office.townships.all()]


def _count_of(rows: QuerySet[Any], person: str) -> Coalesce:
    """How many ``rows`` there are of the outer person: a subquery, so that two counts do not multiply."""
    counts = rows.order_by().values(person).annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counts), 0)


def _open_rounds() -> QuerySet[Assignment]:
    village = ContentType.objects.get_for_model(Village)
    return Assignment.objects.filter(content_type=village, task=VILLAGE_ROUND, ends_on=None)
