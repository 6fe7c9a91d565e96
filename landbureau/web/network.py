"""Where a request comes from."""

from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest


def client_ip(request: HttpRequest) -> str | None:
    """The address of the client: the nearest one that is not a trusted proxy.

    ``X-Forwarded-For`` is read from the right and only as far as ``TRUSTED_PROXIES`` reach, so that a
    client cannot choose its own address.
    """
    address = request.META.get("REMOTE_ADDR") or None
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    while address and hops and _trusted(address):
        address = hops.pop()
    try:
        return str(ip_address(address)) if address else None
    except ValueError:
        return None


def _trusted(address: str) -> bool:
    try:
        return any(ip_address(address) in ip_network(proxy) for proxy in settings.TRUSTED_PROXIES)
    except ValueError:
        return False
