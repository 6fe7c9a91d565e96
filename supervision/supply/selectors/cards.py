"""Papers of the site: tracking cards and sign boards that there are, and a card to be filled in by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.contenttypes.models import ContentType

from landbureau.accounts.models import User
from landbureau.documents.content import Content, hands_of
from landbureau.documents.models import Document, Kind, KindField
from landbureau.documents.services import preview
from landbureau.documents.typography import form_rows
from supervision.supply import kinds, rules, words
from supervision.supply.models import Event, LandSupply
from supervision.supply.models.events import KindChoice
from supervision.supply.selectors.facts import facts_of, terms


def cards_of(supply: LandSupply) -> list[Event]:
    """The visits of a supply with their cards, newest first."""
    rows = Event.objects.in_force().filter(supply=supply, kind=KindChoice.VISIT)
    return list(rows.select_related("recorded_by", "document").order_by("-on", "-pk"))


def boards_of(supply: LandSupply) -> list[Document]:
    """The sign boards that were made for a supply, newest first; void ones too."""
    rows = Document.objects.filter(
        kind__code=kinds.SIGN_BOARD,
        content_type=ContentType.objects.get_for_model(LandSupply),
        object_id=supply.pk,
    )
    return list(rows.order_by("-pk"))


def board_in_use(supply: LandSupply, user: User, today: date) -> Document | None:
    """The sign board that says what one made now would say; None: none does, or it was voided."""
    boards = [board for board in boards_of(supply) if board.voided_on is None]
    if not boards:
        return None
    values = kinds.values_for(kinds.SIGN_BOARD, supply, today=today)
    now = _preview(Kind.objects.get(code=kinds.SIGN_BOARD), supply, user, values)
    return next((board for board in boards if _said(board.content) == _said(now)), None)


def _said(content: Mapping[str, Any]) -> tuple[Any, ...]:
    """What a reader of it sees; pairs are lists once they have been in the database."""
    return content["title"], content["blocks"], [tuple(pair) for pair in content["form"]]


@dataclass(frozen=True)
class Row:
    pairs: Sequence[tuple[str, str]]
    tall: bool = False


@dataclass(frozen=True)
class BlankCard:
    """``rows``: one or two (label, value) side by side, ``tall``: for several lines; ``hands``: who signs."""

    title: str
    issuer: str
    rows: Sequence[Row]
    hands: Sequence[str]
    words: Sequence[str]


def blank_card_of(supply: LandSupply, user: User, today: date) -> BlankCard:
    """The form of the tracking card with what does not hang on a visit; the fields are the kind's."""
    kind = Kind.objects.get(code=kinds.TRACKING_CARD)
    view = rules.view_of(facts_of([supply])[supply.pk], today, terms())
    parcel = supply.parcel
    known = {
        "项目名称": kinds.project_name(supply),
        "电子监管号": supply.supervision_number or supply.contract_number,
        "宗地坐落": words.place_of(parcel),
        "宗地面积": parcel.area,
        "批准用途": parcel.use,
        "约定开工日期": view.start.due_on,
        "约定竣工日期": view.completion.due_on,
        "实际开工日期": view.start.reached_on,
    }
    types = dict(kind.fields.values_list("name", "type"))
    content = _preview(kind, supply, user, {name: value for name, value in known.items() if name in types})
    texts = [block["text"] for block in content["blocks"] if block["type"] == "paragraph"]
    rows: list[Row] = []
    short: list[tuple[str, str]] = []
    for pair in content["form"]:
        if types.get(pair[0]) == KindField.Type.LONG:
            rows += [*map(Row, form_rows(short)), Row([pair], tall=True)]
            short = []
        else:
            short.append(pair)
    rows += map(Row, form_rows(short))
    return BlankCard(content["title"], content["issuer"], rows, hands_of(content), texts)


def _preview(kind: Kind, supply: LandSupply, user: User, values: Mapping[str, Any]) -> Content:
    return preview(
        kind=kind,
        section=supply.section,
        drafter=user,
        addressee=supply.land_user.name,
        values=values,
        title=kinds.title_for(kind.title, supply),
        matter="",
        place="",
        attachments=(),
        copies_to=(),
        note="",
    )
