from typing import Any

from django.utils import timezone

from landbureau.home.status import Sign, collect_within, document
from landbureau.web.commands import Document, JsonCommand, Refused


class Command(JsonCommand):
    help = "系统各部分是否正常；10 秒内回答，有故障时退出码为 1"
    requires_system_checks: list[str] = []

    def run(self, options: dict[str, Any]) -> Document:
        self.signs = collect_within(timezone.now())
        if any(sign.is_down for sign in self.signs):
            raise Refused(self.lines(), document(self.signs))
        return document(self.signs)

    def text(self, document: Any) -> str:
        return self.lines()

    def lines(self) -> str:
        return "\n".join(_line(sign) for sign in self.signs)


def _line(sign: Sign) -> str:
    return f"{sign.word}　{sign.title}：{sign.text}" + (f"\n　　　{sign.advice}" if sign.advice else "")
