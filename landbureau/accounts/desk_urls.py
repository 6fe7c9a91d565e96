"""``/desk/people/``."""

from django.urls import path

from landbureau.accounts.views import absences, access, bureau, staff, work

app_name = "people"
urlpatterns = [
    path("", staff.StaffList.as_view(), name="staff"),
    path("new/", staff.new, name="new"),
    path("<int:pk>/", staff.person, name="person"),
    path("<int:pk>/edit/", staff.edit, name="edit"),
    path("<int:pk>/move/", staff.move_person, name="move"),
    path("<int:pk>/leave/", staff.leave_person, name="leave"),
    path("<int:pk>/reinstate/", staff.reinstate_person, name="reinstate"),
    path("<int:pk>/password/", staff.reset, name="reset_password"),
    path("<int:pk>/unlock/", staff.unlock_person, name="unlock"),
    path("<int:pk>/phone/", staff.phone, name="phone"),
    path("<int:pk>/work/", work.work, name="work"),
    path("<int:pk>/access/", access.access, name="access"),
    path("<int:pk>/grant/", access.grant, name="grant"),
    path("grants/<int:pk>/end/", access.end, name="end_grant"),
    path("password/", staff.password_once, name="password_once"),
    path("me/work/", work.my_work, name="my_work"),
    path("me/access/", access.my_access, name="my_access"),
    path("who/", access.who, name="who"),
    path("roles/", access.roles, name="roles"),
    path("roles/<int:pk>/", access.role, name="role"),
    path("absences/", absences.AbsenceList.as_view(), name="absences"),
    path("absences/new/", absences.new_absence, name="new_absence"),
    path("absences/<int:pk>/cancel/", absences.cancel, name="cancel_absence"),
    path("offices/", work.offices, name="offices"),
    path("offices/<int:pk>/", work.office, name="office"),
    path("bureau/", bureau.bureau, name="bureau"),
    path("bureau/edit/", bureau.edit_bureau, name="edit_bureau"),
]
