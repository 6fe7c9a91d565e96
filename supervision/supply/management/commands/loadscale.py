"""``loadscale --supplies N``: synthetic data for benchmarks, from a fixed seed."""

from __future__ import annotations

import argparse
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.utils import timezone

from landbureau.web.commands import Document, JsonCommand, Refused
from supervision.supply.models import LandSupply
from supervision.supply.services.scale import MARK, load_scale

MOST = 200_000


class Command(JsonCommand):
    help = "写入规模测试用的供地（虚构，固定种子）；只用于测试库"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--supplies", type=_number, required=True, metavar="N", help=f"写入多少宗供地，1 到 {MOST}"
        )

    def run(self, options: dict[str, Any]) -> Document:
        real = LandSupply.objects.exclude(supervision_number__contains=MARK)
        if not settings.DEMO and real.exists():
            raise Refused("库中已有登记的供地，规模测试数据只写入空库或者演示系统。")
        return load_scale(supplies=options["supplies"], today=timezone.localdate())

    def text(self, document: Any) -> str:
        return (
            f"已写入供地 {document['supplies']} 宗、分期 {document['instalments']} 期、"
            f"事项 {document['events']} 条，用时 {document['seconds']} 秒"
        )


def _number(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST:
        raise argparse.ArgumentTypeError(f"“{text}”须为 1 到 {MOST} 的整数")
    return int(text)
