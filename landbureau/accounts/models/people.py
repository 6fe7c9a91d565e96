"""The staff, and the browsers in which they are signed in."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.crypto import salted_hmac
from guardian.mixins import GuardianUserMixin

from landbureau.accounts.models.units import Section, TownshipOffice
from landbureau.web.models import Versioned


class UserManager(DjangoUserManager["User"]):
    def visible_to(self, viewer: User, codename: str = "view_staff") -> models.QuerySet[User]:
        """Those on whom ``viewer`` holds ``codename``; for reading their record also the viewer.

        Only a superuser changes a superuser: whoever may reset passwords would else be one.
        """
        from landbureau.accounts.selectors import scopes_for

        scopes = scopes_for(viewer, codename)
        people = self.all()
        if codename == "update_staff" and not viewer.is_superuser:
            people = people.exclude(is_superuser=True)
        if scopes.everywhere:
            return people
        own = {viewer.pk} if codename == "view_staff" else set()
        return people.filter(
            Q(section__in=scopes.sections) | Q(office__in=scopes.offices) | Q(pk__in=scopes.people | own)
        )

    def visible_in_record(self, viewer: User) -> models.QuerySet[User]:
        """Also those whose acts ``viewer`` may read: what befell their accounts belongs to these."""
        by_codename = [self.visible_to(viewer, codename) for codename in ("view_staff", "view_audit")]
        if not all(people.query.has_filters() for people in by_codename):
            return self.all()
        return by_codename[0] | by_codename[1]


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
