from django.urls import path

from landbureau.web import views

app_name = "web"
urlpatterns = [
    path("theme/", views.theme, name="theme"),
    path("views/", views.save_view, name="save_view"),
    path("views/<int:pk>/rename/", views.rename_view, name="rename_view"),
    path("views/<int:pk>/delete/", views.delete_view, name="delete_view"),
]
