"""What the public learns about a document, and how often somebody may guess."""

from __future__ import annotations

from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from django.conf import settings

from landbureau.documents.models import Document, Lookup
from landbureau.documents.rules import plain_code, same_number

WINDOW = timedelta(hours=1)


class TooManyLookups(Exception):
    """Too many wrong codes from one address; ``until``: when it may ask again."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until


def look_up(*, code: str, address: str, now: datetime, number: str | None = None) -> Document | None:
    """The issued document with this code, and with this number if one is given; else None.

    After ``VERIFY_WRONG_PER_HOUR`` wrong questions from ``address`` another wrong one is refused: raises
    ``TooManyLookups``. A right one is always answered: nobody guesses a code, and many share an address. The
    same address asking again within the hour counts once.
    """
    address = _household(address)
    recent = Lookup.objects.filter(address=address, at__gt=now - WINDOW)
    found = Document.objects.filter(code=plain_code(code)).first()
    if found is not None and number is not None and not same_number(number, found.number or ""):
        found = None
    if found is not None and recent.filter(document=found).exists():
        return found
    asked = Lookup.objects.create(document=found, address=address)
    if found is None:  # counted after its own row is there: of questions at once, none overlooks the others
        earlier = (
            recent.filter(document=None).exclude(pk=asked.pk).order_by("-at").values_list("at", flat=True)
        )
        wrong = list(earlier[: settings.VERIFY_WRONG_PER_HOUR])
        if len(wrong) == settings.VERIFY_WRONG_PER_HOUR:
            asked.delete()
            raise TooManyLookups(wrong[-1] + WINDOW)
    return found


def _household(address: str) -> str:
    """The address; of IPv6, where one connection has 2**64 of them, the network's."""
    if ip_address(address).version == 4:
        return address
    return str(ip_network(f"{address}/64", strict=False).network_address)
