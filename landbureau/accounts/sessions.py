"""Sessions in the database, with columns that tell whose browser it is (Django's "extending DB sessions").

A session ends 30 minutes after the person's last request (``SESSION_COOKIE_AGE``) and in any case 12 hours
after sign-in (``SESSION_LONGEST``). The end is stored in the session itself, so that saving it for another
reason (a page that polls, a message) does not move it.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.http import HttpRequest

from landbureau.web.network import client_ip

TOUCH_EVERY = timedelta(minutes=1)  # one write a minute and person at most, however many requests

BROWSERS = [  # the first that fits: most browsers name others as well
    ("MicroMessenger", "微信"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("QQBrowser", "QQ 浏览器"),
    ("360SE|360EE|QIHU", "360 浏览器"),
    ("Chrome|CriOS", "Chrome"),
    ("Safari", "Safari"),
    ("MSIE|Trident", "IE"),
]
SYSTEMS = [
    ("HarmonyOS|OpenHarmony", "鸿蒙"),
    ("Android", "安卓"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
]


class SessionStore(DatabaseStore):
    """Django's store; the columns of ``accounts.Session`` are copies of what the session holds."""

    @classmethod
    def get_model_class(cls) -> type[Any]:
        from landbureau.accounts.models import Session

        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        row: Any = super().create_model_instance(data)
        row.user_id = data.get(SESSION_KEY)
        row.address = data.get("address")
        row.user_agent = data.get("user_agent", "")
        row.signed_in_at = _time(data.get("signed_in_at"))
        row.last_seen_at = _time(data.get("last_seen_at"))
        return row

    def get_expire_at_browser_close(self) -> bool:
        """The cookie goes with the browser; that the session ends earlier is the server's business."""
        return True


def touch(request: HttpRequest, now: datetime) -> None:
    """Note a request that the person made: the session lives on, from the address it has now."""
    session = request.session
    started = _time(session.get("signed_in_at"))
    if started is None:
        started = now
        session["signed_in_at"] = now.isoformat()
        session["user_agent"] = request.headers.get("User-Agent", "")[:255]
    address, seen = client_ip(request), _time(session.get("last_seen_at"))
    if seen and now - seen < TOUCH_EVERY and address == session.get("address"):
        return
    session["address"] = address
    session["last_seen_at"] = now.isoformat()
    idle_end = now + timedelta(seconds=settings.SESSION_COOKIE_AGE)
    session.set_expiry(min(idle_end, started + timedelta(seconds=settings.SESSION_LONGEST)))


def device(user_agent: str) -> str:
    """Browser and system in a few words, as far as they can be told: ``Edge · Windows``."""
    names = [
        next((name for pattern, name in table if re.search(pattern, user_agent)), "")
        for table in (BROWSERS, SYSTEMS)
    ]
    return " · ".join(filter(None, names)) or "未知设备"


def _time(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None
