"""Who answers for what, and who acts for whom."""

from __future__ import annotations

from datetime import date

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q

from landbureau.accounts.models.people import User


class Assignment(models.Model):
    """Work that a person answers for, from a day to a day (``ends_on`` is the last day; None: still).

    The subject is a row of any app (a village of the officer's round; later a land supply, a case).
    Changing hands ends one row and begins another; a row that has not begun goes to the taker as it is.
    """

    user = models.ForeignKey(
        User, verbose_name="承办人", on_delete=models.PROTECT, related_name="assignments"
    )
    task = models.CharField("承办事项", max_length=20, help_text="如 包村巡查、供地监管、案件承办")
    content_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    object_id = models.PositiveBigIntegerField()
    subject = GenericForeignKey()
    starts_on = models.DateField("自")
    ends_on = models.DateField("至", null=True, blank=True)
    taken_over_from = models.OneToOneField(
        "self", verbose_name="接自", null=True, blank=True, on_delete=models.PROTECT, related_name="handed_to"
    )

    class Meta:
        verbose_name = "承办关系"
        verbose_name_plural = "承办关系"
        ordering = ["task", "starts_on", "pk"]
        default_permissions = ()
        indexes = [
            models.Index(fields=["user"], condition=Q(ends_on=None), name="open_work_of_person"),
            models.Index(fields=["content_type", "object_id"], name="who_answers_for"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["content_type", "object_id", "task"],
                condition=Q(ends_on=None),
                name="one_person_per_task",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=models.F("starts_on")),
                name="assignment_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.task}"


class AbsenceQuerySet(models.QuerySet["Absence"]):
    def visible_to(self, viewer: User) -> models.QuerySet[Absence]:
        """One's own, those in which one deputises, and those of people whose record one may change."""
        return self.filter(
            Q(user=viewer)
            | Q(deputy=viewer)
            | Q(user__in=User.objects.visible_to(viewer, "update_staff").order_by())
        )

    def on(self, today: date) -> models.QuerySet[Absence]:
        """Those in force on this day."""
        return self.filter(starts_on__lte=today, ends_on__gte=today, cancelled_at=None)


class Absence(models.Model):
    """A person is away on these days (both included); the deputy acts with the same permissions."""

    user = models.ForeignKey(User, verbose_name="人员", on_delete=models.PROTECT, related_name="absences")
    deputy = models.ForeignKey(
        User, verbose_name="代办人", on_delete=models.PROTECT, related_name="deputising"
    )
    starts_on = models.DateField("自")
    ends_on = models.DateField("至")
    reason = models.CharField("事由", max_length=80, blank=True)
    cancelled_at = models.DateTimeField("撤销时间", null=True, blank=True)

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        verbose_name = "外出委托"
        verbose_name_plural = "外出委托"
        ordering = ["-starts_on"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=models.F("starts_on")), name="absence_ends_after_start"
            ),
            models.CheckConstraint(condition=~Q(user=models.F("deputy")), name="deputy_is_somebody_else"),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.starts_on}—{self.ends_on}"
