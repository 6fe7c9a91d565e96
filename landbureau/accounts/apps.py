from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "landbureau.accounts"
    verbose_name = "单位与人员"

    def ready(self) -> None:
        from auditlog.registry import auditlog

        from landbureau.accounts import models
        from landbureau.accounts.loading import load_after_migrate

        post_migrate.connect(load_after_migrate, sender=self)
        auditlog.register(
            models.User,
            exclude_fields=["password", "last_login", "version"],
            mask_fields=["phone"],
            mask_callable="landbureau.web.masking.mask",
        )
        for model in (
            models.Bureau,
            models.Section,
            models.SectionAlias,
            models.TownshipOffice,
            models.Township,
            models.Village,
            models.Role,
            models.RolePermission,
            models.Grant,
            models.Assignment,
            models.Absence,
        ):
            auditlog.register(model, exclude_fields=["version"])
