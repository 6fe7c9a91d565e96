"""Filters of the lists of supplies and of land users."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone

from landbureau.accounts.models import Section, Township, User
from landbureau.web.filters import DeskFilterSet
from supervision.supply import words
from supervision.supply.identity import normalised
from supervision.supply.models import LandSupply, LandUser
from supervision.supply.rules import Track
from supervision.supply.selectors import due, lists, terms
from supervision.supply.selectors.supervised import officers

DUE: dict[str, tuple[str, Callable[[date], Q]]] = {
    "week": ("本周到期", due.due_this_week),
    "soon": ("30 天内到期", due.due_soon),
    "overdue": ("已逾期", due.overdue),
    "unpaid": ("逾期未缴", due.overdue_payment),
    "unstarted": ("逾期未开工", partial(due.overdue_stage, Track.START.value)),
    "uncompleted": ("逾期未竣工", partial(due.overdue_stage, Track.COMPLETION.value)),
}
NOBODY = "nobody"


def _choices(states: dict[str, words.Word]) -> list[tuple[str, str]]:
    return [(code, word) for code, (_, word) in states.items()]


def _officers(request: Any) -> QuerySet[User]:
    return officers(LandSupply.objects.visible_to(request.user))


class SupplyFilter(DeskFilterSet):
    """Every condition is one on the supply's key or own columns: rows are never joined to many."""

    q = django_filters.CharFilter(label="监管号、合同、单位、坐落", method="by_text")
    township = django_filters.ModelMultipleChoiceFilter(
        label="乡镇", field_name="parcel__township", queryset=Township.objects.all(), distinct=False
    )
    method = django_filters.MultipleChoiceFilter(
        label="供应方式", choices=LandSupply.Method.choices, distinct=False
    )
    due = django_filters.ChoiceFilter(
        label="到期", method="by_due", choices=[(code, title) for code, (title, _) in DUE.items()]
    )
    officer = django_filters.ModelChoiceFilter(
        label="国土员",
        queryset=_officers,
        method="by_officer",
        null_label="未指派",
        null_value=NOBODY,
    )
    mine = django_filters.BooleanFilter(label="我负责的", method="by_mine")
    payment = django_filters.MultipleChoiceFilter(
        label="缴款", method="by_state", choices=_choices(words.PAYMENT)
    )
    handover = django_filters.MultipleChoiceFilter(
        label="交地与公示牌", method="by_state", choices=_choices(words.HANDOVER)
    )
    start = django_filters.MultipleChoiceFilter(
        label="开工", method="by_state", choices=_choices(words.START)
    )
    completion = django_filters.MultipleChoiceFilter(
        label="竣工", method="by_state", choices=_choices(words.COMPLETION)
    )
    ended = django_filters.BooleanFilter(label="已终止监管", method="by_ended")
    use = django_filters.CharFilter(label="用途", field_name="parcel__use", lookup_expr="icontains")
    section = django_filters.ModelChoiceFilter(label="科室", queryset=Section.objects.all())
    signed_on = django_filters.DateFromToRangeFilter(label="签订日期")
    secondary = (
        "mine",
        "payment",
        "handover",
        "start",
        "completion",
        "ended",
        "use",
        "section",
        "signed_on",
    )

    class Meta:
        model = LandSupply
        fields: list[str] = []

    def by_text(self, rows: QuerySet[LandSupply], name: str, value: str) -> QuerySet[LandSupply]:
        return rows.filter(lists.matching(value))

    def by_due(self, rows: QuerySet[LandSupply], name: str, value: str) -> QuerySet[LandSupply]:
        return rows.filter(DUE[value][1](timezone.localdate()))

    def by_officer(self, rows: QuerySet[LandSupply], name: str, value: Any) -> QuerySet[LandSupply]:
        return rows.filter(lists.held_by_nobody() if value == NOBODY else lists.held_by([value.pk]))

    def by_mine(self, rows: QuerySet[LandSupply], name: str, value: bool) -> QuerySet[LandSupply]:
        own = lists.mine(self.request.user, timezone.localdate())
        return rows.filter(own if value else ~own)

    def by_state(self, rows: QuerySet[LandSupply], name: str, value: list[str]) -> QuerySet[LandSupply]:
        if not value:
            return rows
        return rows.filter(lists.in_states(f"{name}_state", value, timezone.localdate(), terms()))

    def by_ended(self, rows: QuerySet[LandSupply], name: str, value: bool) -> QuerySet[LandSupply]:
        on = lists.running(timezone.localdate())
        return rows.filter(~on if value else on)


class LandUserFilter(DeskFilterSet):
    q = django_filters.CharFilter(label="名称、代码、联系人、电话", method="by_text")

    class Meta:
        model = LandUser
        fields: list[str] = []

    def by_text(self, rows: QuerySet[LandUser], name: str, value: str) -> QuerySet[LandUser]:
        """Identity and phone only as a whole: nobody can guess them digit by digit."""
        return rows.filter(
            Q(name__icontains=value)
            | Q(contact__icontains=value)
            | Q(identity=normalised(value))
            | Q(phone=value.strip())
        )
