"""Pages of the background work: what ran, what will run, how far a run is."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from landbureau.jobs import services
from landbureau.jobs.filters import JobRunFilter
from landbureau.jobs.models import JobRun, declared
from landbureau.jobs.selectors import planned_jobs, worker_is_alive
from landbureau.jobs.tables import JobRunTable
from landbureau.web.access import desk_page
from landbureau.web.views import ListPage, Preset


class Runs(ListPage):
    """The runs, newest first, below the schedule."""

    permission = "view_jobs"
    everywhere = True
    table_class = JobRunTable
    filterset_class = JobRunFilter
    template_name = "jobs/runs.html"
    title = "后台任务"
    unit = "次运行"
    default_order = "最新在前"
    presets = (Preset("失败", {"state": "failed"}),)
    empty_title = "还没有运行过"
    empty_text = "定时任务到时间会自动运行；也可以在上面立即运行。"

    def get_queryset(self) -> QuerySet[JobRun]:
        return JobRun.objects.visible_to(self.request.user).select_related("actor").defer("log", "traceback")

    def get_context(self, rows: QuerySet[Any]) -> dict[str, Any]:
        return {
            "planned": planned_jobs(timezone.now()),
            "may_run": self.request.user.has_perm("accounts.run_jobs"),
        }


@desk_page("view_jobs", everywhere=True)
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """One run: state, progress, result, log."""
    return render(request, "jobs/run.html", _context(request, pk))


@desk_page("view_jobs", everywhere=True)
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The part of the page that changes, asked for every two seconds until the run is over."""
    return render(request, "jobs/progress.html", _context(request, pk))


progress.passive = True  # type: ignore[attr-defined]  # does not keep an idle session alive


@require_POST
@desk_page("run_jobs", everywhere=True)
def start(request: HttpRequest, kind: str) -> HttpResponse:
    """立即运行."""
    job = declared(kind)
    if job is None or not job.leaves_run or job.when is None:
        raise Http404
    queued = services.enqueue(kind, trigger=JobRun.Trigger.PERSON, actor=request.user)  # type: ignore[arg-type]
    messages.success(request, f"“{job.title}”已排队{_soon()}。")
    return redirect(queued)


@require_POST
@desk_page("run_jobs", everywhere=True)
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """重试."""
    failed = get_object_or_404(JobRun.objects.visible_to(request.user, "run_jobs"), pk=pk)
    try:
        queued = services.retry(failed, actor=request.user)  # type: ignore[arg-type]
    except services.JobError as error:
        messages.error(request, str(error))
        return redirect(failed)
    messages.success(request, f"“{failed.title}”已重新排队{_soon()}。")
    return redirect(queued)


def _soon() -> str:
    """Nothing while the worker is dead: the page of the run then says when it will start."""
    return "，很快开始" if worker_is_alive(timezone.now()) else ""


def _context(request: HttpRequest, pk: int) -> dict[str, Any]:
    run = get_object_or_404(JobRun.objects.visible_to(request.user).select_related("actor"), pk=pk)
    return {
        "run": run,
        "is_stuck": run.state == JobRun.State.QUEUED and not worker_is_alive(timezone.now()),
        "may_run": request.user.has_perm("accounts.run_jobs"),
    }
