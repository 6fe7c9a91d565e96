"""Shared columns, and what a person keeps about the pages themselves."""

from django.conf import settings
from django.db import models


class Versioned(models.Model):
    """A row that people edit by form; the form carries the version it was opened with.

    ``landbureau.web.versions.save_edit`` refuses to overwrite a newer version.
    """

    version = models.PositiveIntegerField("版本", default=1, editable=False)

    class Meta:
        abstract = True


class SavedView(models.Model):
    """A person's own name for a list with its filters, order and columns."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="人员", on_delete=models.CASCADE, related_name="+"
    )
    page = models.CharField("列表", max_length=80, help_text="地址名，如 accounts:staff")
    name = models.CharField("名称", max_length=40)
    query = models.CharField("条件", max_length=1000, blank=True)

    class Meta:
        verbose_name = "视图"
        verbose_name_plural = "视图"
        ordering = ["page", "name"]
        constraints = [
            models.UniqueConstraint(fields=["user", "page", "name"], name="one_view_per_name"),
        ]

    def __str__(self) -> str:
        return self.name
