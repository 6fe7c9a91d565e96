"""The Django admin: configuration tables only, no facts and no cases."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite, ModelAdmin, TabularInline
from django.contrib.auth.views import redirect_to_login
from django.contrib.messages import ERROR
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from landbureau.web.forms import VersionedModelForm
from landbureau.web.versions import EditConflict, save_edit


def may_configure(request: HttpRequest) -> bool:
    """The tables are the whole bureau's: a permission in one of its parts does not do."""
    user: Any = request.user
    return bool(user.is_active and user.holds_everywhere("update_config"))


class ConfigurationModelAdmin(ModelAdmin):
    """Rows that whoever may change the configuration may change; none is deleted."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may_configure(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_configure(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may_configure(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_configure(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class VersionedModelAdmin(ConfigurationModelAdmin):
    """Rows that are edited on the desk as well: the second writer is told what the first changed."""

    form = VersionedModelForm

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The form's own hidden fields are shown; as fields of the model they cannot be asked for."""
        if kwargs.get("fields"):
            kwargs["fields"] = [name for name in kwargs["fields"] if name not in ("version", "opened")]
        return super().get_form(request, obj, change, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            super().save_model(request, obj, form, change)
            return
        try:
            save_edit(obj, [name for name in form.changed_data if name not in ("version", "opened")])
        except EditConflict as conflict:  # between the form's check and here
            self.message_user(request, conflict.messages[0], ERROR)


class ConfigurationInline(TabularInline):
    """Rows that belong to a configuration row. ``can_delete`` decides whether they may go."""

    extra = 1

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_configure(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_configure(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_configure(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(self.can_delete) and may_configure(request)


class ConfigurationSite(AdminSite):
    """Open to those who may change the configuration. Sign-in is the desk's, with its lockout."""

    site_header = site_title = "系统配置"
    index_title = "配置表"
    site_url = "/desk/"
    enable_nav_sidebar = False

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Take configuration only: what libraries register by themselves (groups, audit rows) is left out."""
        if admin_class is not None and issubclass(admin_class, ConfigurationModelAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        return may_configure(request)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        index = reverse("admin:index")
        if not request.user.is_authenticated:
            return redirect_to_login(request.GET.get("next", index))
        if not self.has_permission(request):
            raise PermissionDenied
        return redirect(index)

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return redirect("accounts:password")
