from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from landbureau.accounts.models import Bureau


def bureau(request: HttpRequest) -> dict[str, Any]:
    """``bureau``: the profile shown in every page's head."""
    return {"bureau": SimpleLazyObject(Bureau.objects.first)}
