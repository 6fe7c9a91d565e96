from django.apps import AppConfig
from django.db.models.signals import post_migrate


class DocumentsConfig(AppConfig):
    name = "landbureau.documents"
    verbose_name = "文书"

    def ready(self) -> None:
        from auditlog.registry import auditlog

        from landbureau.documents import freeze, models, shipped

        for model in (
            models.Series,
            models.Kind,
            models.KindField,
            models.Wording,
            models.ServiceMethod,
            models.Document,
            models.Attachment,
            models.SealRecord,
            models.ServiceRecord,
            models.Proof,
        ):
            auditlog.register(model, exclude_fields=["version", "render_until", "render_attempts"])
        post_migrate.connect(shipped.load, sender=self)
        post_migrate.connect(freeze.reinstall, sender=self)
