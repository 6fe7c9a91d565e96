"""Forms about permissions: what a role may do, and the question who may do what."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from landbureau.accounts import catalogue
from landbureau.accounts.models import Bureau, Role, RolePermission, Section, TownshipOffice, User
from landbureau.web.forms import DeskForm

Reach = RolePermission.Reach


class RoleForm(DeskForm):
    """How far a role reaches, permission by permission: the fields are named by codename."""

    NONE = ("", "—")

    version = forms.IntegerField(
        widget=forms.HiddenInput,
        error_messages=dict.fromkeys(("required", "invalid"), "页面版本号无效，请重新打开后再改。"),
    )

    def __init__(self, *args: Any, role: Role, **kwargs: Any) -> None:
        cells = dict(role.permissions.values_list("codename", "reach"))
        super().__init__(*args, initial=cells | {"version": role.version}, **kwargs)
        for entry in catalogue.permissions().values():
            everywhere = [(Reach.BUREAU, Reach.BUREAU.label)]
            narrow = entry.codename not in catalogue.BUREAU_WIDE
            self.fields[entry.codename] = forms.ChoiceField(
                label=entry.action,
                choices=[self.NONE, *(Reach.choices if narrow else everywhere)],
                required=False,
                error_messages={} if narrow else {"invalid_choice": "关系到整个单位，只能选“全局”。"},
                widget=forms.Select(attrs={"class": "form-select", "aria-label": entry.name}),
            )

    def groups(self) -> dict[str, list[forms.BoundField]]:
        """The fields by object, in the order of the matrix."""
        groups: dict[str, list[forms.BoundField]] = {}
        for entry in catalogue.permissions().values():
            groups.setdefault(entry.object, []).append(self[entry.codename])
        return groups

    def permissions(self) -> dict[str, str]:
        return {name: reach for name, reach in self.cleaned_data.items() if reach and name != "version"}

    def report_conflict(self, role: Role) -> None:
        """Say where ``role`` now differs from what was typed, and take the next saving as meant."""
        now, words = dict(role.permissions.values_list("codename", "reach")), dict(Reach.choices)
        typed = self.permissions()
        differing = [
            f"“{entry.name}”现为“{words.get(now.get(codename, ''), '不能')}”"
            for codename, entry in catalogue.permissions().items()
            if now.get(codename) != typed.get(codename)
        ]
        told = f"与您填写的不同之处：{'；'.join(differing)}。" if differing else ""
        self.add_error(
            None,
            f"您打开之后，“{role}”已被他人修改，您的修改尚未保存。{told}"
            "您填写的内容仍在下面，核对后再次保存，将以您填写的为准。",
        )
        self.data = dict(self.data.items()) | {self.add_prefix("version"): str(role.version)}


class WhoForm(DeskForm):
    """Which permission, and where."""

    ANYWHERE, EVERYWHERE = "", "bureau"

    permission = forms.ChoiceField(label="权限")
    scope = forms.ChoiceField(label="范围", required=False)

    def __init__(self, *args: Any, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups: dict[str, list[tuple[str, str]]] = {}
        for entry in catalogue.permissions().values():
            groups.setdefault(entry.object, []).append((entry.codename, entry.name))
        self.fields["permission"].choices = [("", "请选择权限"), *groups.items()]  # type: ignore[attr-defined]
        self.fields["scope"].choices = [  # type: ignore[attr-defined]
            (self.ANYWHERE, "任一范围"),
            (self.EVERYWHERE, "全局"),
            ("科室", [(f"section-{row.pk}", row.name) for row in Section.objects.all()]),
            ("国土所", [(f"office-{row.pk}", row.name) for row in TownshipOffice.objects.all()]),
            ("本人承办的", [(f"user-{row.pk}", row.name) for row in people.filter(is_active=True)]),
        ]

    def chosen_scope(self) -> Bureau | Section | TownshipOffice | User | None:
        """The row behind the choice; None: anywhere."""
        kind, _, pk = self.cleaned_data["scope"].partition("-")
        if kind == self.EVERYWHERE:
            return Bureau.objects.get()
        models = {"section": Section, "office": TownshipOffice, "user": User}
        return models[kind]._default_manager.get(pk=pk) if kind in models else None  # type: ignore[return-value]

    def scope_label(self) -> str:
        scope = self.chosen_scope()
        if scope is None:
            return "任一范围"
        if isinstance(scope, Bureau):
            return "全局"
        return f"{scope}承办的" if isinstance(scope, User) else str(scope)
