"""Check lists, and the review at go-live."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Count
from django.urls import reverse

from landbureau.accounts.models import Bureau, User
from landbureau.accounts.selectors import scopes_for
from landbureau.home.rules import Todo
from supervision.supply.selectors.sweeps import may_be_held
from supervision.supply.selectors.visits import entries_for


def check_todos(user: User, today: date) -> list[Todo]:
    rows: Any = entries_for(user, today).order_by()
    columns = ("check_list", "check_list__title", "check_list__kind", "check_list__due_on")
    found = rows.values_list(*columns).annotate(count=Count("pk"))
    return [
        Todo(
            "检查",
            title,
            f"{'交叉巡查' if kind == 'cross' else '随机抽查'}名单中还有 {count} 宗由您检查。",
            "去检查",
            f"{reverse('supply:check_list', args=[pk])}?own=1",
            due_on,
        )
        for pk, title, kind, due_on, count in found
    ]


def review_todos(user: User, today: date) -> list[Todo]:
    if not scopes_for(user, "approve_notice"):
        return []
    go_live = Bureau.objects.values_list("go_live_on", flat=True).first()
    if not may_be_held(user, go_live, today):
        return []
    return [
        Todo(
            "上线核实",
            "核实启用前已到期的事项",
            f"启用日期 {go_live} 以前到期的催缴、复核、巡查不自动发出，核实确认后才生成通知。",
            "去核实",
            reverse("supply:review"),
        )
    ]
