from pathlib import Path

from django.apps import AppConfig
from django.conf import settings

from landbureau.fonts import configure_fonts


class HomeConfig(AppConfig):
    name = "landbureau.home"
    verbose_name = "工作台"

    def ready(self) -> None:
        from landbureau import checks  # noqa: F401  registers the system checks

        data = Path(settings.DATA_DIR)
        data.mkdir(mode=0o750, parents=True, exist_ok=True)
        fonts = [*map(Path, settings.FONT_DIRS), settings.BASE_DIR / "var" / "fonts"]
        configure_fonts(fonts, data / "fonts.conf")
