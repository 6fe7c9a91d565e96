from django.urls import path

from publicservice import views

app_name = "publicservice"
urlpatterns = [path("", views.start, name="start")]
