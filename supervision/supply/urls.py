"""Addresses under ``/desk/supply/``, by the work they belong to."""

from supervision.supply import urls_acts, urls_lists, urls_office, urls_visits

app_name = "supply"
urlpatterns = [
    *urls_lists.urlpatterns,
    *urls_acts.urlpatterns,
    *urls_visits.urlpatterns,
    *urls_office.urlpatterns,
]
