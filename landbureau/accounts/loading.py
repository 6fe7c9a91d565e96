"""What an installation needs before its first day, loaded after every ``migrate``.

The bureau and its parts are loaded once, into an empty database; afterwards they are the bureau's own. The
permissions follow the program's matrix; a role follows it until the bureau edits that role.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps as installed
from django.apps.registry import Apps
from django.conf import settings
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import DEFAULT_DB_ALIAS, transaction
from django.db.models import F

from landbureau.accounts import catalogue
from landbureau.accounts.models import (
    SCOPE_MODELS,
    Bureau,
    Grant,
    Role,
    RolePermission,
    Section,
    SectionAlias,
    Township,
    TownshipOffice,
)
from landbureau.accounts.services import sync_people
from landbureau.audit.models import Entry
from landbureau.audit.services import record

LOADED = (Bureau, Section, SectionAlias, TownshipOffice, Township, Role, RolePermission, Grant)


def load_after_migrate(using: str = DEFAULT_DB_ALIAS, apps: Apps = installed, **kwargs: Any) -> None:
    """Receiver of ``post_migrate``."""
    if using == DEFAULT_DB_ALIAS and _is_current(apps):
        load()


@transaction.atomic
def load() -> None:
    """Load what is missing; a second call changes nothing."""
    ContentType.objects.clear_cache()  # a flush has given the rows other keys
    if not Bureau.objects.exists():
        load_bureau(settings.BUREAU)
    new = sync_catalogue()
    load_roles(new)


def load_bureau(code: str) -> Bureau:
    """The profile, sections, offices and townships of ``fixtures/<code>/``."""
    folder = settings.FIXTURES_DIR / code
    kinds = {str(label): value for value, label in Section.Kind.choices}
    profile = catalogue.read_table(folder / "bureau.csv")[0]
    bureau = Bureau.objects.create(
        code=code,
        name=profile["单位全称"],
        short_name=profile["简称"],
        county=profile["所在县区"],
        organ_code=profile["机关代字"],
        badge=profile["徽标字"],
        address=profile["地址"],
        phone=profile["电话"],
        hours=profile["工作时间"],
    )
    rows = catalogue.read_table(folder / "sections.csv")
    sections = Section.objects.bulk_create(
        Section(name=row["名称"], kind=kinds[row["类别"]], summary=row["职能简述"], order=order)
        for order, row in enumerate(rows, start=1)
    )
    SectionAlias.objects.bulk_create(
        SectionAlias(section=section, name=alias)
        for section, row in zip(sections, rows, strict=True)
        for alias in row["别名"].split("、")
        if alias
    )
    offices = TownshipOffice.objects.bulk_create(
        TownshipOffice(name=row["名称"], order=order)
        for order, row in enumerate(catalogue.read_table(folder / "offices.csv"), start=1)
    )
    by_name = {office.name: office for office in offices}
    Township.objects.bulk_create(
        Township(name=row["名称"], code=row["行政区划代码"], office=by_name[row["国土所"]], order=order)
        for order, row in enumerate(catalogue.read_table(folder / "townships.csv"), start=1)
    )
    return bureau


def sync_catalogue() -> set[str]:
    """Make the rows of ``auth.Permission`` those of the matrix. Returns the codenames that are new."""
    entries = catalogue.permissions()
    types = [ContentType.objects.get_for_model(model) for model in SCOPE_MODELS]
    rows = {
        (row.codename, row.content_type_id): row for row in Permission.objects.filter(content_type__in=types)
    }
    known = {codename for codename, _ in rows}
    new, obsolete = entries.keys() - known, known - entries.keys()
    if obsolete:
        Permission.objects.filter(content_type__in=types, codename__in=obsolete).delete()
        RolePermission.objects.filter(codename__in=obsolete).delete()
    renamed = [
        row for row in rows.values() if row.codename in entries and row.name != entries[row.codename].name
    ]
    for row in renamed:
        row.name = entries[row.codename].name
    Permission.objects.bulk_update(renamed, ["name"])
    Permission.objects.bulk_create(
        Permission(codename=codename, name=entry.name, content_type=content_type)
        for codename, entry in entries.items()
        for content_type in types
        if (codename, content_type.pk) not in rows
    )
    renames = {row.codename for row in renamed}
    if new or obsolete or renames:
        record(
            Entry.Action.BULK,
            actor=None,
            text="随程序更新权限表",
            data={"created": len(new), "removed": len(obsolete), "updated": len(renames)},
        )
    return new


def load_roles(new: set[str]) -> None:
    """Make the roles those of the matrix.

    A role that the bureau has edited keeps what the bureau decided; it only gains permissions that did not
    exist before (``new``).
    """
    roles = {role.code: role for role in Role.objects.prefetch_related("permissions")}
    stale: list[RolePermission] = []
    missing: list[RolePermission] = []
    changed: set[int] = set()
    for entry in catalogue.roles():
        role = roles.get(entry.code) or Role.objects.create(
            code=entry.code, name=entry.name, summary=entry.summary, order=entry.order
        )
        have = {row.codename: row for row in role.permissions.all()}
        follows = not role.edited_by_bureau
        for codename, row in have.items():
            if follows and entry.permissions.get(codename) != row.reach:
                stale.append(row)
                changed.add(role.pk)
        for codename, reach in entry.permissions.items():
            if (follows and (codename not in have or have[codename].reach != reach)) or (
                codename in new and codename not in have
            ):
                missing.append(RolePermission(role=role, codename=codename, reach=reach))
                changed.add(role.pk)
    if changed:
        RolePermission.objects.filter(pk__in=[row.pk for row in stale]).delete()
        RolePermission.objects.bulk_create(missing)
        known = {role.pk for role in roles.values()}
        Role.objects.filter(pk__in=changed & known).update(version=F("version") + 1)  # perhaps a form is open
        holders = Grant.objects.filter(role__in=changed, ended_at=None)
        record(
            Entry.Action.BULK,
            actor=None,
            text="随程序更新角色权限",
            data={
                "count": len(changed),
                "created": len(missing),
                "removed": len(stale),
                "rows": sync_people(holders.values_list("user_id", flat=True).distinct()),
            },
        )


def _is_current(apps: Apps) -> bool:
    """Whether the tables are those of this program (``migrate accounts 0003`` leaves older ones)."""
    try:
        return all(
            {field.name for field in apps.get_model(model._meta.label)._meta.local_fields}
            == {field.name for field in model._meta.local_fields}
            for model in LOADED
        )
    except LookupError:
        return False
