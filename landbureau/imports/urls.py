from django.urls import path

from landbureau.imports import views

app_name = "imports"
urlpatterns = [
    path("", views.imports, name="imports"),
    path("tables/<slug:kind>/", views.table, name="table"),
    path("tables/<slug:kind>/empty/", views.empty_table, name="empty_table"),
    path("<int:pk>/", views.session, name="session"),
    path("<int:pk>/progress/", views.progress, name="progress"),
    path("<int:pk>/columns/", views.columns, name="columns"),
    path("<int:pk>/answer/", views.answer, name="answer"),
    path("<int:pk>/cell/", views.cell, name="cell"),
    path("<int:pk>/leave_out/", views.leave_out, name="leave_out"),
    path("<int:pk>/accept/", views.accept, name="accept"),
    path("<int:pk>/check/", views.check, name="check"),
    path("<int:pk>/confirm/", views.confirm, name="confirm"),
    path("<int:pk>/leave/", views.leave, name="leave"),
    path("<int:pk>/result/", views.result, name="result"),
    path("<int:pk>/restore/", views.restore, name="restore"),
]
