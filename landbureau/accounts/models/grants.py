"""Roles, what they may do, and to whom they are given."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from landbureau.accounts.models.people import User
from landbureau.accounts.models.units import Bureau, Section, TownshipOffice
from landbureau.web.models import Versioned

SCOPE_MODELS: tuple[type[models.Model], ...] = (Bureau, Section, TownshipOffice, User)
"""Rows on which permissions are held; django-guardian's rows about them are made by the grants' service."""


class Role(Versioned):
    """A named set of permissions (domain.md I). Code asks for permissions, never for roles."""

    code = models.SlugField("代码", unique=True)
    name = models.CharField("名称", max_length=40, unique=True)
    summary = models.CharField("说明", max_length=120, blank=True)
    order = models.PositiveSmallIntegerField("排序", default=0)
    edited_by_bureau = models.BooleanField(
        "已由本单位调整", default=False, editable=False, help_text="是：不再随程序升级改变，只增加新的权限"
    )

    class Meta:
        verbose_name = "角色"
        verbose_name_plural = "角色"
        ordering = ["order"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.name

    def needs_unit(self) -> bool:
        """Whether a grant must name a section or an office."""
        bound = (RolePermission.Reach.SECTION, RolePermission.Reach.OFFICE)
        return self.permissions.filter(reach__in=bound).exists()


class RolePermission(models.Model):
    """One permission of a role, and how far it reaches (the letters of domain.md I)."""

    class Reach(models.TextChoices):
        BUREAU = "*", "全局"
        SECTION = "X", "本科室"
        OFFICE = "T", "本所乡镇"
        OWN = "O", "本人承办"

    role = models.ForeignKey(Role, verbose_name="角色", on_delete=models.CASCADE, related_name="permissions")
    codename = models.CharField("权限", max_length=60)
    reach = models.CharField("范围", max_length=1, choices=Reach, default=Reach.BUREAU)

    class Meta:
        verbose_name = "角色权限"
        verbose_name_plural = "角色权限"
        ordering = ["codename"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["role", "codename"], name="one_reach_per_permission"),
        ]

    def __str__(self) -> str:
        return f"{self.codename} {self.get_reach_display()}"


class Grant(models.Model):
    """A role given to a person, in a section or office. Ended, never deleted.

    django-guardian's rows are made from the grants in force (``services.sync_permissions``).
    """

    user = models.ForeignKey(User, verbose_name="人员", on_delete=models.PROTECT, related_name="grants")
    role = models.ForeignKey(Role, verbose_name="角色", on_delete=models.PROTECT, related_name="grants")
    section = models.ForeignKey(
        Section, verbose_name="科室", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    office = models.ForeignKey(
        TownshipOffice,
        verbose_name="国土所",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    granted_by = models.ForeignKey(
        User, verbose_name="授权人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    granted_at = models.DateTimeField("授权时间", auto_now_add=True)
    reason = models.CharField("事由", max_length=120, blank=True)
    ended_by = models.ForeignKey(
        User, verbose_name="撤销人", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    ended_at = models.DateTimeField("撤销时间", null=True, blank=True)
    end_reason = models.CharField("撤销事由", max_length=120, blank=True)

    class Meta:
        verbose_name = "授权"
        verbose_name_plural = "授权"
        ordering = ["-granted_at"]
        default_permissions = ()
        constraints = [  # four, since NULL is never equal to NULL, and SQLite knows no NULLS NOT DISTINCT
            models.UniqueConstraint(
                fields=["user", "role"],
                condition=Q(ended_at=None, section=None, office=None),
                name="one_grant_in_force",
            ),
            models.UniqueConstraint(
                fields=["user", "role", "section"],
                condition=Q(ended_at=None, office=None),
                name="one_grant_in_force_per_section",
            ),
            models.UniqueConstraint(
                fields=["user", "role", "office"],
                condition=Q(ended_at=None, section=None),
                name="one_grant_in_force_per_office",
            ),
            models.UniqueConstraint(
                fields=["user", "role", "section", "office"],
                condition=Q(ended_at=None),
                name="one_grant_in_force_per_unit",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.role}"

    @property
    def unit(self) -> Section | TownshipOffice | None:
        return self.office or self.section
