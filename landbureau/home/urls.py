from django.urls import path

from landbureau.home import views

app_name = "home"
urlpatterns = [path("", views.desk, name="desk")]
