from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from landbureau.audit.archive import ArchiveError, archive
from landbureau.web.commands import Document, JsonCommand, Refused, iso_date
from landbureau.workdays.models import TimeLimit
from landbureau.workdays.rules import Unit, WorkdaysError, due_on
from landbureau.workdays.selectors import current_calendar


class Command(JsonCommand):
    help = "把保存期限已满的审计记录移到文件（JSON，每行一条；.gz 则压缩），并留下一条归档记录"
    refusals = (ArchiveError, WorkdaysError)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--before", metavar="D", type=iso_date, required=True, help="移出此日之前（不含此日）的记录"
        )
        parser.add_argument("--out", metavar="FILE", type=Path, required=True, help="新的归档文件")

    def run(self, options: dict[str, Any]) -> Document:
        before: date = options["before"]
        allowed_from = removable_from(before)
        if timezone.localdate() < allowed_from:
            raise Refused(f"{before} 之前的记录尚在保存期限内，{allowed_from} 起才能归档")
        archived = archive(before=before, out=options["out"])
        return {
            "path": str(archived.path),
            "count": archived.count,
            "from": timezone.localtime(archived.first_at),
            "to": timezone.localtime(archived.last_at),
            "sha256": archived.sha256,
        }

    def text(self, document: Any) -> str:
        return (
            f"已把 {document['count']} 条审计记录（{document['from']:%Y-%m-%d} 至 {document['to']:%Y-%m-%d}）"
            f"移到 {document['path']}。\nSHA-256：{document['sha256']}"
        )


def removable_from(before: date) -> date:
    """The first day on which the youngest row before ``before`` need no longer be kept.

    The bureau may keep rows longer than the law asks (``TimeLimit`` ``audit_retention``), never shorter.
    """
    limit = TimeLimit.objects.get(code="audit_retention")
    spans = [(limit.number, limit.unit), (limit.shipped["number"], limit.shipped["unit"])]
    calendar = current_calendar()
    youngest_on = before - timedelta(days=1)
    ends = [due_on(youngest_on, number, Unit(unit), False, calendar).on for number, unit in spans]
    return max(ends) + timedelta(days=1)
