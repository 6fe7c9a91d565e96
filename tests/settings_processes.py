"""The project's settings for tests that start real workers and beats: two jobs of their own, short times."""

from celery.schedules import crontab

from landbureau.jobs.schedule import SCHEDULE, Job, beat_schedule
from landbureau.settings import *  # noqa: F403

JOBS = (
    SCHEDULE[0],
    Job("batch", "分批测试", "tests.jobs.examples.batch", "每步写一行"),
    Job("each_minute", "每分钟测试", "tests.jobs.examples.one_row", "写一行", when=crontab(), expires=55),
)
JOBS_LEASE = 6
JOBS_RESEND = 1
JOBS_HEARTBEAT = 2
CELERY_BEAT_SCHEDULE = beat_schedule(JOBS)
CELERY_BEAT_SCHEDULE["recover_runs"]["schedule"] = 1.0
CELERY_BEAT_MAX_LOOP_INTERVAL = 1
