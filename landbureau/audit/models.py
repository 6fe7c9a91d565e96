"""The append-only record of who changed, read or did what, when, from where.

One table for all of it: rows of single edits are written by django-auditlog, rows of acts by
``landbureau.audit.services.record``.
"""

from auditlog.models import AbstractLogEntry
from django.db import models


class Entry(AbstractLogEntry):
    """One line of the record. Never changed or deleted (triggers on both databases)."""

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
        )

    content_type = models.ForeignKey(
        "contenttypes.ContentType",
        verbose_name="对象类型",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
    )
    action = models.PositiveSmallIntegerField("操作", choices=Action.choices, db_index=True)

    class Meta(AbstractLogEntry.Meta):
        verbose_name = "审计记录"
        verbose_name_plural = "审计记录"
