"""Addresses without sign-in, printed on paper: they stay as they are."""

from django.urls import URLPattern

app_name = "verify"
urlpatterns: list[URLPattern] = []
