from django.apps import AppConfig


class HomeConfig(AppConfig):
    name = "landbureau.home"
    verbose_name = "工作台"

    def ready(self) -> None:
        from landbureau import checks  # noqa: F401  registers the system checks
