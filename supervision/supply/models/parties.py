"""Land users: who is obliged by the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from landbureau.web.models import Versioned

if TYPE_CHECKING:
    from landbureau.accounts.models import User


class LandUserQuerySet(models.QuerySet["LandUser"]):
    def visible_to(self, viewer: User) -> LandUserQuerySet:
        """Those with a supply that ``viewer`` sees."""
        from supervision.supply.models.supplies import LandSupply

        if viewer.holds_everywhere("view_supply"):
            return self.all()
        return self.filter(pk__in=LandSupply.objects.visible_to(viewer).order_by().values("land_user"))


class LandUser(Versioned):
    """A land user (用地单位): a company or other body, or a person.

    ``identity``: 统一社会信用代码 or 身份证号; a wrong check digit is a warning, never a refusal. A duplicate
    is merged: its supplies move to the other, the row stays and points there.
    """

    name = models.CharField("用地单位", max_length=100)
    identity = models.CharField("统一社会信用代码/身份证号", max_length=30, blank=True)
    contact = models.CharField("联系人", max_length=40, blank=True)
    phone = models.CharField("联系电话", max_length=60, blank=True)
    address = models.CharField("送达地址", max_length=160, blank=True)
    merged_into = models.ForeignKey(
        "self", verbose_name="并入", null=True, blank=True, on_delete=models.PROTECT, related_name="merged"
    )

    objects: ClassVar = LandUserQuerySet.as_manager()

    class Meta:
        verbose_name = "用地单位"
        verbose_name_plural = "用地单位"
        ordering = ["name"]
        default_permissions = ()
        indexes = [models.Index(fields=["name"], name="land_users_by_name")]
        constraints = [
            models.UniqueConstraint(
                fields=["identity"],
                condition=~Q(identity="") & Q(merged_into=None),
                name="one_land_user_each",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("supply:land_user", args=[self.pk])


class TwoLandUsers(models.Model):
    """Somebody looked at two land users that seemed one, and says that they are not: proposed no more.

    ``first`` has the smaller key.
    """

    first = models.ForeignKey(
        LandUser, verbose_name="用地单位", on_delete=models.PROTECT, related_name="told_from_later"
    )
    second = models.ForeignKey(
        LandUser, verbose_name="另一个用地单位", on_delete=models.PROTECT, related_name="told_from_earlier"
    )
    said_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="认定人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    said_at = models.DateTimeField("认定时间", auto_now_add=True)

    class Meta:
        verbose_name = "不是同一用地单位"
        verbose_name_plural = "不是同一用地单位"
        ordering = ["-said_at", "-pk"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="one_word_on_two_land_users"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="two_land_users_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.first} ≠ {self.second}"
