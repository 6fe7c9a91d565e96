"""Addresses without sign-in, printed on paper: they stay as they are."""

from django.urls import path

from landbureau.documents.views import verify

app_name = "verify"
urlpatterns = [
    path("verify/", verify.verify, name="verify"),
    path("V/<str:code>", verify.code, name="code"),
]
