"""``indicators [--date D]``: the figures of the regimes against what they require."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from landbureau.web.commands import Document, JsonCommand, sensible_date
from supervision.supply.models import LandSupply
from supervision.supply.selectors.facts import regime
from supervision.supply.selectors.indicators import Measure, count

WORDS = {True: "达到", False: "未达到", None: "无须计算"}


class Command(JsonCommand):
    help = "监管指标：要求与实际（%）。--date：截至哪一日（默认今天）；期间为该日所在的年、月或者该日。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--date", type=sensible_date, metavar="日期", help="如 2026-12-01")

    def run(self, options: dict[str, Any]) -> Document:
        on = options["date"] or timezone.localdate()
        code = regime().code
        return [_line(code, one) for one in count(LandSupply.objects.all(), on).measures()]

    def text(self, document: Any) -> str:
        lines = [
            f"{line['indicator']}\t{line['period']}\t要求 {line['required'] or '—'}\t"
            f"实际 {line['actual'] or '—'}\t{WORDS[line['met']]}"
            for line in document
        ]
        return "\n".join([*lines, f"共 {len(document)} 项"])


def _line(regime_code: str, one: Measure) -> dict[str, Any]:
    """Percentages as strings with two decimals."""
    return {
        "regime": regime_code,
        "indicator": one.indicator.code,
        "period": one.period,
        "required": one.indicator.required,
        "actual": one.value.percent,
        "met": one.met,
    }
