from django.urls import path

from landbureau.audit import views

app_name = "audit"
urlpatterns = [
    path("", views.Entries.as_view(), name="entries"),
    path("person/<int:pk>/", views.person, name="person"),
    path("object/<str:app>/<str:model>/<str:pk>/", views.object_history, name="object"),
]
