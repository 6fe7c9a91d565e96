"""Where a request comes from."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest


def client_ip(request: HttpRequest) -> str | None:
    """The address of the client: the nearest one that is not a trusted proxy; None if it cannot be read.

    ``X-Forwarded-For`` is read from the right and only as far as ``TRUSTED_PROXIES`` reach, so that a
    client cannot choose its own address.
    """
    hops = request.headers.get("X-Forwarded-For", "").split(",")
    address = _parse(request.META.get("REMOTE_ADDR") or "")
    while address and _trusted(address) and hops:
        hop = hops.pop().strip()
        if hop:
            address = _parse(hop)
    return str(address) if address else None


def _parse(text: str) -> IPv4Address | IPv6Address | None:
    """An address, with or without brackets and port; an IPv4 address in IPv6 clothes is IPv4."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _trusted(address: IPv4Address | IPv6Address) -> bool:
    return any(address in ip_network(proxy) for proxy in settings.TRUSTED_PROXIES)
