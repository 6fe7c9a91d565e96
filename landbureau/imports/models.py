"""Imports under way and done, and what was decided about columns and questions for the next file."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.urls import reverse

from landbureau.imports.choices import Choices
from landbureau.imports.report import Report
from landbureau.jobs.models import JobRun

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser


def place(session: ImportSession | None = None, name: str = "") -> str:
    """Where a file is stored, under a name that says nothing: what people call their files is in the row."""
    return f"imports/{uuid.uuid4().hex}"


class ImportSessionQuerySet(models.QuerySet["ImportSession"]):
    def visible_to(self, user: AbstractBaseUser | AnonymousUser) -> ImportSessionQuerySet:
        """Who brought a file works on it; what came of it is in the audit record for everybody else."""
        return self.filter(actor=user.pk)


class ImportSession(models.Model):
    """A file on its way in. Nothing of it is in the bureau's tables before ``state`` is ``done``."""

    class State(models.TextChoices):
        CHECKING = "checking", "检查中"
        STALE = "stale", "待重新检查"
        CHECKED = "checked", "已检查"
        WRITING = "writing", "写入中"
        REFUSED = "refused", "不能导入"
        DONE = "done", "已导入"

    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="导入人", on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField("表的种类", max_length=40, blank=True, help_text="空：由表头识别")
    name = models.CharField("文件名", max_length=120)
    size = models.PositiveBigIntegerField("字节数")
    sha256 = models.CharField("文件指纹", max_length=64)
    file = models.FileField("文件", upload_to=place)
    state = models.CharField("状态", max_length=10, choices=State, default=State.CHECKING)
    told = models.CharField("提示", max_length=300, blank=True)
    choices = models.JSONField("人工选择", default=dict, blank=True)
    report = models.FileField("检查结果", upload_to=place, blank=True)
    digest = models.CharField("检查结果指纹", max_length=64, blank=True)
    rows = models.PositiveIntegerField("行数", default=0)
    counts = models.JSONField("各表数目", default=list, blank=True)
    restore = models.FileField("导入前的数据", upload_to=place, blank=True)
    run = models.ForeignKey(
        JobRun, verbose_name="后台任务", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField("上传时间", auto_now_add=True)
    checked_at = models.DateTimeField("检查时间", null=True, blank=True)
    finished_at = models.DateTimeField("导入时间", null=True, blank=True)

    objects = ImportSessionQuerySet.as_manager()

    class Meta:
        verbose_name = "表格导入"
        verbose_name_plural = "表格导入"
        ordering = ["-created_at", "-pk"]
        default_permissions = ()
        indexes = [
            models.Index(fields=["actor", "-created_at"], name="imports_of_person"),
            models.Index(fields=["state", "created_at"], name="imports_by_state"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("imports:session", args=[self.pk])

    @property
    def is_over(self) -> bool:
        return self.state == self.State.DONE

    @property
    def is_worked_on(self) -> bool:
        """Somebody has decided something about it, which would be lost with it."""
        return any(self.choices.values())

    @property
    def waits(self) -> bool:
        """A background job has the file; False also when that job has failed."""
        waiting = self.state in (self.State.CHECKING, self.State.WRITING)
        return waiting and self.run is not None and not self.run.is_over

    def get_choices(self) -> Choices:
        return Choices.from_json(self.choices)

    def get_report(self) -> Report | None:
        """What the latest check found; None: there was none yet, or it has to be checked again."""
        if not self.report:
            return None
        try:
            with self.report.open("rb") as file:
                return Report.load(file)
        except (OSError, KeyError, TypeError, ValueError):  # replaced in this moment, or of another version
            return None

    def files(self) -> list[Any]:
        return [file for file in (self.file, self.report, self.restore) if file]


class RememberedColumn(models.Model):
    """Which column a head was said to be: recognised by itself in the bureau's next file."""

    kind = models.CharField("表的种类", max_length=40)
    head = models.CharField("表头", max_length=200)
    column = models.CharField("对应的项", max_length=40, help_text="“-”表示不导入")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="确定人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField("确定时间", auto_now=True)

    class Meta:
        verbose_name = "记住的表头"
        verbose_name_plural = "记住的表头"
        ordering = ["kind", "head"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["kind", "head"], name="one_column_per_head")]

    def __str__(self) -> str:
        return self.head


class RememberedAnswer(models.Model):
    """An answer to a question about a value: given by itself when the next file raises the same question."""

    kind = models.CharField("表的种类", max_length=40)
    question = models.CharField("问题指纹", max_length=32, unique=True)
    column = models.CharField("列", max_length=200)
    value = models.CharField("表中的值", max_length=200)
    message = models.CharField("问题", max_length=300)
    answer = models.CharField("答复", max_length=200)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="答复人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField("答复时间", auto_now=True)

    class Meta:
        verbose_name = "记住的答复"
        verbose_name_plural = "记住的答复"
        ordering = ["kind", "column", "value"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.column}：{self.value}"
