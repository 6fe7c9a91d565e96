from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "landbureau.imports"
    verbose_name = "表格导入"

    def ready(self) -> None:
        from auditlog.registry import auditlog

        from landbureau.imports import models

        for model in (models.RememberedColumn, models.RememberedAnswer):
            auditlog.register(model)
