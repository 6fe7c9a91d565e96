from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from landbureau.home.navigation import navigation
from landbureau.home.selectors import todos


def _public_links() -> list[dict[str, str]]:
    """Called by the template that shows them; the other pages without the desk's frame do without."""
    return [
        {"title": "首页", "url": reverse("publicservice:start")},
        {"title": "文书查验", "url": reverse("verify:verify")},
    ]


def frame(request: HttpRequest) -> dict[str, Any]:
    """Navigation, counter and menu of the desk's pages; the links of the others; nothing for fragments."""
    match = request.resolver_match
    if getattr(request, "htmx", False):
        return {}
    if match is None or not hasattr(match.func, "desk_permission"):
        return {"public_navigation": _public_links}
    user = request.user
    if not user.is_authenticated:
        return {}
    lines = navigation(request)
    count = len(todos(user, timezone.localdate()))
    lines[0]["badge"] = count or None
    return {
        "navigation": lines,
        "todo_count": count,
        "search_url": reverse("home:search"),
        "search_placeholder": "搜索供地、用地单位、文书、人员、期限",
        "sign_out_url": reverse("accounts:logout"),
        "user_menu": [
            {"title": "我的资料", "icon": "user", "url": reverse("accounts:me")},
            {"title": "登录设备", "icon": "devices", "url": reverse("accounts:sessions")},
            {"title": "修改密码", "icon": "lock", "url": reverse("accounts:password")},
        ],
    }
