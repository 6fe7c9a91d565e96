from typing import Any

from django.http import HttpRequest


def page(request: HttpRequest) -> dict[str, Any]:
    """What every page's frame needs: the theme that the reader chose."""
    theme = request.COOKIES.get("theme", "light")
    return {"theme": theme if theme in ("light", "dark") else "light"}
