"""What every act of the office begins and ends with: the supply locked, its turn come, papers drafted."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from landbureau.accounts.models import User
from landbureau.documents.models import Document
from supervision.supply.errors import SupplyError
from supervision.supply.models import Event, LandSupply
from supervision.supply.services.events import append_event, lock_supply, sent_before
from supervision.supply.services.papers import draft_paper
from supervision.supply.transitions import TRANSITIONS, Situation, situation_of


@dataclass(frozen=True)
class Begun:
    """An act that ``actor`` may do now. ``sent``: its form came before, and this is what it did."""

    now: Situation
    actor: User
    today: date
    request_key: uuid.UUID | None
    sent: Event | None = None

    @property
    def supply(self) -> LandSupply:
        return self.now.supply

    def record(self, kind: str, on: date | None = None, **columns: Any) -> Event:
        """Add what was done on its day (None: today), under the key of the form. Raises ``SupplyError``."""
        return append_event(
            supply=self.supply,
            kind=kind,
            on=on or self.today,
            actor=self.actor,
            today=self.today,
            request_key=self.request_key,
            **columns,
        )

    def draft(
        self, kind: str, event: Event, *, extra: Mapping[str, Any] | None = None, main: bool = True
    ) -> Document:
        """Draft a document that follows from ``event``; ``main``: the one that the event points to.

        Raises ``SupplyError``, and nothing of the act is kept.
        """
        try:
            document = draft_paper(
                kind=kind,
                supply=self.supply,
                actor=self.actor,
                today=self.today,
                event=event,
                extra=dict(extra or {}),
            )
        except SupplyError as error:
            raise SupplyError(f"文书没有拟成：{error.message}") from error
        if main:
            Event.objects.filter(pk=event.pk).update(document=document)
            event.document = document
        return document


def begin(
    name: str,
    *,
    supply: LandSupply,
    actor: User,
    today: date,
    request_key: uuid.UUID | None,
    step: Event | None = None,
) -> Begun:
    """Lock the supply until the transaction ends, if ``actor`` may do the act ``name`` now.

    ``step``: what it answers. Raises ``SupplyError``: no permission, not its turn, own work.
    """
    supply = lock_supply(supply)
    now = situation_of(supply, today)
    begun = Begun(now, actor, today, request_key)
    if (sent := sent_before(request_key, supply, actor)) is not None:
        return replace(begun, sent=sent)
    act = TRANSITIONS[name]
    if not act.permits(actor, supply, today):
        raise SupplyError(f"您没有“{act.title}”的权限。")
    if reason := act.refusal(now):
        raise SupplyError(reason)
    if act.steps is not None:
        if step is None or step not in act.steps(now):
            raise SupplyError("这件事已经由他人办理，请重新打开。", "step")
        if act.conflicts(actor, now, step):
            raise SupplyError("提出、经办或者审核过这件事的人（及其代办人）不能再作决定，请由他人办理。")
    return begun


def require_text(text: str, message: str, field: str) -> str:
    """``text`` without space around it. Raises ``SupplyError`` where nothing is left."""
    text = text.strip()
    if not text:
        raise SupplyError(message, field)
    return text
