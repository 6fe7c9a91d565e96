from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AuditConfig(AppConfig):
    name = "landbureau.audit"
    verbose_name = "审计记录"

    def ready(self) -> None:
        from landbureau.audit import receivers, triggers  # noqa: F401  # receivers connect themselves

        post_migrate.connect(triggers.reinstall, sender=self)
