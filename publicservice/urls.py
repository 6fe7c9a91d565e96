from django.urls import URLPattern

app_name = "publicservice"
urlpatterns: list[URLPattern] = []
