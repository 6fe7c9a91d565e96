"""The bureau, its parts, its people, and what each of them may do where."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.crypto import salted_hmac
from guardian.mixins import GuardianUserMixin

from landbureau.web.models import Versioned


class Bureau(Versioned):
    """The bureau of this installation: one row. As a scope it means "everywhere"."""

    code = models.CharField("代码", max_length=20, unique=True)
    name = models.CharField("单位全称", max_length=60)
    short_name = models.CharField("简称", max_length=20)
    county = models.CharField("所在县区", max_length=20)
    organ_code = models.CharField("机关代字", max_length=20, help_text="用于发文字号，如 新国土资")
    address = models.CharField("地址", max_length=120, blank=True)
    phone = models.CharField("电话", max_length=30, blank=True)
    hours = models.CharField("工作时间", max_length=80, blank=True)
    badge = models.CharField("徽标字", max_length=2, help_text="页面左上角圆标中的字")
    go_live_on = models.DateField(
        "启用日期", null=True, blank=True, help_text="此前到期的事项只列入清单，不补发文书"
    )

    class Meta:
        verbose_name = "单位"
        verbose_name_plural = "单位"
        default_permissions = ()

    def __str__(self) -> str:
        return self.name


class Section(Versioned):
    """A section (股室), institution or brigade of the bureau."""

    class Kind(models.TextChoices):
        SECTION = "section", "股室"
        INSTITUTION = "institution", "事业单位"
        BRIGADE = "brigade", "监察大队"

    name = models.CharField("名称", max_length=40, unique=True)
    kind = models.CharField("类别", max_length=12, choices=Kind, default=Kind.SECTION)
    phone = models.CharField("电话", max_length=30, blank=True)
    summary = models.CharField("职能简述", max_length=120, blank=True)
    order = models.PositiveSmallIntegerField("排序", default=0)
    is_active = models.BooleanField("在用", default=True)

    class Meta:
        verbose_name = "科室"
        verbose_name_plural = "科室"
        ordering = ["order", "name"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.name


class SectionAlias(models.Model):
    """Another name under which tables mention a section."""

    section = models.ForeignKey(
        Section, verbose_name="科室", on_delete=models.CASCADE, related_name="aliases"
    )
    name = models.CharField("别名", max_length=40, unique=True)

    class Meta:
        verbose_name = "科室别名"
        verbose_name_plural = "科室别名"
        default_permissions = ()

    def __str__(self) -> str:
        return self.name


class TownshipOfficeQuerySet(models.QuerySet["TownshipOffice"]):
    def visible_to(self, viewer: User, codename: str = "view_round") -> models.QuerySet[TownshipOffice]:
        """Those in which ``viewer`` holds ``codename``."""
        from landbureau.accounts.selectors import scopes_for

        scopes = scopes_for(viewer, codename)
        return self if scopes.everywhere else self.filter(pk__in=scopes.offices)


class TownshipOffice(Versioned):
    """A township land office (国土所): the bureau's people in one or more townships."""

    name = models.CharField("名称", max_length=40, unique=True)
    phone = models.CharField("电话", max_length=30, blank=True)
    address = models.CharField("地址", max_length=120, blank=True)
    order = models.PositiveSmallIntegerField("排序", default=0)
    is_active = models.BooleanField("在用", default=True)

    objects = TownshipOfficeQuerySet.as_manager()

    class Meta:
        verbose_name = "国土所"
        verbose_name_plural = "国土所"
        ordering = ["order", "name"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.name


class Township(Versioned):
    """A township, town or sub-district (乡、镇、街道)."""

    name = models.CharField("名称", max_length=40, unique=True)
    code = models.CharField("行政区划代码", max_length=12, blank=True)
    office = models.ForeignKey(
        TownshipOffice, verbose_name="国土所", on_delete=models.PROTECT, related_name="townships"
    )
    order = models.PositiveSmallIntegerField("路线顺序", default=0)

    class Meta:
        verbose_name = "乡镇"
        verbose_name_plural = "乡镇"
        ordering = ["order", "name"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.name


class Village(models.Model):
    """A village committee's area (村、居): the unit of the grid."""

    township = models.ForeignKey(
        Township, verbose_name="乡镇", on_delete=models.PROTECT, related_name="villages"
    )
    name = models.CharField("名称", max_length=40)
    order = models.PositiveSmallIntegerField("路线顺序", default=0)

    class Meta:
        verbose_name = "村居"
        verbose_name_plural = "村居"
        ordering = ["township__order", "order", "name"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["township", "name"], name="one_village_per_name"),
        ]

    def __str__(self) -> str:
        return f"{self.township}{self.name}"


class UserManager(DjangoUserManager["User"]):
    def visible_to(self, viewer: User, codename: str = "view_staff") -> models.QuerySet[User]:
        """Those on whom ``viewer`` holds ``codename`` (by default: may open their record), and the viewer."""
        from landbureau.accounts.selectors import scopes_for

        scopes = scopes_for(viewer, codename)
        if scopes.everywhere:
            return self.all()
        own = {viewer.pk} if codename == "view_staff" else set()
        return self.filter(
            Q(section__in=scopes.sections) | Q(office__in=scopes.offices) | Q(pk__in=scopes.people | own)
        )


class User(GuardianUserMixin, Versioned, AbstractUser):
    """A member of the staff, who signs in. Deactivated when leaving, never deleted.

    As a scope a person means "what is assigned to this person" (O in domain.md I).
    """

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    name = models.CharField("姓名", max_length=40)
    position = models.CharField("职务", max_length=40, blank=True)
    phone = models.CharField("手机", max_length=30, blank=True)
    section = models.ForeignKey(
        Section, verbose_name="科室", null=True, blank=True, on_delete=models.PROTECT, related_name="staff"
    )
    office = models.ForeignKey(
        TownshipOffice,
        verbose_name="国土所",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="staff",
    )
    certificate_number = models.CharField("执法证号", max_length=30, blank=True)
    certificate_expires_on = models.DateField("执法证有效期至", null=True, blank=True)
    must_change_password = models.BooleanField("首次登录须改密码", default=True)
    left_on = models.DateField("离岗日期", null=True, blank=True)

    objects: ClassVar[UserManager] = UserManager()
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = "人员"
        verbose_name_plural = "人员"
        ordering = ["section__order", "office__order", "name"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("people:person", args=[self.pk])

    def holds_everywhere(self, codename: str) -> bool:
        """Whether ``codename`` is held on the whole bureau: also over what belongs to nobody."""
        from landbureau.accounts.selectors import scopes_for

        return scopes_for(self, codename).everywhere

    @property
    def unit(self) -> Section | TownshipOffice | None:
        """Where the person works."""
        return self.office or self.section


class Role(Versioned):
    """A named set of permissions (domain.md I). Code asks for permissions, never for roles."""

    code = models.SlugField("代码", unique=True)
    name = models.CharField("名称", max_length=40, unique=True)
    summary = models.CharField("说明", max_length=120, blank=True)
    order = models.PositiveSmallIntegerField("排序", default=0)

    class Meta:
        verbose_name = "角色"
        verbose_name_plural = "角色"
        ordering = ["order"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.name


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


class Assignment(models.Model):
    """Work that a person answers for, from a day to a day (``ends_on`` is the last day; None: still).

    The subject is a row of any app (a village of the officer's round; later a land supply, a case).
    Changing hands ends one row and begins another.
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


class Session(AbstractBaseSession):
    """A browser's session: whose, from where, since when. Written by ``sessions.SessionStore``."""

    user = models.ForeignKey(
        User, verbose_name="人员", null=True, on_delete=models.CASCADE, related_name="sessions"
    )
    address = models.GenericIPAddressField("地址", null=True)
    user_agent = models.CharField("浏览器", max_length=255, blank=True)
    signed_in_at = models.DateTimeField("登录时间", null=True)
    last_seen_at = models.DateTimeField("最近操作", null=True)

    class Meta(AbstractBaseSession.Meta):
        verbose_name = "登录会话"
        verbose_name_plural = "登录会话"
        default_permissions = ()

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        from landbureau.accounts.sessions import SessionStore

        return SessionStore

    @property
    def code(self) -> str:
        """Names the session in addresses, where its key must not be."""
        return salted_hmac("accounts.session", self.session_key, algorithm="sha256").hexdigest()[:16]

    @property
    def device(self) -> str:
        from landbureau.accounts.sessions import device

        return device(self.user_agent)


SCOPE_MODELS: tuple[type[models.Model], ...] = (Bureau, Section, TownshipOffice, User)
"""Rows on which permissions are held; django-guardian's rows about them are made by the grants' service."""
