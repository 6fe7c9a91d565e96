"""The append-only record of who changed, read or did what, when, from where.

One table for all of it: rows of single edits are written by django-auditlog, rows of acts by
``landbureau.audit.services.record``.
"""

from __future__ import annotations

from typing import Any, ClassVar, Protocol

from auditlog.models import AbstractLogEntry, LogEntryManager
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models
from django.utils import timezone


class Reader(Protocol):
    """What the record must know of the person who reads it (people stand above this app)."""

    pk: Any
    is_superuser: bool

    def has_perm(self, perm: str, obj: Any = None) -> bool: ...

    def holds_everywhere(self, codename: str) -> bool: ...


# Secrets, and what changes with every edit or sign-in and says nothing of its own.
UNRECORDED_FIELDS = frozenset({"password", "last_login", "version"})


class EntryManager(LogEntryManager):
    def log_create(self, instance: models.Model, force_log: bool = False, **kwargs: Any) -> Entry | None:
        """As django-auditlog's, without what is no fact of the row: key, secrets, rows that point to it."""
        if changes := kwargs.get("changes"):
            fields = {field.name: field for field in instance._meta.get_fields()}
            kwargs["changes"] = {
                name: values for name, values in changes.items() if _is_fact(fields.get(name))
            } or None
        entry: Entry | None = super().log_create(instance, force_log, **kwargs)
        return entry

    def visible_to(self, viewer: Reader) -> models.QuerySet[Entry]:
        """The rows whose actor's record ``viewer`` may read (``view_audit``; domain.md I "Audit log").

        Held on the bureau: all rows, those without a person too. On sections and offices: what their
        people did. As own work: what ``viewer`` did. Not held: nothing.
        """
        if not viewer.has_perm("accounts.view_audit"):
            return self.none()
        if viewer.holds_everywhere("view_audit"):
            return self.all()
        people = get_user_model().objects.visible_to(viewer, codename="view_audit")  # type: ignore[arg-type]
        return self.filter(actor__in=people.values("pk"))


def _is_fact(field: Any) -> bool:
    """Not the key, nor a secret, nor rows that point to this one (which are no ``Field``)."""
    return isinstance(field, models.Field) and not field.primary_key and field.name not in UNRECORDED_FIELDS


class Entry(AbstractLogEntry):
    """One line of the record. Never changed or deleted (``triggers``; both databases)."""

    class Action(AbstractLogEntry.Action):
        BULK = 10
        SIGN_IN = 11
        SIGN_OUT = 12
        SIGN_IN_FAILED = 13
        LOCKED_OUT = 14
        EXPORT = 15
        IMPORT = 16
        DOWNLOAD = 17
        REVEAL = 18
        BACKUP = 19
        RESTORE = 20
        ARCHIVE = 21

        choices = (
            (0, "新增"),
            (1, "修改"),
            (2, "删除"),
            (3, "查阅"),
            (BULK, "批量操作"),
            (SIGN_IN, "登录"),
            (SIGN_OUT, "退出"),
            (SIGN_IN_FAILED, "登录失败"),
            (LOCKED_OUT, "锁定"),
            (EXPORT, "导出"),
            (IMPORT, "导入"),
            (DOWNLOAD, "下载"),
            (REVEAL, "查看未脱敏信息"),
            (BACKUP, "备份"),
            (RESTORE, "恢复"),
            (ARCHIVE, "归档"),
        )

    timestamp = models.DateTimeField("时间", default=timezone.now)
    action = models.PositiveSmallIntegerField("操作", choices=Action.choices)
    # People are deactivated, never deleted; a row that lost its person would be no evidence.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="操作人",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        db_index=False,  # the second index below begins with it
    )
    content_type = models.ForeignKey(
        "contenttypes.ContentType",
        verbose_name="对象类型",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        db_index=False,
    )
    object_pk = models.CharField("对象编号", max_length=255)
    object_id = models.BigIntegerField("对象数字编号", null=True, blank=True)
    object_repr = models.TextField("内容")
    remote_addr = models.GenericIPAddressField("来源地址", null=True, blank=True)

    objects: ClassVar[EntryManager] = EntryManager()

    class Meta(AbstractLogEntry.Meta):
        verbose_name = "审计记录"
        verbose_name_plural = "审计记录"
        default_permissions = ()
        ordering = ["-timestamp", "-id"]
        indexes = [
            models.Index(fields=["timestamp", "id"], name="audit_newest"),
            models.Index(fields=["actor", "timestamp", "id"], name="audit_of_person"),
            models.Index(fields=["action", "timestamp", "id"], name="audit_of_action"),
            models.Index(fields=["content_type", "timestamp", "id"], name="audit_of_type"),
            models.Index(fields=["content_type", "object_id", "timestamp", "id"], name="audit_of_object"),
            models.Index(fields=["remote_addr", "timestamp", "id"], name="audit_from_address"),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.object_repr}"
