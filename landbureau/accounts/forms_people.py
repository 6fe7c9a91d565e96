"""Forms about people, grants, work and absences. What the rules refuse is told by the services."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import reduce
from operator import and_, or_
from typing import Any

from django import forms
from django.db.models import Case, IntegerField, Q, QuerySet, When

from landbureau.accounts.errors import PeopleError
from landbureau.accounts.models import (
    Assignment,
    Bureau,
    Role,
    Section,
    TownshipOffice,
    User,
    Village,
)
from landbureau.accounts.selectors_people import BY_UNIT, open_work_by_task, open_work_column
from landbureau.accounts.services import VILLAGE_ROUND, able_to_take
from landbureau.web.forms import DeskForm, DeskModelForm, VersionedModelForm
from landbureau.web.models import Versioned
from landbureau.workdays.models import Deadline

NO_UNIT = "不选"


@contextmanager
def refusals_at(form: forms.BaseForm) -> Iterator[None]:
    """Show what a service refuses beside the field that it concerns."""
    try:
        yield
    except PeopleError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))


class PersonChoice(forms.ModelChoiceField):
    """A person with unit and position, so that two of one name are told apart."""

    def __init__(self, queryset: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(queryset, empty_label="请选择", **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        return describe(obj)


class TakersChoice(forms.ModelMultipleChoiceField):
    """People of ``takers_of``; the template puts them under their units."""

    widget = forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"})

    def label_from_instance(self, obj: Any) -> str:
        return "　".join(filter(None, [obj.name, obj.position, f"在办 {obj.open_work} 项"]))


def describe(person: User) -> str:
    return "　".join(filter(None, [person.name, f"{person.unit or ''}{person.position}"]))


def colleagues(of: User) -> QuerySet[User]:
    """Active people other than ``of``: of the same unit, then of the same kind of unit, then the others."""
    same = Q(office=of.office_id) if of.office_id else Q(section=of.section_id, office=None)
    alike = Q(office__isnull=of.office_id is None, section__isnull=of.section_id is None)
    nearness = Case(When(same, then=0), When(alike, then=1), default=2, output_field=IntegerField())
    return (
        User.objects.filter(is_active=True)
        .exclude(pk=of.pk)
        .select_related("section", "office")
        .order_by(nearness, *BY_UNIT, "office", "section", "name", "pk")
    )


def takers_of(person: User, *, whole: bool = True) -> QuerySet[User]:
    """Colleagues who may open the open work of ``person``: all kinds of it (``whole``), or at least one."""
    able = [able_to_take(task) for task, _ in open_work_by_task(person)]
    fit = reduce(and_ if whole else or_, able, Q())
    return colleagues(person).filter(fit).annotate(open_work=open_work_column())


class UnitMixin(forms.Form):
    """Section or office; a person works in one of them, or (leaders) in none."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("section") and cleaned.get("office"):
            self.add_error("office", "科室和国土所只选一个。")
        return cleaned


class EnrolForm(UnitMixin, DeskModelForm):
    """A new person, with a first role if that is clear already."""

    role = forms.ModelChoiceField(
        Role.objects.all(),
        label="角色",
        required=False,
        empty_label="暂不授予",
        help_text="可以以后再授予；按所选科室或国土所生效。",
    )

    class Meta:
        model = User
        fields = [
            "username",
            "name",
            "section",
            "office",
            "position",
            "phone",
            "certificate_number",
            "certificate_expires_on",
        ]
        help_texts = {
            "username": "登录用，建议用姓名拼音，如 zhaowb。",
            "section": "在国土所工作的，只选国土所。",
        }

    def __init__(self, *args: Any, may_grant: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_grant:
            del self.fields["role"]
        for name, model in (("section", Section), ("office", TownshipOffice)):
            self.fields[name].queryset = model._default_manager.filter(is_active=True)  # type: ignore[attr-defined]
            self.fields[name].empty_label = NO_UNIT  # type: ignore[attr-defined]


class PersonForm(VersionedModelForm):
    """What is known about a person. Section and office change by a move, roles by grants.

    The stored phone number is not in the page: reading it is an act that is recorded. Blank keeps it.
    """

    class Meta:
        model = User
        fields = ["name", "position", "phone", "certificate_number", "certificate_expires_on"]
        labels = {"phone": "新手机号"}
        help_texts = {"phone": "不填则保留原来的号码。"}

    def __init__(self, *args: Any, instance: User, **kwargs: Any) -> None:
        self.stored_phone = instance.phone
        super().__init__(*args, instance=instance, **kwargs)

    def _show(self, row: Versioned) -> None:
        super()._show(row)
        shown = json.loads(self.initial["opened"])
        shown.pop("phone", None)
        self.initial["phone"], self.initial["opened"] = "", json.dumps(shown, ensure_ascii=False)

    def clean_phone(self) -> str:
        return self.cleaned_data["phone"] or self.stored_phone


class GrantForm(DeskForm):
    role = forms.ModelChoiceField(
        Role.objects.all(),
        label="角色",
        widget=forms.RadioSelect,
        error_messages={"required": "请选择要授予的角色。"},
    )
    section = forms.ModelChoiceField(
        Section.objects.filter(is_active=True),
        label="科室",
        required=False,
        empty_label=NO_UNIT,
        help_text="科员、股长按科室授权。",
    )
    office = forms.ModelChoiceField(
        TownshipOffice.objects.filter(is_active=True),
        label="国土所",
        required=False,
        empty_label=NO_UNIT,
        help_text="国土员按国土所授权，所辖乡镇随之确定。",
    )
    reason = forms.CharField(
        label="事由", max_length=120, error_messages={"required": "请填写授权的事由，它会记入审计记录。"}
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["role"]
        field.empty_label = None  # type: ignore[attr-defined]
        field.label_from_instance = lambda role: f"{role.name}　{role.summary}"  # type: ignore[attr-defined]


class ReasonForm(DeskForm):
    reason = forms.CharField(label="事由", max_length=120)


class HandOverForm(DeskForm):
    """Open work of a person for one or several takers."""

    ALL, CHOSEN = "all", "chosen"

    which = forms.ChoiceField(
        label="移交范围", choices=[(ALL, "全部"), (CHOSEN, "只移交清单中勾选的")], widget=forms.RadioSelect
    )
    assignments = forms.ModelMultipleChoiceField(Assignment.objects.none(), required=False)
    deadlines = forms.ModelMultipleChoiceField(Deadline.objects.none(), required=False)
    takers = TakersChoice(
        User.objects.none(), label="接办人", help_text="选多人时，按清单顺序平均分配。", required=False
    )
    on = forms.DateField(label="交接日期", help_text="自这一天起由接办人负责。")
    reason = forms.CharField(label="事由", max_length=80)

    def __init__(
        self,
        *args: Any,
        person: User,
        work: QuerySet[Assignment],
        running: QuerySet[Deadline],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["takers"].queryset = takers_of(person, whole=False)  # type: ignore[attr-defined]
        self.fields["assignments"].queryset = work  # type: ignore[attr-defined]
        self.fields["deadlines"].queryset = running  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        chosen = cleaned.get("assignments") or cleaned.get("deadlines")
        if cleaned.get("which") == self.CHOSEN and not chosen:
            self.add_error("which", "请勾选要移交的工作。")
        return cleaned

    def chosen(self) -> dict[str, list[int]]:
        """Keys of the chosen rows by kind; empty: all."""
        if self.cleaned_data["which"] == self.ALL:
            return {}
        return {name: [row.pk for row in self.cleaned_data[name]] for name in ("assignments", "deadlines")}


class MoveForm(UnitMixin, DeskForm):
    HAND_OVER, TAKE_ALONG = "hand_over", "take_along"

    section = forms.ModelChoiceField(
        Section.objects.filter(is_active=True), label="调入科室", required=False, empty_label=NO_UNIT
    )
    office = forms.ModelChoiceField(
        TownshipOffice.objects.filter(is_active=True), label="调入国土所", required=False, empty_label=NO_UNIT
    )
    position = forms.CharField(label="新职务", max_length=40, required=False)
    role = forms.ModelChoiceField(
        Role.objects.all(),
        label="在新单位的角色",
        required=False,
        empty_label="暂不授予",
        help_text="原科室、国土所的授权自动撤销；不选则暂不授予新角色。",
    )
    work = forms.ChoiceField(
        label="在办工作",
        choices=[(HAND_OVER, "移交给接办人"), (TAKE_ALONG, "随人带走")],
        widget=forms.RadioSelect,
        error_messages={"required": "请选择在办工作移交给接办人，还是随人带走。"},
    )
    takers = TakersChoice(
        User.objects.none(), label="接办人", required=False, help_text="选多人时，按清单顺序平均分配。"
    )
    on = forms.DateField(label="调动日期", help_text="自这一天起在办工作由接办人负责；不能晚于今天。")
    reason = forms.CharField(label="事由", max_length=80)

    def __init__(self, *args: Any, person: User, open_work: int, may_grant: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_grant:
            del self.fields["role"]
        if open_work:
            self.fields["takers"].queryset = takers_of(person)  # type: ignore[attr-defined]
        else:
            del self.fields["work"], self.fields["takers"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("work") == self.TAKE_ALONG and cleaned.get("takers"):
            self.add_error("work", "已选了接办人：请改选“移交给接办人”，或取消接办人的勾选。")
        return cleaned


class LeaveForm(DeskForm):
    on = forms.DateField(label="离岗日期", help_text="自这一天起不在岗；不能晚于今天。")
    takers = TakersChoice(
        User.objects.none(), label="接办人", required=False, help_text="选多人时，按清单顺序平均分配。"
    )
    cancel_deputising = forms.BooleanField(label="撤销由其代办的委托", required=False)
    reason = forms.CharField(label="事由", max_length=80, help_text="如 退休、调出、辞职。")

    def __init__(
        self, *args: Any, person: User, open_work: int, deputising_for: list[str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if open_work:
            self.fields["takers"].queryset = takers_of(person)  # type: ignore[attr-defined]
        else:
            del self.fields["takers"]
        if deputising_for:
            self.fields["cancel_deputising"].label = f"撤销由其代办的委托（{'、'.join(deputising_for)}）"
        else:
            del self.fields["cancel_deputising"]


class AbsenceForm(DeskForm):
    person = PersonChoice(User.objects.none(), label="外出人")
    deputy = PersonChoice(User.objects.none(), label="代办人")
    starts_on = forms.DateField(label="自")
    ends_on = forms.DateField(label="至", help_text="首尾两天都算在内。")
    reason = forms.CharField(label="事由", max_length=80, required=False)

    def __init__(self, *args: Any, viewer: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["deputy"].queryset = colleagues(viewer)  # type: ignore[attr-defined]
        others = User.objects.visible_to(viewer, "update_staff").filter(is_active=True)
        people = User.objects.filter(Q(pk=viewer.pk) | Q(pk__in=others.values("pk").order_by()))
        self.fields["person"].queryset = people.select_related("section", "office")  # type: ignore[attr-defined]
        if not viewer.has_perm("accounts.update_staff"):
            del self.fields["person"]
        else:
            self.fields["deputy"].queryset |= User.objects.filter(pk=viewer.pk)  # type: ignore[attr-defined]


class RoundForm(DeskForm):
    """Villages of one office, and who makes their rounds."""

    villages = forms.ModelMultipleChoiceField(
        Village.objects.none(), error_messages={"required": "请先勾选村居。"}
    )
    officer = PersonChoice(User.objects.none(), label="包村国土员")
    starts_on = forms.DateField(label="自")

    def __init__(self, *args: Any, office: TownshipOffice, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["villages"].queryset = Village.objects.filter(  # type: ignore[attr-defined]
            township__office=office
        ).select_related("township")
        officers = colleagues(User(office=office)).filter(able_to_take(VILLAGE_ROUND))
        self.fields["officer"].queryset = officers  # type: ignore[attr-defined]


class BureauForm(VersionedModelForm):
    class Meta:
        model = Bureau
        fields = [
            "name",
            "short_name",
            "county",
            "organ_code",
            "badge",
            "address",
            "phone",
            "hours",
            "public_url",
            "go_live_on",
        ]
