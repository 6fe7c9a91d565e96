"""Sign-in, sign-out, password, own sessions."""

from __future__ import annotations

import math
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.views import LoginView, LogoutView
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from landbureau.accounts.demo import demo_accounts
from landbureau.accounts.forms_signin import PasswordForm, ProfileForm, SignInForm
from landbureau.accounts.lockout import locked_until
from landbureau.accounts.models import User
from landbureau.accounts.requests import DeskRequest
from landbureau.accounts.selectors_signin import open_sessions, recent_sign_ins
from landbureau.accounts.services import signin as services
from landbureau.web.access import desk_page
from landbureau.web.network import client_ip
from landbureau.web.versions import EditConflict
from landbureau.web.views import back

IDLE_MINUTES, LONGEST_HOURS = settings.SESSION_COOKIE_AGE // 60, settings.SESSION_LONGEST // 3600
SIGNED_OUT = {
    "idle": f"超过 {IDLE_MINUTES} 分钟没有操作，已自动退出，请重新登录。",
    "limit": f"登录已满 {LONGEST_HOURS} 小时，请重新登录。",
    "ended": "这次登录已被结束，请重新登录。",
    "left": "已安全退出。",
}


class SignInView(LoginView):
    """The sign-in page; in the demo with one button for each of the demo's people."""

    template_name = "accounts/login.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_redirect_url(self, request: HttpRequest | None = None) -> str:
        address = super().get_redirect_url()
        return "" if address.startswith(reverse("accounts:login")) else address

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        if form.get_user().is_superuser:
            services.note_emergency_sign_in(user=form.get_user())
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        reason = self.request.GET.get("reason", "")
        context |= {"notice": SIGNED_OUT.get(reason, ""), "left": reason == "left"}
        if settings.DEMO:
            context["demo_accounts"] = demo_accounts()
        return context


class SignOutView(LogoutView):
    """By POST only."""

    def get_default_redirect_url(self) -> str:
        return f"{reverse('accounts:login')}?reason=left"


def locked_out(
    request: HttpRequest, response: HttpResponse | None = None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """django-axes' answer to a sign-in that is locked: when it may be tried again."""
    now = timezone.now()
    username = (credentials or {}).get("username") or ""
    by_address = "ip_address" in settings.AXES_LOCKOUT_PARAMETERS
    until = locked_until(now, username=username, address=(by_address and client_ip(request)) or "")
    until = until or now + settings.AXES_COOLOFF_TIME
    minutes = max(1, math.ceil((until - now).total_seconds() / 60))
    context = {"until": until, "minutes": minutes, "limit": settings.AXES_FAILURE_LIMIT}
    answer = render(request, "web/errors/lockout.html", context, status=429)
    answer["Retry-After"] = str(math.ceil((until - now).total_seconds()))
    return answer


@desk_page()
@sensitive_post_parameters()
def password(request: DeskRequest) -> HttpResponse:
    """Change of the own password; the only page there is before a first password is changed."""
    user = request.user
    form = PasswordForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.change_password(
            user=user, password=form.cleaned_data["new_password1"], kept_session=request.session.session_key
        )
        update_session_auth_hash(request, user)
        messages.success(request, "密码已修改，您在其他设备上的登录已全部结束。")
        return redirect(back(request))
    return render(request, "accounts/password.html", {"form": form, "next": request.GET.get("next", "")})


@desk_page()
def me(request: DeskRequest) -> HttpResponse:
    """The person's own facts; the phone number can be changed."""
    person = User.objects.select_related("section", "office").get(pk=request.user.pk)
    form = ProfileForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():
        try:
            form.save()
        except EditConflict as conflict:
            form.report_conflict(conflict.current)
        else:
            messages.success(request, "资料已保存。")
            return redirect("accounts:me")
    grants = person.grants.filter(ended_at=None).select_related("role", "section", "office")
    context = {
        "person": person,
        "form": form,
        "grants": grants,
        "themes": [("light", "浅色"), ("dark", "深色"), ("auto", "跟随系统")],
        "chosen_theme": request.COOKIES.get("theme", "light"),
    }
    return render(request, "accounts/me.html", context)


@desk_page()
def sessions(request: DeskRequest) -> HttpResponse:
    """The person's own sessions."""
    context = {
        "sessions": open_sessions(request.user, timezone.now()),
        "current": request.session.session_key,
        "recent": recent_sign_ins(request.user),
        "idle_minutes": IDLE_MINUTES,
        "longest_hours": LONGEST_HOURS,
    }
    return render(request, "accounts/sessions.html", context)


@desk_page()
@require_POST
def end_session(request: DeskRequest, code: str) -> HttpResponse:
    """End one of the own sessions; the one in use is a sign-out."""
    session = next((row for row in open_sessions(request.user, timezone.now()) if row.code == code), None)
    if session is None:
        raise Http404
    if session.session_key == request.session.session_key:
        logout(request)
        return redirect(f"{reverse('accounts:login')}?reason=left")
    services.end_session(session=session, actor=request.user)
    messages.success(request, f"已结束 {session.device} 上的登录。")
    return redirect("accounts:sessions")


@desk_page()
@require_POST
def end_other_sessions(request: DeskRequest) -> HttpResponse:
    count = services.end_other_sessions(user=request.user, kept_session=request.session.session_key)
    messages.success(request, f"已结束其他 {count} 处登录。")
    return redirect("accounts:sessions")
