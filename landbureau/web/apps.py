from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class WebConfig(AppConfig):
    name = "landbureau.web"
    verbose_name = "页面框架"

    def ready(self) -> None:
        from landbureau.web import lookups  # noqa: F401  # registers itself


class ConfigurationAdmin(admin_apps.AdminConfig):
    """Django's admin, for configuration tables only."""

    default_site = "landbureau.web.admin_site.ConfigurationSite"
