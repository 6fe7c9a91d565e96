"""What lists of people and absences are searched by."""

from __future__ import annotations

from datetime import timedelta

import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone

from landbureau.accounts.models import Absence, Role, Section, TownshipOffice, User
from landbureau.accounts.selectors_people import CERTIFICATE_WARNING
from landbureau.web.filters import DeskFilterSet


class StaffFilter(DeskFilterSet):
    secondary = ("certificate",)

    q = django_filters.CharFilter(label="姓名、用户名、执法证号", method="by_text")
    section = django_filters.ModelChoiceFilter(label="科室", queryset=Section.objects.all())
    office = django_filters.ModelChoiceFilter(label="国土所", queryset=TownshipOffice.objects.all())
    role = django_filters.ModelChoiceFilter(label="角色", queryset=Role.objects.all(), method="by_role")
    state = django_filters.ChoiceFilter(
        label="状态", choices=[("active", "在岗"), ("absent", "外出"), ("left", "离岗")], method="by_state"
    )
    certificate = django_filters.ChoiceFilter(
        label="执法证",
        choices=[("soon", "即将到期"), ("expired", "已过期"), ("valid", "有效"), ("none", "无证")],
        method="by_certificate",
    )

    class Meta:
        model = User
        fields: tuple[str, ...] = ()

    def by_text(self, rows: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        return rows.filter(
            Q(name__icontains=value) | Q(username__icontains=value) | Q(certificate_number__icontains=value)
        )

    def by_role(self, rows: QuerySet[User], name: str, value: Role) -> QuerySet[User]:
        return rows.filter(pk__in=value.grants.filter(ended_at=None).values("user"))

    def by_state(self, rows: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        if value == "absent":
            away = Absence.objects.on(timezone.localdate())
            return rows.filter(is_active=True, pk__in=away.values("user"))
        return rows.filter(is_active=value == "active")

    def by_certificate(self, rows: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        today = timezone.localdate()
        soon = today + timedelta(days=CERTIFICATE_WARNING)
        conditions = {
            "soon": Q(certificate_expires_on__range=(today, soon)),
            "expired": Q(certificate_expires_on__lt=today),
            "valid": Q(certificate_expires_on__gte=today),
            "none": Q(certificate_number=""),
        }
        return rows.filter(conditions[value], is_active=True)


class AbsenceFilter(DeskFilterSet):
    q = django_filters.CharFilter(label="外出人或代办人", method="by_text")
    state = django_filters.ChoiceFilter(
        label="状态",
        choices=[("now", "进行中"), ("ahead", "未开始"), ("over", "已结束"), ("cancelled", "已撤销")],
        method="by_state",
    )

    class Meta:
        model = Absence
        fields: tuple[str, ...] = ()

    def by_text(self, rows: QuerySet[Absence], name: str, value: str) -> QuerySet[Absence]:
        return rows.filter(Q(user__name__icontains=value) | Q(deputy__name__icontains=value))

    def by_state(self, rows: QuerySet[Absence], name: str, value: str) -> QuerySet[Absence]:
        today = timezone.localdate()
        conditions = {
            "now": Q(starts_on__lte=today, ends_on__gte=today, cancelled_at=None),
            "ahead": Q(starts_on__gt=today, cancelled_at=None),
            "over": Q(ends_on__lt=today, cancelled_at=None),
            "cancelled": Q(cancelled_at__isnull=False),
        }
        return rows.filter(conditions[value])
