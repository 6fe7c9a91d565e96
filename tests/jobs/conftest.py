from __future__ import annotations

from typing import Any

import pytest
from celery.schedules import crontab
from django.conf import settings as project

from landbureau.jobs.schedule import Job

EXAMPLES = (
    Job("batch", "分批测试", "tests.jobs.examples.batch", "每步写一行", counts={"rows": "行数"}),
    Job("refuses", "总是拒绝", "tests.jobs.examples.refuses", "说明原因"),
    Job("breaks", "总是出错", "tests.jobs.examples.breaks", "程序错误"),
    Job("sleeps", "耗时测试", "tests.jobs.examples.sleeps", "不报进度"),
    Job("one_row", "每日测试", "tests.jobs.examples.one_row", "写一行", when=crontab(hour=6, minute=0)),
)


@pytest.fixture
def examples(settings: Any) -> None:
    """Jobs of the tests beside the project's own."""
    settings.JOBS = (*project.JOBS, *EXAMPLES)
