"""Filters of the register, of the seal and of the numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from landbureau.accounts.models import Section, Township, User
from landbureau.documents import access, selectors
from landbureau.documents.models import Document, Kind, SealRecord, Series
from landbureau.documents.rules import Status
from landbureau.web.filters import DeskFilterSet

STATES: dict[str, tuple[str, Q]] = {
    "draft": ("拟稿中", Q(selectors.DRAFTS, state=Status.DRAFT, submitted_on=None)),
    "submitted": ("待批准", Q(selectors.TO_APPROVE, state=Status.DRAFT)),
    "approved": ("待印发", Q(selectors.TO_ISSUE, state=Status.APPROVED)),
    "unsealed": ("待用印", Q(selectors.TO_SEAL, state=Status.ISSUED, sent=False)),
    "unserved": ("待送达", Q(selectors.TO_SERVE, state__in=[Status.ISSUED, Status.SEALED])),
    "sent": ("送达在途", Q(sent=True)),
    "done": (
        "已送达或已办结",
        Q(state=Status.SERVED)
        | Q(state=Status.SEALED, needs_service=False, sent=False)
        | Q(state=Status.ISSUED, needs_seal=False, needs_service=False, sent=False),
    ),
    "voided": ("已作废", Q(state=Status.VOIDED)),
}
"""The words of ``display.state_word`` as conditions on rows of ``selectors.with_status``.

Where a word says what is still to be done, the condition of an index is added: these rows are few.
"""

TODOS: dict[str, tuple[str, Callable[..., QuerySet[Document]]]] = {
    "approve": ("待我批准", selectors.to_approve),
    "issue": ("待我印发", selectors.to_issue),
    "seal": ("待我用印", selectors.to_seal),
    "serve": ("待我送达", selectors.to_serve),
    "slip": ("待登记回执", selectors.without_slip),
    "proof": ("已送达缺证明", selectors.without_proof),
}


def _rows(request: Any) -> QuerySet[Document]:
    return Document.objects.visible_to(request.user).order_by()


def _drafters(request: Any) -> QuerySet[User]:
    return User.objects.filter(Exists(_rows(request).filter(drafted_by=OuterRef("pk")))).order_by("name")


def _servers(request: Any) -> QuerySet[User]:
    visible = Exists(_rows(request).filter(pk=OuterRef("object_id")))
    serving = access.servings().filter(visible, user=OuterRef("pk"), ends_on=None)
    return User.objects.filter(Exists(serving)).order_by("name")


class DocumentFilter(DeskFilterSet):
    q = django_filters.CharFilter(label="文号、标题、受送达人、事由", method="by_text")
    state = django_filters.ChoiceFilter(
        label="状态", method="by_state", choices=[(code, word) for code, (word, _) in STATES.items()]
    )
    kind = django_filters.ModelChoiceFilter(label="种类", queryset=Kind.objects.all())
    township = django_filters.ModelChoiceFilter(label="乡镇", queryset=Township.objects.all())
    todo = django_filters.ChoiceFilter(
        label="待办", method="by_todo", choices=[(code, word) for code, (word, _) in TODOS.items()]
    )
    mine = django_filters.BooleanFilter(label="我拟的", method="by_mine")
    family = django_filters.ChoiceFilter(label="类别", choices=Kind.Family.choices)
    section = django_filters.ModelChoiceFilter(label="科室", queryset=Section.objects.all())
    drafted_by = django_filters.ModelChoiceFilter(label="拟稿人", queryset=_drafters)
    server = django_filters.ModelChoiceFilter(label="送达人", queryset=_servers, method="by_server")
    year = django_filters.NumberFilter(label="文号年份", min_value=2000, max_value=2100)
    issued_on = django_filters.DateFromToRangeFilter(label="印发日期")
    secondary = ("todo", "mine", "family", "section", "drafted_by", "server", "year", "issued_on")

    class Meta:
        model = Document
        fields: list[str] = []

    def by_text(self, rows: QuerySet[Document], name: str, value: str) -> QuerySet[Document]:
        return rows.filter(selectors.matching(value))

    def by_state(self, rows: QuerySet[Document], name: str, value: str) -> QuerySet[Document]:
        return rows.filter(STATES[value][1])

    def by_todo(self, rows: QuerySet[Document], name: str, value: str) -> QuerySet[Document]:
        waiting = TODOS[value][1](self.request.user, timezone.localdate())
        return rows.filter(pk__in=waiting.order_by().values("pk"))

    def by_mine(self, rows: QuerySet[Document], name: str, value: bool) -> QuerySet[Document]:
        own = Q(drafted_by=self.request.user.pk)
        return rows.filter(own if value else ~own)

    def by_server(self, rows: QuerySet[Document], name: str, value: User) -> QuerySet[Document]:
        return rows.filter(pk__in=access.servings().filter(user=value).values("object_id"))


class NumberFilter(DeskFilterSet):
    q = django_filters.CharFilter(label="文号、标题、受送达人", method="by_text")
    series = django_filters.ModelChoiceFilter(label="文号系列", queryset=Series.objects.all())
    year = django_filters.NumberFilter(label="年份", min_value=2000, max_value=2100)
    voided = django_filters.BooleanFilter(
        label="已作废", field_name="voided_on", lookup_expr="isnull", exclude=True
    )

    class Meta:
        model = Document
        fields: list[str] = []

    def by_text(self, rows: QuerySet[Document], name: str, value: str) -> QuerySet[Document]:
        return rows.filter(selectors.matching(value))


class SealFilter(DeskFilterSet):
    q = django_filters.CharFilter(label="文号、标题、监印人", method="by_text")
    sealed_on = django_filters.DateFromToRangeFilter(label="用印日期")
    seal = django_filters.CharFilter(label="印章", lookup_expr="icontains")
    section = django_filters.ModelChoiceFilter(
        label="科室", field_name="document__section", queryset=Section.objects.all()
    )

    class Meta:
        model = SealRecord
        fields: list[str] = []

    def by_text(self, rows: QuerySet[SealRecord], name: str, value: str) -> QuerySet[SealRecord]:
        return rows.filter(
            Q(document__number__icontains=value)
            | Q(document__title__icontains=value)
            | Q(keeper__icontains=value)
        )
