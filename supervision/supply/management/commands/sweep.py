"""``sweep``: what the nightly job does, now."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from landbureau.web.commands import Document, JsonCommand, sensible_date
from supervision.supply.models import NoticeKind
from supervision.supply.services.jobs import daily_sweep

LATER = ("idle_suspected",)
"""Kinds of the contract that no supply has yet: they are told as 0."""


class Command(JsonCommand):
    help = "每日扫描：为到期的事项生成提醒，重复运行不会重复生成"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--date", type=sensible_date, metavar="日期", help="按哪一天扫描，默认今天")

    def run(self, options: dict[str, Any]) -> Document:
        today = timezone.localdate()
        on = options["date"] or today
        run = daily_sweep(on=on, today=today).run
        return {
            "date": on,
            "created": dict.fromkeys(LATER, 0) | run.created,
            "already": run.already,
            "excluded": run.excluded,
            "seconds": run.seconds,
        }

    def text(self, document: Any) -> str:
        titles = dict(NoticeKind.objects.values_list("code", "title"))
        created = [f"{titles.get(kind, kind)} {n} 项" for kind, n in document["created"].items() if n]
        return (
            f"{document['date']} 扫描完成，用时 {document['seconds']} 秒。"
            f"新增：{'，'.join(created) or '无'}。"
            f"已有 {document['already']} 项，未处理 {document['excluded']} 项。"
        )
