"""The Django admin: configuration tables only, no facts and no cases."""

from django.contrib.admin import AdminSite
from django.http import HttpRequest


class ConfigurationSite(AdminSite):
    """Open to those who may change the configuration."""

    site_header = site_title = "系统配置"
    index_title = "配置表"
    site_url = "/desk/"

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and request.user.has_perm("accounts.update_config")
