"""Lists of people and absences."""

from __future__ import annotations

from datetime import date

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django_tables2 import Column

from landbureau.accounts.models import Absence, User
from landbureau.accounts.selectors_people import CERTIFICATE_WARNING
from landbureau.web.masking import mask_phone
from landbureau.web.tables import DateColumn, DeskTable, NumberColumn
from landbureau.web.templatetags.web import date_iso, relative_days, state


class StaffTable(DeskTable):
    hidden_at_first = ("username", "last_login")
    fixed = ("name",)

    name = Column("姓名", attrs={"td": {"class": "lb-name"}}, linkify=True)
    unit = Column("科室（所）", accessor="unit", order_by=("section__order", "office__order"), default="—")
    position = Column("职务", default="—")
    roles = Column("角色", accessor="grants_in_force", orderable=False, empty_values=())
    phone = Column("手机", orderable=False, default="—")
    certificate = DateColumn("执法证有效期至", accessor="certificate_expires_on", default="—")
    open_work = NumberColumn("在办（项）")
    state = Column("状态", accessor="is_active", order_by=("is_active", "is_absent"))
    username = Column("用户名")
    last_login = DateColumn("最近登录", default="从未登录")

    class Meta(DeskTable.Meta):
        model = User
        fields = ()

    def render_roles(self, record: User) -> SafeString | str:
        grants = record.grants_in_force  # type: ignore[attr-defined]  # staff_for
        if not grants:
            return "应急账号" if record.is_superuser else "未授权"
        return format_html_join("、", "{}", ((grant.role.name,) for grant in grants))

    def render_phone(self, value: str) -> str:
        return mask_phone(value)

    def render_certificate(self, value: date) -> SafeString:
        return certificate_state(value, timezone.localdate())

    def render_state(self, record: User) -> SafeString:
        return person_state(record)


class AbsenceTable(DeskTable):
    fixed = ("user",)

    user = Column("外出人", attrs={"td": {"class": "lb-name"}}, order_by="user__name")
    days = Column("日期", accessor="starts_on")
    deputy = Column("代办人", order_by="deputy__name")
    reason = Column("事由", default="—")
    state = Column("状态", accessor="cancelled_at", empty_values=(), orderable=False)
    act = Column("", accessor="pk", empty_values=(), orderable=False, attrs={"td": {"class": "lb-actions"}})

    class Meta(DeskTable.Meta):
        model = Absence
        fields = ()

    def render_user(self, record: Absence) -> SafeString:
        return _person(record.user)

    def render_deputy(self, record: Absence) -> SafeString:
        return _person(record.deputy)

    def render_days(self, record: Absence) -> str:
        if record.starts_on == record.ends_on:
            return date_iso(record.starts_on)
        return f"{date_iso(record.starts_on)} 至 {date_iso(record.ends_on)}"

    def render_state(self, record: Absence) -> SafeString:
        today = timezone.localdate()
        if record.cancelled_at:
            return state("grey", "已撤销")
        if record.ends_on < today:
            return state("green", "已结束")
        return state("orange", "进行中") if record.starts_on <= today else state("blue", "未开始")

    def render_act(self, record: Absence) -> SafeString | str:
        viewer = self.request.user
        may = record.user_id == viewer.pk or viewer.has_perm("accounts.update_staff")
        if record.cancelled_at or record.ends_on < timezone.localdate() or not may:
            return ""
        url = reverse("people:cancel_absence", args=[record.pk])
        return format_html('<a class="btn btn-sm btn-outline-danger" href="{}">撤销</a>', url)


def certificate_state(expires_on: date, today: date) -> SafeString:
    """The day, and how far away it is once that matters."""
    days = (expires_on - today).days
    if days > CERTIFICATE_WARNING:
        return format_html("<span>{}</span>", date_iso(expires_on))
    colour = "red" if days < 0 else "orange"
    word = f"已过期{-days}天" if days < 0 else relative_days(expires_on, today)
    return format_html("<span>{}<small>{}</small></span>", date_iso(expires_on), state(colour, word))


def person_state(person: User) -> SafeString:
    """在岗, 外出 or 离岗. ``is_absent`` comes from ``staff_for``."""
    if not person.is_active:
        return state("grey", "离岗")
    if person.is_absent:  # type: ignore[attr-defined]
        return state("orange", "外出")
    return state("green", "在岗")


def _person(person: User) -> SafeString:
    unit = f"{person.unit or ''} {person.position}".strip()
    return format_html("<span>{}<small>{}</small></span>", person.name, unit)
