"""Visits, their photos, the papers of the site."""

from __future__ import annotations

from django.urls import URLPattern, path

from supervision.supply.views import photos, visits

urlpatterns: list[URLPattern] = [
    path("my-visits/", visits.my_visits, name="my_visits"),
    path("<int:pk>/visit/", visits.visit, name="visit"),
    path("<int:pk>/visit/after/", visits.visit_after, name="visit_after"),
    path("<int:pk>/visit/photos/", photos.visit_photos, name="visit_photos"),
    path("<int:pk>/tracking_card/", visits.tracking_card, name="tracking_card"),
    path("<int:pk>/tracking_card/blank/", visits.blank_card, name="blank_card"),
    path("<int:pk>/sign_board/", visits.sign_board, name="sign_board"),
    path("visits/<int:pk>/", visits.visit_detail, name="visit_detail"),
    path("photos/<int:pk>/", photos.photo, name="photo"),
    path("photos/<int:pk>/small/", photos.photo_thumb, name="photo_thumb"),
    path("photos/<int:pk>/remove/", photos.remove_photo, name="remove_photo"),
]
