"""Puts the person and the address of the request on every audit row written while it is served."""

from auditlog.middleware import AuditlogMiddleware
from django.http import HttpRequest

from landbureau.web.network import client_ip


class AuditMiddleware(AuditlogMiddleware):
    """auditlog's middleware, with the address as seen behind trusted proxies only."""

    @staticmethod
    def _get_remote_addr(request: HttpRequest) -> str | None:
        return client_ip(request)
