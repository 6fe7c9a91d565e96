"""Old rows that nobody needs any more."""

from datetime import timedelta
from importlib import import_module

from axes.models import AccessAttempt, AccessLog
from django.conf import settings
from django.utils import timezone

from landbureau.jobs.models import Heartbeat
from landbureau.jobs.progress import Progress


def clear_sessions(run: Progress) -> None:
    """Remove expired sessions, counters of failed sign-ins, and processes that are gone.

    The record of sign-ins itself is the audit's and is kept.
    """
    now = timezone.now()
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    attempts, _ = AccessAttempt.objects.filter(attempt_time__lt=now - timedelta(days=1)).delete()
    logs, _ = AccessLog.objects.filter(attempt_time__lt=now - timedelta(days=30)).delete()
    gone, _ = Heartbeat.objects.filter(at__lt=now - timedelta(days=7)).delete()
    run.counts.update({"attempts": attempts, "logs": logs, "processes": gone})
