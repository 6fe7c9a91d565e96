from typing import Any

from django.http import HttpRequest

THEMES = ("light", "dark", "auto")


def page(request: HttpRequest) -> dict[str, Any]:
    """What every page's frame needs: the theme that the reader chose."""
    theme = request.COOKIES.get("theme")
    return {"theme": "dark" if theme == "dark" else "light", "theme_auto": theme == "auto"}
