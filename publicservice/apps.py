from django.apps import AppConfig


class PublicserviceConfig(AppConfig):
    name = "publicservice"
    verbose_name = "公共服务"
