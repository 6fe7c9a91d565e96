from django.urls import path

from landbureau.home import calendar_views, status_views, views

app_name = "home"
urlpatterns = [
    path("", views.desk, name="desk"),
    path("search/", views.search, name="search"),
    path("calendar/change/", calendar_views.calendar_change, name="calendar_change"),
    path("status/", status_views.status, name="status"),
    path("status/parts/", status_views.status_parts, name="status_parts"),
]
