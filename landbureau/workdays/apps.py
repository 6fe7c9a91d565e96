from django.apps import AppConfig
from django.db.models.signals import post_migrate


class WorkdaysConfig(AppConfig):
    name = "landbureau.workdays"
    verbose_name = "期限与日历"

    def ready(self) -> None:
        from auditlog.registry import auditlog

        from landbureau.workdays import models, shipped

        for model in (
            models.CalendarDay,
            models.CalendarChange,
            models.FixedHoliday,
            models.TimeLimit,
            models.Deadline,
            models.DueDateChange,
        ):
            auditlog.register(model, exclude_fields=["version"])
        post_migrate.connect(shipped.load, sender=self)
