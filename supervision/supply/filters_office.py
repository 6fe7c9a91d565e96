"""Filters of the list of notices."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone

from landbureau.accounts.models import Township, User
from landbureau.documents.models import Document
from landbureau.documents.selectors import NOT_VOID, ON_THE_WAY, TO_APPROVE, TO_ISSUE
from landbureau.web.filters import DeskFilterSet
from supervision.supply.models import LandSupply, Notice, NoticeKind
from supervision.supply.selectors import notices
from supervision.supply.selectors.supervised import officers, supervised_by, supervisions
from supervision.supply.selectors.undrafted import undrafted

NOBODY = "nobody"
PAPERS = {
    "approve": ("文书待批准", TO_APPROVE),
    "issue": ("文书待印发", TO_ISSUE),
    "serve": ("文书待送达", ON_THE_WAY),
    "served": ("文书已送达", NOT_VOID & Q(served_on__isnull=False)),
}


def _officers(request: Any) -> QuerySet[User]:
    return officers(LandSupply.objects.visible_to(request.user))


TODAY, OPEN = "today", "open"


class NoticeFilter(DeskFilterSet):
    """Without any condition what is to be handed over today; without ``state`` only what is open."""

    q = django_filters.CharFilter(label="用地单位、编号、坐落", method="by_text")
    kind = django_filters.ModelChoiceFilter(
        label="种类", queryset=NoticeKind.objects.all(), to_field_name="code"
    )
    township = django_filters.ModelChoiceFilter(
        label="乡镇",
        field_name="supply__parcel__township",
        queryset=Township.objects.order_by("order", "name"),
    )
    officer = django_filters.ModelChoiceFilter(
        label="监管人员", queryset=_officers, method="by_officer", null_label="未指派", null_value=NOBODY
    )
    doer = django_filters.ChoiceFilter(
        label="办理人", field_name="kind__doer", choices=NoticeKind.Doer.choices
    )
    paper = django_filters.ChoiceFilter(
        label="文书", method="by_paper", choices=[(code, word) for code, (word, _) in PAPERS.items()]
    )
    state = django_filters.ChoiceFilter(
        label="办理情况",
        method="by_state",
        choices=[
            (TODAY, "待打印、待送达"),
            (OPEN, "未了结"),
            ("failed", "拟稿未成"),
            ("done", "已了结"),
            ("all", "全部"),
        ],
        empty_label="未选择",
    )
    found = django_filters.ChoiceFilter(label="发现", method="by_found", choices=[("today", "今天新增")])
    secondary = ("kind", "doer", "paper", "state", "found")

    class Meta:
        model = Notice
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet[Notice]) -> QuerySet[Notice]:
        rows: QuerySet[Notice] = super().filter_queryset(queryset)
        match self.shown:
            case "all":
                return rows
            case "done":
                return rows.filter(closed_on__isnull=False)
            case "failed":
                return rows.filter(undrafted(timezone.now()), closed_on=None)
            case "today":
                return notices.handed_over_today(rows.filter(closed_on=None))
            case _:
                return rows.filter(closed_on=None)

    @property
    def shown(self) -> str:
        """Which of the tabs: what is asked for, else by whether there is any condition at all."""
        chosen: dict[str, Any] = self.form.cleaned_data
        return chosen.get("state") or (OPEN if any(chosen.values()) else TODAY)

    def by_text(self, rows: QuerySet[Notice], name: str, value: str) -> QuerySet[Notice]:
        return rows.filter(
            Q(supply__number__icontains=value)
            | Q(supply__contract_number__icontains=value)
            | Q(supply__land_user__name__icontains=value)
            | Q(supply__parcel__location__icontains=value)
        )

    def by_officer(self, rows: QuerySet[Notice], name: str, value: Any) -> QuerySet[Notice]:
        if value == NOBODY:
            return rows.exclude(supply__in=supervisions().order_by().values("object_id"))
        return rows.filter(supply__in=supervised_by([value.pk]))

    def by_paper(self, rows: QuerySet[Notice], name: str, value: str) -> QuerySet[Notice]:
        return rows.filter(document__in=Document.objects.filter(PAPERS[value][1]).order_by().values("pk"))

    def by_state(self, rows: QuerySet[Notice], name: str, value: str) -> QuerySet[Notice]:
        return rows  # see ``filter_queryset``

    def by_found(self, rows: QuerySet[Notice], name: str, value: str) -> QuerySet[Notice]:
        return rows.filter(found_on=timezone.localdate())
