"""``supplies``: every land supply with its states as of a day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from landbureau.web.commands import Document, JsonCommand, Refused, sensible_date
from supervision.supply import words
from supervision.supply.models import LandSupply
from supervision.supply.rules import DateView, InstalmentView, View, view_of
from supervision.supply.selectors import facts_of, terms

CHUNK = 500
NOT_IDLE = dict.fromkeys(("state", "type", "since", "cause", "fee", "take_back_from")) | {"state": "NONE"}


class Command(JsonCommand):
    help = "各宗供地截至某日的缴款、交地、开工、竣工状态"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--date", type=sensible_date, metavar="日期", help="截至哪一天，默认今天")
        parser.add_argument("--number", metavar="编号", help="只列这一宗：电子监管号，没有的用合同编号")

    def run(self, options: dict[str, Any]) -> Document:
        on, number = options["date"] or timezone.localdate(), options["number"]
        rows = LandSupply.objects.order_by()
        if number is not None:
            rows = rows.filter(number=number.strip())
        # Sorted here: databases disagree on the order of letters and Chinese.
        keys = sorted(rows.values_list("number", "pk"))
        if number is not None and not keys:
            raise Refused(f"没有编号为“{number}”的供地。")
        return list(states(keys, on))

    def text(self, document: Any) -> str:
        lines = [line for row in document for line in _lines(row)]
        return "\n".join([*lines, f"共 {len(document)} 宗。"])


def states(keys: Sequence[tuple[str, int]], on: date) -> Iterator[dict[str, Any]]:
    """One line for each supply (number and key) that was signed by ``on``, in chunks of three queries."""
    numbers = terms()
    for at in range(0, len(keys), CHUNK):
        pks = [pk for _, pk in keys[at : at + CHUNK]]
        found = LandSupply.objects.select_related("land_user", "parcel__township").in_bulk(pks)
        facts = facts_of(found.values())
        for pk in pks:
            supply = found[pk]
            if supply.signed_on is not None and supply.signed_on > on:
                continue
            township = supply.parcel.township
            yield {
                "number": supply.number,
                "land_user": supply.land_user.name,
                "township": township.name if township else None,
                **in_json(states_of(view_of(facts[pk], on, numbers))),
            }


def states_of(view: View) -> dict[str, Any]:
    """The four tracks in the names of the contract; dates and money as they are."""
    return {
        "closed_on": view.closed_on,
        "payment": [_instalment(one) for one in view.payment],
        "handover": {
            "agreed_on": view.handover.agreed_on,
            "actual_on": view.handover.actual_on,
            "state": view.handover.state.value,
        },
        "start": _stage(view.start),
        "completion": _stage(view.completion),
    }


def in_json(states: dict[str, Any]) -> dict[str, Any]:
    """Money as strings with two decimals, and the track of idle land."""
    return {name: _plain(value) for name, value in states.items()} | {"idle": dict(NOT_IDLE)}


def _instalment(one: InstalmentView) -> dict[str, Any]:
    return {
        "seq": one.seq,
        "due_on": one.due_on,
        "effective_due_on": one.effective_due_on,
        "state": one.state.value,
        "amount": one.amount,
        "balance": one.balance,
        "days_late": one.days_late,
        "damages": one.damages,
    }


def _stage(stage: DateView) -> dict[str, Any]:
    return {
        "due_on": stage.due_on,
        "state": stage.code,
        "days_late": stage.days_late,
        "damages": stage.damages,
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value


def _lines(row: dict[str, Any]) -> Iterator[str]:
    ended = f"　{row['closed_on']} 终止监管" if row["closed_on"] else ""
    yield f"{row['number']}　{row['land_user']}　{row['township'] or '乡镇未填'}{ended}"
    for one in row["payment"]:
        title = f"第{one['seq']}期 {one['amount']} 元，未缴 {one['balance']} 元"
        yield _line(title, one, one["effective_due_on"], words.PAYMENT[one["state"]])
    handover = row["handover"]
    yield _line("交地", handover, handover["agreed_on"], words.HANDOVER[handover["state"]])
    for title, name in (("开工", "start"), ("竣工", "completion")):
        stage = row[name]
        yield _line(title, stage, stage["due_on"], words.stage_word(stage["state"], stage["due_on"]))


def _line(title: str, track: dict[str, Any], due_on: date | None, word: words.Word) -> str:
    late = f"　迟 {track['days_late']} 天" if track.get("days_late") else ""
    owed = track.get("damages") not in (None, "0.00")
    damages = f"　违约金 {track['damages']} 元" if owed else ""
    return f"　　{title}　约定 {due_on or '未填'}　{word[1]}{late}{damages}"
