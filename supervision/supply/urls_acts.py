"""The acts of the office: ``<supply>/<act>/``."""

from __future__ import annotations

from django.urls import URLPattern, path

from supervision.supply.transitions import TRANSITIONS
from supervision.supply.views.acts import act

urlpatterns: list[URLPattern] = [
    path(f"<int:pk>/{name}/", act, {"name": name}, name=name) for name in TRANSITIONS
]
