"""Old rows that nobody needs any more."""

from datetime import datetime, timedelta
from importlib import import_module

from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Max
from django.utils import timezone

from landbureau.jobs.models import Heartbeat, JobRun
from landbureau.jobs.progress import Progress
from landbureau.jobs.selectors import open_failures


def clear_sessions(run: Progress) -> None:
    """Remove expired sessions, counters of failed sign-ins, processes that are gone, and old runs.

    The record of sign-ins itself is the audit's and is kept.
    """
    now = timezone.now()
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    attempts, _ = AccessAttempt.objects.filter(attempt_time__lt=now - timedelta(days=1)).delete()
    gone, _ = Heartbeat.objects.filter(at__lt=now - timedelta(days=7)).delete()
    run.counts.update({"attempts": attempts, "processes": gone, "runs": _clear_runs(now)})


def _clear_runs(now: datetime) -> int:
    """Remove finished runs older than ``JOBS_KEEP_DAYS``; returns their number.

    Each kind's last success stays, and failures that wait for somebody. Failures go together with the runs
    that followed them, or else they would seem to wait again.
    """
    successes = JobRun.objects.filter(state=JobRun.State.SUCCEEDED).order_by().values("kind")
    last = [row["last"] for row in successes.annotate(last=Max("pk"))]
    waiting = list(open_failures().values_list("pk", flat=True))
    old = JobRun.objects.filter(finished_at__lt=now - timedelta(days=settings.JOBS_KEEP_DAYS))
    return old.exclude(pk__in=[*last, *waiting]).delete()[0]
