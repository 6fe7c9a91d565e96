from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import path

from landbureau.urls import handler400, handler403, handler404, handler500, urlpatterns

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


@login_required
def bare(request: HttpRequest) -> HttpResponse:
    """What Django itself costs: the same middleware and session, no page."""
    return HttpResponse("ok")


urlpatterns = [path("bare/", bare), *urlpatterns]
