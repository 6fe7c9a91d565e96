"""Commands that answer people in Chinese and scripts in JSON (``--format json``).

stdout carries the answer and nothing else, stderr everything that is said about it.
Exit codes: 0 done, 1 refused or errors in the input, 2 wrong usage.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, ClassVar, NoReturn

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder

FIRST_YEAR, LAST_YEAR = 1900, 2199
Document = Mapping[str, Any] | Sequence[Any]

ARGPARSE_IN_CHINESE = [
    (r"^the following arguments are required: (.+)$", r"缺少参数：\1"),
    (r"^unrecognized arguments: (.+)$", r"不认识的参数：\1"),
    (r"^argument (.+?): invalid choice: (.+?) \(choose from (.+)\)$", r"\1 不能是 \2，可选：\3"),
    (r"^argument (.+?): expected one argument$", r"\1 后面缺少内容"),
    (r"^argument (.+?): expected at least one argument$", r"\1 后面至少要有一项"),
    (r"^argument (.+?): invalid int value: (.+)$", r"\1 须为整数，不能是 \2"),
    (r"^argument (.+?): not allowed with argument (.+)$", r"\1 不能与 \2 同时使用"),
    (r"^argument (.+?): (.+)$", r"\1：\2"),
]


class Refused(CommandError):
    """The act was refused, or its input has errors (exit 1).

    ``document`` is what JSON readers get; without it ``{"error": message}``.
    """

    def __init__(self, message: str, document: Document | None = None) -> None:
        super().__init__(message, returncode=1)
        self.document: Document = {"error": message} if document is None else document


class WrongUsage(CommandError):
    """The arguments make no sense together (exit 2, nothing on stdout)."""

    def __init__(self, message: str) -> None:
        super().__init__(f"用法错误：{message}", returncode=2)


class JsonCommand(BaseCommand):
    """Base of the project's commands: ``run`` returns the document, ``text`` says it in Chinese.

    ``refusals``: exceptions of the app whose message tells the user why; they become exit 1.
    """

    refusals: ClassVar[tuple[type[Exception], ...]] = (ValidationError,)
    _called_from_command_line: bool  # set by Django, unknown to its stubs

    def run(self, options: dict[str, Any]) -> Document:
        """Do the work. Raises ``Refused`` or one of ``refusals`` (exit 1), ``WrongUsage`` (exit 2)."""
        raise NotImplementedError

    def text(self, document: Any) -> str:
        """The same answer for people."""
        raise NotImplementedError

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.add_argument(
            "--format",
            choices=["text", "json"],
            default="text",
            help="json：标准输出只有一份 JSON；text（默认）：中文说明",
        )

        def wrong_usage(message: str) -> NoReturn:
            error = WrongUsage(
                f"{in_chinese(message)}\n{parser.format_usage().replace('usage:', '用法：', 1)}"
            )
            if not self._called_from_command_line:
                raise error
            self._leave(error)

        parser.error = wrong_usage  # type: ignore[method-assign]  # Django names the parser's class itself
        return parser

    def handle(self, *args: Any, **options: Any) -> None:
        as_json = options["format"] == "json"
        refusals: tuple[type[Exception], ...] = (Refused, *self.refusals)
        try:
            document = self.run(options)
        except refusals as error:
            refusal = error if isinstance(error, Refused) else Refused(message_of(error))
            if as_json:
                self.stdout.write(dumps(refusal.document))
            if not self._called_from_command_line:
                raise refusal from error
            self._leave(refusal)
        except WrongUsage as error:
            if not self._called_from_command_line:
                raise
            self._leave(error)
        else:
            self.stdout.write(dumps(document) if as_json else self.text(document))

    def _leave(self, error: CommandError) -> NoReturn:
        self.stderr.write(str(error))
        sys.exit(error.returncode)


def dumps(document: Document) -> str:
    """JSON for scripts: dates ISO, ``Decimal`` as string, Chinese left readable."""
    return json.dumps(document, cls=DjangoJSONEncoder, ensure_ascii=False)


def message_of(error: Exception) -> str:
    """What the user may read of an exception."""
    return "；".join(error.messages) if isinstance(error, ValidationError) else str(error)


def in_chinese(message: str) -> str:
    """argparse's complaint in Chinese (Python ships no translation)."""
    for pattern, chinese in ARGPARSE_IN_CHINESE:
        if re.match(pattern, message):
            return re.sub(pattern, chinese, message)
    return message


def sensible_date(value: str) -> date:
    """Argument type: a day for which something can be counted, before and after it."""
    day = iso_date(value)
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise argparse.ArgumentTypeError(f"“{value}”应在 {FIRST_YEAR} 年到 {LAST_YEAR} 年之间")
    return day


def iso_date(value: str) -> date:
    """Argument type: ``2026-12-01``."""
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{value}”不是日期，应写作 2026-12-01") from None
