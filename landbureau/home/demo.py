"""The demo's running time limits: invented, counted from days relative to today."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.db import transaction

from landbureau.accounts.catalogue import read_table
from landbureau.accounts.models import User
from landbureau.workdays.models import Deadline, TimeLimit
from landbureau.workdays.services import register_deadline


@transaction.atomic
def load_deadlines(today: date) -> int:
    """Register what is missing of ``fixtures/demo/deadlines-<bureau>.csv``; the number of new rows."""
    known = set(Deadline.objects.values_list("title", flat=True))
    people = {user.username: user for user in User.objects.filter(is_active=True)}
    limits = {limit.code: limit for limit in TimeLimit.objects.all()}
    rows = [
        row
        for row in read_table(settings.FIXTURES_DIR / "demo" / f"deadlines-{settings.BUREAU}.csv")
        if row["事项"] not in known and row["承办人用户名"] in people
    ]
    for row in rows:
        register_deadline(
            title=row["事项"],
            event_on=today - timedelta(days=int(row["起算事件在几天前"])),
            owner=people[row["承办人用户名"]],
            limit=limits[row["期限代码"]],
            note="演示数据",
            actor=people[row["承办人用户名"]],
        )
    return len(rows)
