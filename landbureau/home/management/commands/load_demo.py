"""``load_demo``: invented people and work for trying the system out."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.utils import timezone

from landbureau.accounts import demo as people
from landbureau.documents import demo as documents
from landbureau.home.demo import load_deadlines
from landbureau.web.commands import Document, JsonCommand, Refused
from supervision.supply import demo as supplies


class Command(JsonCommand):
    help = "载入演示数据（虚构的人员、村居、分工、期限、文书、供地）；重复运行只补缺少的"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--address", default="http://127.0.0.1:8000", help="演示的网址，印在文书的查验二维码中"
        )

    def run(self, options: dict[str, Any]) -> Document:
        if not settings.DEMO:
            raise Refused("演示账号的口令是公开的，只能载入演示系统；确为演示，请设环境变量 DEMO=1")
        today = timezone.localdate()
        created = people.load(today) | {"deadlines": load_deadlines(today)}
        created |= documents.load(today, options["address"])
        created |= supplies.load(today)
        accounts = [account._asdict() for account in people.demo_accounts()]
        return {"created": created, "accounts": accounts}

    def text(self, document: Any) -> str:
        lines = [
            f"  {account['username']:<10}{account['password']:<14}{account['name']}　{account['title']}"
            for account in document["accounts"]
        ]
        return "\n".join(["演示账号（用户名、密码、姓名和职务）：", *lines])
