"""Addresses: ``/`` the public site, ``/desk/`` the staff's, ``/admin/`` configuration only."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("publicservice.urls")),
    path("desk/", include("landbureau.home.urls")),
    path("", include("landbureau.documents.urls_public")),
    path("desk/supply/", include("supervision.supply.urls")),
    path("desk/documents/", include("landbureau.documents.urls")),
    path("desk/people/", include("landbureau.accounts.desk_urls")),
    path("desk/workdays/", include("landbureau.workdays.urls")),
    path("desk/audit/", include("landbureau.audit.urls")),
    path("desk/imports/", include("landbureau.imports.urls")),
    path("desk/jobs/", include("landbureau.jobs.urls")),
    path("accounts/", include("landbureau.accounts.urls")),
    path("web/", include("landbureau.web.urls")),
    path("admin/", admin.site.urls),
]
handler400 = "landbureau.web.views.bad_request"
handler403 = "landbureau.web.views.permission_denied"
handler404 = "landbureau.web.views.page_not_found"
handler500 = "landbureau.web.views.server_error"
