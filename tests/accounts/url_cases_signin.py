from datetime import timedelta

from django.utils import timezone

from landbureau.accounts.models import Session
from tests.urlwalk import UrlCase, World


def another_session(world: World) -> tuple[str]:
    """A second browser in which ``right`` is signed in."""
    now = timezone.now()
    session = Session.objects.create(
        session_key="another-browser",
        session_data="",
        user=world.right,
        expire_date=now + timedelta(minutes=30),
        signed_in_at=now,
        last_seen_at=now,
    )
    return (session.code,)


CASES = [
    UrlCase("accounts:login", public=True, right_status=302),
    UrlCase("accounts:logout", public=True, method="post", right_status=302),
    UrlCase("accounts:password"),
    UrlCase("accounts:me"),
    UrlCase("accounts:sessions"),
    UrlCase("accounts:end_other_sessions", method="post", right_status=302),
    UrlCase("accounts:end_session", args=another_session, method="post", right_status=302),
]
