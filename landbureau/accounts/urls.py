from django.urls import path

from landbureau.accounts.views import signin as views

app_name = "accounts"
urlpatterns = [
    path("login/", views.SignInView.as_view(), name="login"),
    path("logout/", views.SignOutView.as_view(), name="logout"),
    path("password/", views.password, name="password"),
    path("me/", views.me, name="me"),
    path("sessions/", views.sessions, name="sessions"),
    path("sessions/others/end/", views.end_other_sessions, name="end_other_sessions"),
    path("sessions/<slug:code>/end/", views.end_session, name="end_session"),
]
