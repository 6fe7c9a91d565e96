from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class WebConfig(AppConfig):
    name = "landbureau.web"
    verbose_name = "页面框架"


class ConfigurationAdmin(admin_apps.AdminConfig):
    """Django's admin, for configuration tables only."""

    default_site = "landbureau.web.admin_site.ConfigurationSite"
