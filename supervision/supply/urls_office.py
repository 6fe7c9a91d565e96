"""The office's pages over supplies: overview, calendar, notices, review, check lists."""

from __future__ import annotations

from django.urls import URLPattern, path

from supervision.supply.views import calendar, check_lists, notices, overview, redrafting, review

urlpatterns: list[URLPattern] = [
    path("overview/", overview.page, name="overview"),
    path("overview/charts/<slug:name>.svg", overview.chart, name="chart"),
    path("overview/<slug:name>/", overview.rows_behind, name="behind"),
    path("calendar/", calendar.page, name="calendar"),
    path("notices/", notices.NoticeList.as_view(), name="notices"),
    path("notices/<int:pk>/draft/", redrafting.draft_again, name="redraft"),
    path("<int:pk>/start-notice/", redrafting.start_notice, name="start_notice"),
    path("sweep/", notices.run_sweep, name="run_sweep"),
    path("review/", review.page, name="review"),
    path("check-lists/", check_lists.page, name="check_lists"),
    path("check-lists/draw/", check_lists.draw, name="draw"),
    path("check-lists/<int:pk>/", check_lists.detail, name="check_list"),
]
