from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "landbureau.audit"
    verbose_name = "审计记录"
