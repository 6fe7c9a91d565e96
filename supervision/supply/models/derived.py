"""What follows from the facts of a supply, whatever day it is: rewritten by ``services.projection`` alone.

States follow from these rows and a day by comparing dates, so that a query can ask for them.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from supervision.supply.models.events import Event
from supervision.supply.models.supplies import Instalment, LandSupply


class Milestone(models.Model):
    """A version of the agreed start or completion (``rules.Version``).

    In force from ``known_from`` to the day before ``until``. ``reached_on``: the goal; ``visited_on``: the
    first look after ``due_on``.
    """

    class Track(models.TextChoices):
        START = "start", "开工"
        COMPLETION = "completion", "竣工"

    class Source(models.TextChoices):
        ORIGINAL = "original", "合同约定"
        DERIVED = "derived", "自交地之日起推算"
        AMENDED = "amended", "批准延期"

    supply = models.ForeignKey(
        LandSupply, verbose_name="供地", on_delete=models.CASCADE, related_name="milestones"
    )
    track = models.CharField("环节", max_length=12, choices=Track)
    due_on = models.DateField("约定日期")
    remind_from = models.DateField("提醒起始日期")
    known_from = models.DateField("生效日期")
    until = models.DateField("失效日期", null=True)
    source = models.CharField("来源", max_length=10, choices=Source)
    event = models.ForeignKey(
        Event, verbose_name="批准", null=True, on_delete=models.CASCADE, related_name="+"
    )
    reached_on = models.DateField("实现日期", null=True)
    visited_on = models.DateField("到期后巡查日期", null=True)

    class Meta:
        verbose_name = "约定日期"
        verbose_name_plural = "约定日期"
        ordering = ["supply", "track", "known_from", "pk"]
        default_permissions = ()
        indexes = [
            models.Index(fields=["supply", "track"], name="milestones_of_supply"),
            models.Index(
                fields=["remind_from"], condition=Q(reached_on=None, until=None), name="milestones_open"
            ),
            models.Index(
                fields=["reached_on"], condition=Q(reached_on__isnull=False), name="milestones_reached"
            ),
            models.Index(fields=["until"], condition=Q(until__isnull=False), name="milestones_replaced"),
        ]

    def __str__(self) -> str:
        return f"{self.get_track_display()} {self.due_on}"


class Share(models.Model):
    """A part of a payment that counts for an instalment (``rules.Share``); ``event`` empty: the deposit.

    ``moved``: not paid, but owed by another supply since a transfer or split.
    """

    instalment = models.ForeignKey(
        Instalment, verbose_name="分期", on_delete=models.CASCADE, related_name="shares"
    )
    event = models.ForeignKey(
        Event, verbose_name="缴款", null=True, on_delete=models.CASCADE, related_name="+"
    )
    on = models.DateField("日期")
    amount = models.DecimalField("金额", max_digits=16, decimal_places=2)
    surplus = models.BooleanField("多缴", default=False)
    moved = models.BooleanField("随转", default=False)

    class Meta:
        verbose_name = "缴款分摊"
        verbose_name_plural = "缴款分摊"
        ordering = ["instalment", "on", "pk"]
        default_permissions = ()
        indexes = [
            models.Index(fields=["instalment", "on"], name="shares_of_instalment"),
            models.Index(fields=["on"], condition=Q(moved=True), name="shares_moved"),
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.amount}"
