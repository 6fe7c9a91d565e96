from django.urls import path

from landbureau.home import calendar_views, views

app_name = "home"
urlpatterns = [
    path("", views.desk, name="desk"),
    path("calendar/change/", calendar_views.calendar_change, name="calendar_change"),
]
