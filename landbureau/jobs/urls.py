from django.urls import path

from landbureau.jobs import views

app_name = "jobs"
urlpatterns = [
    path("", views.Runs.as_view(), name="runs"),
    path("<int:pk>/", views.run, name="run"),
    path("<int:pk>/progress/", views.progress, name="progress"),
    path("<int:pk>/retry/", views.retry, name="retry"),
    path("start/<slug:kind>/", views.start, name="start"),
]
