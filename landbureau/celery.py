"""The Celery application; its settings are the ``CELERY_*`` of ``landbureau.settings``."""

import os

from celery import Celery

from landbureau.jobs.heartbeat import WorkerHeartbeat

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "landbureau.settings")
app = Celery("landbureau")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(WorkerHeartbeat)
