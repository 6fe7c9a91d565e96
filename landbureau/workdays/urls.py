from django.urls import path

from landbureau.workdays import views

app_name = "workdays"
urlpatterns = [
    path("", views.DeadlineList.as_view(), name="deadlines"),
    path("new/", views.register, name="register"),
    path("<int:pk>/", views.deadline, name="deadline"),
    path("<int:pk>/settle/", views.settle, name="settle"),
    path("<int:pk>/correct/", views.correct, name="correct"),
    path("<int:pk>/tell/", views.tell, name="tell"),
    path("calendar/", views.calendar, name="calendar"),
    path("calendar/<int:year>/", views.calendar, name="year"),
    path("calendar/<str:iso>/", views.day, name="day"),
    path("calculator/", views.calculator, name="calculator"),
    path("limits/", views.TimeLimitList.as_view(), name="limits"),
]
