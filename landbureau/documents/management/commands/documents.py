"""``documents [--date D] [--kind K]``: the register of documents as it stood at the end of a day."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from landbureau.documents import selectors
from landbureau.documents.models import Kind
from landbureau.documents.rules import Status
from landbureau.web.commands import Document, JsonCommand, WrongUsage, iso_date

WORDS = {
    Status.DRAFT: "拟稿",
    Status.APPROVED: "已批准",
    Status.ISSUED: "已印发",
    Status.SEALED: "已用印",
    Status.SERVED: "已送达",
    Status.VOIDED: "已作废",
}


class Command(JsonCommand):
    help = "文书清单，按拟稿先后。--date：当日终了时的状态（默认今天）；--kind：只列一种文书（代码）。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--date", type=iso_date, metavar="日期", help="如 2026-12-01")
        parser.add_argument("--kind", default="", metavar="代码", help="文书种类的代码")

    def run(self, options: dict[str, Any]) -> Document:
        kind, today = options["kind"], options["date"] or timezone.localdate()
        if kind and not Kind.objects.filter(code=kind).exists():
            raise WrongUsage(f"没有代码为“{kind}”的文书种类")
        return [_line(row, today) for row in selectors.ledger(today, kind).iterator()]

    def text(self, document: Any) -> str:
        lines = [
            "\t".join(
                (
                    line["number"] or "（未编号）",
                    line["title"],
                    line["addressee"] or "",
                    WORDS[line["status"]],
                )
            )
            for line in document
        ]
        return "\n".join([*lines, f"共 {len(document)} 份"])


def _line(row: Any, today: date) -> dict[str, Any]:
    """What was done after ``today`` is not told."""
    issued = row.issued_on is not None and row.issued_on <= today
    served = row.served_on is not None and row.served_on <= today
    return {
        "number": row.number if issued else None,
        "title": row.title,
        "kind": row.kind.code,
        "addressee": row.addressee or None,
        "subject": row.matter or None,
        "issued_on": row.issued_on if issued else None,
        "status": row.state,
        "sha256": row.sha256 or None if issued else None,
        "served_on": row.served_on if served else None,
    }
