"""What is there after ``migrate`` alone, and what later migrations leave alone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from landbureau.accounts import catalogue
from landbureau.accounts.loading import load, load_after_migrate, load_bureau
from landbureau.accounts.models import (
    Bureau,
    Role,
    RolePermission,
    Section,
    SectionAlias,
    Township,
    TownshipOffice,
    User,
    Village,
)
from landbureau.accounts.services import grant_role, set_role_permissions
from landbureau.audit import triggers
from landbureau.audit.models import Entry
from supervision.supply.models import Regime
from tests.accounts.factories import role
from tests.factories import UserFactory, allow

pytestmark = pytest.mark.django_db


@pytest.fixture
def fixtures_of_next_version(tmp_path: Path, settings: Any) -> Iterator[Path]:
    """The two tables, to be changed by a test as a new version of the program might."""
    for name in ("permissions.csv", "roles.csv"):
        text = (settings.FIXTURES_DIR / name).read_text(encoding="utf-8-sig")
        (tmp_path / name).write_text(text, encoding="utf-8-sig")
    settings.FIXTURES_DIR = tmp_path
    yield tmp_path
    catalogue.permissions.cache_clear()
    catalogue.roles.cache_clear()


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8-sig")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8-sig")
    catalogue.permissions.cache_clear()
    catalogue.roles.cache_clear()


def test_xinhe_is_there_after_migrate() -> None:
    bureau = Bureau.objects.get()

    assert (bureau.code, bureau.name, bureau.organ_code) == ("xinhe", "新河县国土资源局", "新国土资")
    assert list(Township.objects.values_list("name", flat=True)) == [
        "新河镇", "寻寨镇", "白神首乡", "荆家庄乡", "西流乡", "仁让里乡",
    ]  # fmt: skip
    assert list(TownshipOffice.objects.values_list("name", flat=True)) == [
        "新河国土所", "寻寨国土所", "白神首国土所", "荆家庄国土所", "西流国土所", "仁让里国土所",
    ]  # fmt: skip
    assert all(t.office.name == f"{t.name[:-1]}国土所" for t in Township.objects.select_related("office"))
    assert not User.objects.exists()
    assert not Village.objects.exists()


def test_every_section_of_the_duty_table_is_there_and_the_two_spellings_stay_apart() -> None:
    names = set(Section.objects.values_list("name", flat=True))

    assert {"监察股", "监察室", "地籍股", "办公室", "耕保股", "规划股", "储备中心", "开发整理中心"} <= names
    assert not SectionAlias.objects.filter(name__in=["监察股", "监察室"]).exists()
    assert Section.objects.get(name="储备中心").kind == Section.Kind.INSTITUTION
    assert Section.objects.get(kind=Section.Kind.BRIGADE).name == "监察大队"


def test_hongjiang_has_the_sections_that_its_tables_name() -> None:
    for model in (Regime, Township, TownshipOffice, SectionAlias, Section, Bureau):
        model.objects.all().delete()

    bureau = load_bureau("hongjiang")

    assert bureau.name == "洪江区国土资源局"
    assert {"局办公室", "地质矿产股", "测绘行业办", "信息中心", "地籍股", "执法监察大队"} <= set(
        Section.objects.values_list("name", flat=True)
    )
    assert SectionAlias.objects.get(name="地址矿产股").section.name == "地质矿产股"
    assert Township.objects.count() == 6


def test_no_alias_is_the_name_of_another_section() -> None:
    for folder in ("xinhe", "hongjiang"):
        rows = catalogue.read_table(Path("fixtures") / folder / "sections.csv")
        names = {row["名称"] for row in rows}
        aliases = [alias for row in rows for alias in row["别名"].split("、") if alias]

        assert len(aliases) == len(set(aliases))
        assert not names & set(aliases)


def test_every_permission_exists_on_each_of_the_four_scopes() -> None:
    rows = Permission.objects.filter(content_type__app_label="accounts")

    assert rows.count() == 4 * len(catalogue.permissions())
    assert set(rows.values_list("content_type__model", flat=True)) == {
        "bureau", "section", "townshipoffice", "user",
    }  # fmt: skip


def test_loading_again_writes_nothing_and_is_quick(django_assert_max_num_queries: Any) -> None:
    load()
    with django_assert_max_num_queries(12) as captured:
        started = time.perf_counter()
        load()
        seconds = time.perf_counter() - started

    assert not [q for q in captured if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert seconds < 0.5  # some 20 ms; the machine may be busy


def test_what_the_bureau_changed_stays() -> None:
    Section.objects.filter(name="监察股").update(name="执法监察股")
    Section.objects.get(name="监察室").delete()
    Bureau.objects.update(phone="0319-0000000")

    load()

    assert not Section.objects.filter(name__in=["监察股", "监察室"]).exists()
    assert Bureau.objects.get().phone == "0319-0000000"


def test_a_new_version_changes_a_role_that_the_bureau_left_alone(fixtures_of_next_version: Path) -> None:
    leader = UserFactory.create()
    grant_role(user=leader, role=role("leader"), actor=None)
    path = fixtures_of_next_version / "permissions.csv"
    lines = ("view_jobs,后台任务与备份,查看,,,,", "view_jobs,后台任务与备份,查看,,,全局,")
    edit(path, *lines)
    before = Entry.objects.latest("pk").pk

    load()

    assert User.objects.get(pk=leader.pk).has_perm("accounts.view_jobs")
    entry = Entry.objects.get(pk__gt=before)
    assert (entry.action, entry.actor, entry.object_repr) == (Entry.Action.BULK, None, "随程序更新角色权限")
    assert entry.additional_data == {"count": 1, "created": 1, "removed": 0, "rows": 1}
    assert role("leader").version == 2  # a form that is open shows the old cells
    assert not role("leader").edited_by_bureau

    edit(path, *reversed(lines))
    load()

    assert not User.objects.get(pk=leader.pk).has_perm("accounts.view_jobs")


def test_a_new_version_keeps_an_edited_role_but_adds_what_did_not_exist(
    fixtures_of_next_version: Path,
) -> None:
    leader = UserFactory.create()
    grant_role(user=leader, role=role("leader"), actor=None)
    kept = dict(role("leader").permissions.exclude(codename="view_audit").values_list("codename", "reach"))
    set_role_permissions(role=role("leader"), permissions=kept, actor=None)
    edit(
        fixtures_of_next_version / "permissions.csv",
        "view_jobs,",
        "view_dashboard,统计,查看,,,全局,,,,,\nview_jobs,",
    )

    load()

    assert dict(role("leader").permissions.values_list("codename", "reach")) == kept | {"view_dashboard": "*"}
    assert User.objects.get(pk=leader.pk).has_perm("accounts.view_dashboard")
    assert not User.objects.get(pk=leader.pk).has_perm("accounts.view_audit")


def test_a_permission_that_is_gone_is_taken_from_everybody(fixtures_of_next_version: Path) -> None:
    user = allow(UserFactory.create(), "run_jobs", "view_jobs")
    path = fixtures_of_next_version / "permissions.csv"
    line = next(
        row for row in path.read_text(encoding="utf-8-sig").splitlines() if row.startswith("run_jobs")
    )
    edit(path, f"{line}\n", "")

    load()

    assert Entry.objects.get(object_repr="随程序更新权限表", additional_data__removed=1)
    assert not Permission.objects.filter(codename="run_jobs").exists()
    assert not RolePermission.objects.filter(codename="run_jobs").exists()
    assert not User.objects.get(pk=user.pk).has_perm("accounts.run_jobs")
    assert User.objects.get(pk=user.pk).has_perm("accounts.view_jobs")


def test_a_renamed_permission_is_renamed(fixtures_of_next_version: Path) -> None:
    edit(fixtures_of_next_version / "permissions.csv", "启动与重试", "启动、停止与重试")

    load()

    assert set(Permission.objects.filter(codename="run_jobs").values_list("name", flat=True)) == {
        "后台任务与备份：启动、停止与重试"
    }


def test_tables_of_an_older_version_are_left_alone() -> None:
    """``migrate accounts 0001`` of a later version, or a second database."""
    Role.objects.all().delete()
    empty = MigrationLoader(connection).project_state([]).apps

    load_after_migrate(apps=empty)
    load_after_migrate(using="other")
    assert not Role.objects.exists()

    load_after_migrate(apps=apps)
    assert Role.objects.count() == len(catalogue.roles())


@pytest.mark.django_db(transaction=True)
def test_a_flush_brings_everything_back() -> None:
    """What the tests with real transactions do after each test."""
    with triggers.lifted(connection):
        call_command("flush", interactive=False, verbosity=0)

    assert Bureau.objects.count() == 1
    user = UserFactory.create()
    grant_role(user=user, role=role("leader"), actor=None)
    assert user.has_perm("accounts.approve_case")
