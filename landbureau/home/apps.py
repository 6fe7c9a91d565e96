from django.apps import AppConfig


class HomeConfig(AppConfig):
    name = "landbureau.home"
    verbose_name = "工作台"
