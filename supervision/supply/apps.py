from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class SupplyConfig(AppConfig):
    name = "supervision.supply"
    label = "supply"
    verbose_name = "供后监管"

    def ready(self) -> None:
        from auditlog.registry import auditlog

        from supervision.supply import models, shipped

        for model in (
            models.Regime,
            models.Parameter,
            models.NoticeKind,
            models.DeviationKind,
            models.CheckItem,
            models.Indicator,
            models.Parcel,
            models.LandSupply,
            models.Instalment,
        ):
            auditlog.register(
                model,
                exclude_fields=[
                    "version",
                    "shipped",
                    "urgent_on",
                    "gap_suspect",
                    "remind_from",
                    "terminable_from",
                    "settled_on",
                    "demanded_on",
                ],
            )
        auditlog.register(
            models.LandUser,
            exclude_fields=["version"],
            mask_fields=["phone", "identity"],
            mask_callable="landbureau.web.masking.mask",
        )
        # Sections and kinds of documents come first: the lowest floor is the last to be migrated.
        post_migrate.connect(shipped.load, sender=apps.get_app_config("web"))
