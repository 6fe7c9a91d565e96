"""The demo's people: invented, all with one password, shown on the sign-in page of a demo only."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from landbureau.accounts.catalogue import read_table
from landbureau.accounts.models import (
    Absence,
    Assignment,
    Bureau,
    Role,
    Section,
    Township,
    TownshipOffice,
    User,
    Village,
)
from landbureau.accounts.services import VILLAGE_ROUND, grant_role

PASSWORD = "Yanshi-2026"  # noqa: S105  # 演示; the sign-in page of the demo shows it


class DemoAccount(NamedTuple):
    """Who can be tried out. ``title`` is unit and position."""

    username: str
    name: str
    title: str
    password: str


def demo_accounts() -> list[DemoAccount]:
    """The accounts of this bureau's demo, in the order of the file."""
    return [
        DemoAccount(
            row["用户名"], row["姓名"], f"{row['科室'] or row['国土所']} {row['职务']}".strip(), PASSWORD
        )
        for row in _table("people")
    ]


@transaction.atomic
def load(today: date) -> dict[str, int]:
    """Create what is missing of the demo, with days relative to ``today``; what is there stays as it is."""
    _fill_contact()
    return {
        "people": _load_people(today),
        "villages": _load_villages(today),
        "absences": _load_absences(today),
    }


def _table(name: str) -> list[dict[str, str]]:
    return read_table(settings.FIXTURES_DIR / "demo" / f"{name}-{settings.BUREAU}.csv")


def _fill_contact() -> None:
    """Address, telephone and hours for the public page, if the bureau has none yet."""
    (row,) = _table("bureau")
    Bureau.objects.filter(address="", phone="", hours="").update(
        address=row["地址"], phone=row["电话"], hours=row["工作时间"]
    )


def _load_people(today: date) -> int:
    known = set(User.objects.values_list("username", flat=True))
    sections = {section.name: section for section in Section.objects.all()}
    offices = {office.name: office for office in TownshipOffice.objects.all()}
    roles = {entry.name: entry for entry in Role.objects.all()}
    password = make_password(PASSWORD)
    rows = [row for row in _table("people") if row["用户名"] not in known]
    for row in rows:
        days = row["执法证剩余天数"]
        user = User.objects.create(
            username=row["用户名"],
            name=row["姓名"],
            position=row["职务"],
            phone=row["手机"],
            section=sections.get(row["科室"]),
            office=offices.get(row["国土所"]),
            certificate_number=row["执法证号"],
            certificate_expires_on=today + timedelta(days=int(days)) if days else None,
            must_change_password=bool(row["首次登录须改密码"]),
            password=password,
        )
        grant_role(
            user=user,
            role=roles[row["角色"]],
            section=user.section,
            office=user.office,
            actor=None,
            reason="演示数据",
        )
    return len(rows)


def _load_villages(today: date) -> int:
    townships = {row.name: row for row in Township.objects.all()}
    people = {user.username: user for user in User.objects.filter(is_active=True)}
    known = set(Village.objects.values_list("township__name", "name"))
    rows = [
        (order, row)
        for order, row in enumerate(_table("villages"), start=1)
        if (row["乡镇"], row["村居"]) not in known
    ]
    villages = Village.objects.bulk_create(
        Village(township=townships[row["乡镇"]], name=row["村居"], order=order) for order, row in rows
    )
    Assignment.objects.bulk_create(
        Assignment(
            user=people[row["包村国土员"]],
            task=VILLAGE_ROUND,
            content_type=ContentType.objects.get_for_model(Village),
            object_id=village.pk,
            starts_on=date(today.year, 1, 1),
        )
        for village, (_, row) in zip(villages, rows, strict=True)
        if row["包村国土员"] in people
    )
    return len(villages)


def _load_absences(today: date) -> int:
    people = {user.username: user for user in User.objects.all()}
    count = 0
    for row in _table("absences"):
        user = people[row["用户名"]]
        starts_on = today + timedelta(days=int(row["几天后开始"]))
        if not user.absences.exists():
            Absence.objects.create(
                user=user,
                deputy=people[row["代办人用户名"]],
                starts_on=starts_on,
                ends_on=starts_on + timedelta(days=int(row["天数"]) - 1),
                reason=row["事由"],
            )
            count += 1
    return count
