"""The bureau and its parts: what people belong to, and on which permissions are held."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.validators import URLValidator
from django.db import models

from landbureau.web.models import Versioned

if TYPE_CHECKING:
    from landbureau.accounts.models.people import User


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
    public_url = models.CharField(
        "公开网址",
        max_length=80,
        blank=True,
        validators=[URLValidator(["http", "https"])],
        help_text="公众访问本系统的网址，印在文书的查验二维码中，如 https://gtj.example.gov.cn",
    )
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

    def visible_in_record(self, viewer: User) -> models.QuerySet[TownshipOffice]:
        """What the offices are is no secret; their pages ask for ``view_round`` because of the work there."""
        return self.all()


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
