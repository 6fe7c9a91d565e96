"""Check lists: who looks at which supplies, drawn at random or exchanged between offices (交叉巡查)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse

from supervision.supply.models.events import Event
from supervision.supply.models.supplies import LandSupply

if TYPE_CHECKING:
    from landbureau.accounts.models import User


class CheckListQuerySet(models.QuerySet["CheckList"]):
    def visible_to(self, viewer: User) -> CheckListQuerySet:
        """Those with a supply that ``viewer`` sees, and those on which ``viewer`` is to look."""
        if viewer.holds_everywhere("view_supply"):
            return self.all()
        seen = LandSupply.objects.visible_to(viewer).order_by().values("pk")
        return self.filter(models.Q(entries__supply__in=seen) | models.Q(entries__officer=viewer)).distinct()


class CheckList(models.Model):
    """A list drawn on a day. ``seed``: with it the draw can be repeated and checked."""

    class Kind(models.TextChoices):
        CROSS = "cross", "交叉巡查"
        RANDOM = "random", "随机抽查"

    kind = models.CharField("方式", max_length=10, choices=Kind)
    title = models.CharField("名称", max_length=60)
    drawn_on = models.DateField("抽取日期")
    due_on = models.DateField("完成期限")
    seed = models.CharField("随机种子", max_length=32)
    drawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="抽取人", on_delete=models.PROTECT, related_name="+"
    )
    drawn_at = models.DateTimeField("抽取时间", auto_now_add=True)

    objects: ClassVar = CheckListQuerySet.as_manager()

    class Meta:
        verbose_name = "检查名单"
        verbose_name_plural = "检查名单"
        ordering = ["-drawn_on", "-pk"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("supply:check_list", args=[self.pk])


class CheckListEntry(models.Model):
    """One supply on a list, and who looks at it; ``visit``: the look that was taken."""

    check_list = models.ForeignKey(
        CheckList, verbose_name="名单", on_delete=models.CASCADE, related_name="entries"
    )
    supply = models.ForeignKey(LandSupply, verbose_name="供地", on_delete=models.PROTECT, related_name="+")
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="检查人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    visit = models.ForeignKey(
        Event, verbose_name="巡查", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = "检查名单项目"
        verbose_name_plural = "检查名单项目"
        ordering = ["pk"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["check_list", "supply"], name="one_entry_per_supply"),
        ]

    def __str__(self) -> str:
        return str(self.supply)
