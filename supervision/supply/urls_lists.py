"""The list, the page of one supply, entry and corrections, land users."""

from __future__ import annotations

from django.urls import URLPattern, path

from supervision.supply.views import corrections, detail, entry, land_users, lists

urlpatterns: list[URLPattern] = [
    path("", lists.SupplyList.as_view(), name="supplies"),
    path("new/", entry.new, name="new"),
    path("new/land-users/", entry.find_land_users, name="find_land_users"),
    path("land-users/", land_users.LandUserList.as_view(), name="land_users"),
    path("land-users/duplicates/", land_users.duplicates, name="duplicates"),
    path("land-users/<int:pk>/", land_users.land_user, name="land_user"),
    path("land-users/<int:pk>/phone/", land_users.land_user_phone, name="land_user_phone"),
    path("land-users/<int:pk>/correct/", land_users.correct_land_user_page, name="correct_land_user"),
    path("land-users/<int:pk>/merge/<int:other>/", land_users.merge, name="merge"),
    path("land-users/<int:pk>/not/<int:other>/", land_users.not_same, name="not_same"),
    path("events/<int:pk>/correct/", corrections.correct_event_page, name="correct_event"),
    path("events/<int:pk>/withdraw/", corrections.withdraw_event_page, name="withdraw_event"),
    path("<int:pk>/", detail.supply, name="supply"),
    path("<int:pk>/phone/", detail.phone, name="phone"),
    path("<int:pk>/correct/", corrections.correct, name="correct"),
    path("<int:pk>/instalments/", corrections.instalments, name="instalments"),
]
