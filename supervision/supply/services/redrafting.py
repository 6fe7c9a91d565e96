"""A document that should be there and is not is drafted again by hand, once its data are put right."""

from __future__ import annotations

from datetime import date

from landbureau.accounts.models import User
from landbureau.documents.models import Document
from supervision.supply import access
from supervision.supply.errors import SupplyError
from supervision.supply.models import LandSupply, Notice
from supervision.supply.rules import Track
from supervision.supply.services.papers import draft_for_notice, submit_held

NOT_YOURS = "您没有拟制这份文书的权限。"


def draft_again(*, notice: Notice, actor: User, today: date) -> Document:
    """Draft the document of an open notice now, without waiting for the next attempt of the job.

    Raises ``SupplyError``: no permission, no document is wanted (any more), or the reason of the failure.
    """
    if not access.may(actor, "create_notice", notice.supply):
        raise SupplyError(NOT_YOURS)
    # Neither the wait after a failure nor a document that was given up keeps a person from it. A task that
    # is at it loses its claim with the next one (``papers``).
    waiting = Notice.objects.open().filter(pk=notice.pk, document=None)
    waiting.update(error="", claimed_until=None)
    drafted = draft_for_notice(notice.pk, today)
    notice.refresh_from_db()
    if drafted is False:
        raise SupplyError(notice.error)
    if notice.document is None:
        raise SupplyError("这项通知不需要文书，或者已经了结。")
    return notice.document


def draft_start_notice(*, supply: LandSupply, actor: User, today: date) -> Document:
    """Draft the 《开工通知书》 that a visit called for. Raises ``SupplyError`` as ``draft_again``."""
    if not access.may(actor, "create_notice", supply):
        raise SupplyError(NOT_YOURS)
    document = submit_held(supply=supply, track=Track.START, actor=actor, today=today)
    if document is None:
        raise SupplyError("已有开工通知书，或者现在不需要。")
    return document
