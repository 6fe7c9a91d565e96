"""The demo's settings with one more address: a view that does nothing."""

from landbureau.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.urls"
LOGGING = {"version": 1, "disable_existing_loggers": True}
