"""The staff as a table: who is enrolled, what is changed, what is asked, what is refused."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from landbureau.accounts.errors import GrantError
from landbureau.accounts.imports import Staff
from landbureau.accounts.models import Grant, Section, SectionAlias, TownshipOffice, User
from landbureau.accounts.services import grant_role, leave
from landbureau.accounts.services.imports import enrol_people
from landbureau.audit.models import Entry
from landbureau.imports.workbooks import write_table
from tests.accounts.factories import TODAY, role
from tests.accounts.sheets import answers, bring, bring_file, counts, errors, only, question
from tests.factories import OfficeFactory, SectionFactory, UserFactory, allow
from tests.imports import files

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("read_here")]


@pytest.fixture
def section() -> Section:
    section: Section = SectionFactory.create(name="测绘股")
    return section


@pytest.fixture
def office() -> TownshipOffice:
    office: TownshipOffice = OfficeFactory.create(name="东岭国土所")
    return office


@pytest.fixture
def clerk(section: Section) -> User:
    person: User = UserFactory.create(
        username="chenxy", name="陈晓雨", section=section, position="科员", phone="138 0000 0002"
    )
    grant_role(user=person, role=role("clerk"), section=section, actor=None)
    return person


@pytest.fixture
def admin() -> User:
    person: User = UserFactory.create(username="linzy", name="林志远")
    grant_role(user=person, role=role("admin"), actor=None)
    return person


def staff(head: str, *rows: Any, **options: Any) -> Any:
    return bring("staff", head, *rows, **options)


# --- New people --------------------------------------------------------------------------------------------


def test_a_new_person_has_an_account_that_nobody_can_use_until_a_password_is_given(
    section: Section, admin: User
) -> None:
    sheet = staff(
        "序号 登录名 姓名 科室 职务 角色 手机 执法证号 执法证有效期至",
        [1, "zhaowb", "赵 文博", "测绘股", "股长", "股长", 13800000001.0, "演示-0001", "2027.3.1"],
        actor=admin,
    )

    assert counts(sheet) == (1, 0, 0)
    person = User.objects.get(username="zhaowb")
    assert (person.name, person.section, person.office, person.position) == ("赵文博", section, None, "股长")
    assert (person.phone, person.certificate_number) == ("13800000001", "演示-0001")
    assert person.certificate_expires_on == date(2027, 3, 1)
    assert not person.has_usable_password()
    assert person.must_change_password
    assert person.has_perm("accounts.approve_supply", section)
    grant = Grant.objects.get(user=person)
    assert (grant.section, grant.granted_by, grant.reason) == (section, admin, "批量导入")


def test_an_office_in_the_column_of_sections_is_understood(office: TownshipOffice) -> None:
    staff("登录名 姓名 所在部门 角色", ["wanghy", "王海燕", "东岭国土所", "国土员"])

    person = User.objects.get(username="wanghy")
    assert (person.section, person.office) == (None, office)
    assert Grant.objects.get(user=person).office == office


def test_aliases_and_several_roles_are_understood(section: Section) -> None:
    SectionAlias.objects.create(section=section, name="测绘室")

    sheet = staff("登录名 姓名 科室 角色", ["chenxy", "陈晓雨", "测绘 室", "档案管理员、科员"])

    assert counts(sheet) == (1, 0, 0)
    person = User.objects.get(username="chenxy")
    assert person.section == section
    assert set(person.grants.values_list("role__name", flat=True)) == {"科员", "档案管理员"}


def test_a_leader_belongs_to_no_section() -> None:
    assert counts(staff("登录名 姓名 科室 职务 角色", ["zhouyj", "周永杰", "/", "局长", "局领导"])) == (
        1,
        0,
        0,
    )
    assert User.objects.get(username="zhouyj").unit is None


def test_what_the_checks_will_lead_to_is_said_before_the_confirmation(section: Section) -> None:
    head, row = "登录名 姓名 科室 角色", ["chenxy", "陈晓雨", "测绘股", "科员"]

    sheet = staff(head, row, dry_run=True)

    assert sheet.consequences == [
        "1 个新账号没有密码：导入后在各人页面“重置密码”，把临时密码交给本人。",
        "新人员按表授予角色 1 项。",
    ]
    assert staff(head, row).created == 1
    assert staff(head, row, dry_run=True).consequences == []


@pytest.mark.parametrize(
    ("row", "found"),
    [
        (["zhang san", "张三", "", "", ""], []),  # spaces in a login name are slips
        (["张三!", "张三", "", "", ""], [(2, "登录名", "bad_code")]),
        (["zhangs", "", "测绘股", "", ""], [(2, "姓名", "required")]),
        (["zhangs", "三" * 41, "", "", ""], [(2, "姓名", "too_long")]),
        (["", "张三", "", "", ""], [(2, "登录名", "no_username")]),
        (["zhangs", "张三", "测绘股", "东岭国土所", ""], [(2, "国土所", "two_units")]),
        (["zhangs", "张三", "测绘股", "", "股长，科长"], [(2, "角色", "unknown_role")]),
        (["zhangs", "张三", "", "", "科员"], [(2, "角色", "role_needs_unit")]),
        (["zhangs", "张三", "", "东岭国土所", "科员"], [(2, "角色", "role_needs_unit")]),
        (["zhangs", "张三", "撤并股", "", ""], [(2, "科室", "unit_closed")]),
    ],
)
def test_what_cannot_be_right_is_an_error(
    section: Section, office: TownshipOffice, row: list[str], found: list[tuple[int, str, str]]
) -> None:
    SectionFactory.create(name="撤并股", is_active=False)

    assert errors(staff("登录名 姓名 科室 国土所 角色", row)) == found


def test_a_list_without_login_names_goes_by_the_names_of_known_people(clerk: User) -> None:
    sheet = staff("姓名 手机", ["陈晓雨", "13800000099"], ["赵文博", "13800000098"])

    assert errors(sheet) == [(3, "登录名", "no_username")]
    assert [question.code for question in sheet.questions] == ["same_person"]


def test_two_spellings_of_a_new_login_name_are_one_person() -> None:
    sheet = staff("登录名 姓名", ["ZhaoWB", "赵文博"], ["zhaowb", "赵文博"])

    assert errors(sheet) == [(3, "登录名", "duplicate_row")]
    assert not User.objects.exists()


def test_who_may_only_change_people_enrols_nobody(clerk: User) -> None:
    editor = allow(UserFactory.create(), "update_staff")

    sheet = staff("登录名 姓名 职务", ["chenxy", "陈晓雨", "主任"], ["zhaowb", "赵文博", ""], actor=editor)

    assert errors(sheet) == [(3, "登录名", "may_not_enrol")]
    assert Staff.allows(editor)
    assert not Staff.allows(allow(UserFactory.create(), "create_staff"))


# --- People whom the system knows --------------------------------------------------------------------------


def test_what_is_known_about_a_person_is_changed_and_an_open_form_notices(clerk: User) -> None:
    sheet = staff(
        "登录名 姓名 职务 手机 执法证号 执法证有效期至",
        ["chenxy", "陈晓雨", "副股长", "138-0000-0002", "演示-0009", date(2028, 1, 1)],
    )

    assert sheet.changes == [
        (2, "职务", "科员", "副股长"),
        (2, "执法证号", "", "演示-0009"),
        (2, "执法证有效期至", "", "2028-01-01"),
    ]
    person = User.objects.get(pk=clerk.pk)
    assert (person.position, person.certificate_number) == ("副股长", "演示-0009")
    assert person.phone == "138 0000 0002"  # the same number in another spelling is no change
    assert person.version == clerk.version + 1
    assert person.check_password("Ceshi-mima-2026")


def test_an_import_without_phones_changes_no_phone(clerk: User) -> None:
    staff("登录名 姓名 职务", ["chenxy", "陈晓雨", "主任"])

    assert User.objects.get(pk=clerk.pk).phone == "138 0000 0002"


def test_a_person_without_login_name_is_found_by_name_if_that_is_confirmed(clerk: User) -> None:
    head, row = "登录名 姓名 手机", ["", "陈晓雨", "13800000099"]
    asked = question(staff(head, row))
    assert (asked.code, asked.column, asked.value) == ("same_person", "姓名", "陈晓雨")
    assert asked.proposal == "chenxy"
    assert asked.message == (
        "没有填登录名，是否就是系统中的陈晓雨（chenxy，测绘股科员）？不是的，请在“登录名”中填写。"
    )

    sheet = staff(head, row, choices=answers((asked, "chenxy")))

    assert (sheet.created, sheet.updated) == (0, 1)
    assert User.objects.get(pk=clerk.pk).phone == "13800000099"


def test_a_person_who_is_another_one_needs_a_login_name(clerk: User) -> None:
    head, row = "登录名 姓名", ["", "陈晓雨"]
    asked = question(staff(head, row))

    assert errors(staff(head, row, choices=answers((asked, "不是")))) == [(2, "登录名", "no_username")]


def test_of_two_people_with_one_name_none_is_guessed(clerk: User) -> None:
    UserFactory.create(username="chenxy2", name="陈晓雨")

    sheet = staff("登录名 姓名", ["", "陈晓雨"])

    assert errors(sheet) == [(2, "登录名", "several_people")]
    assert sheet.errors[0].message == (
        "系统中有 2 个“陈晓雨”：陈晓雨（chenxy，测绘股科员）、陈晓雨（chenxy2），请填写登录名。"
    )


@pytest.mark.parametrize("typed", ["科研", "行政办公"])
def test_a_section_that_nobody_knows_is_asked_about(section: Section, typed: str) -> None:
    SectionFactory.create(name="行政办公室")
    head, row = "登录名 姓名 科室", ["zhaowb", "赵文博", typed]
    asked = question(staff(head, row))
    proposal = "行政办公室" if typed == "行政办公" else "不填"
    assert (asked.code, asked.proposal) == ("unknown_section", proposal)
    assert ("不填", "不填科室和国土所") in asked.options

    staff(head, row, choices=answers((asked, "测绘股")))

    assert User.objects.get(username="zhaowb").section == section


def test_an_answer_that_is_no_section_either_is_an_error(section: Section) -> None:
    head, row = "登录名 姓名 科室", ["zhaowb", "赵文博", "天文股"]
    asked = question(staff(head, row))

    assert errors(staff(head, row, choices=answers((asked, "地理股")))) == [(2, "科室", "unknown_section")]


@pytest.mark.parametrize(
    ("head", "stated"),
    [("科室", ["规划股"]), ("科室", [""]), ("科室 国土所", ["", "东岭国土所"]), ("国土所", ["东岭国土所"])],
)
def test_nobody_moves_by_import(clerk: User, office: TownshipOffice, head: str, stated: list[str]) -> None:
    """A move ends sessions and hands over work: it has a page of its own."""
    Section.objects.get_or_create(name="规划股")
    head, row = f"登录名 姓名 {head} 职务", ["chenxy", "陈晓雨", *stated, "主任"]
    asked = question(staff(head, row))
    assert (asked.code, asked.proposal) == ("unit_changed", "测绘股")
    assert asked.message == (
        "陈晓雨（chenxy，测绘股科员）现在的科室（国土所）：测绘股。调动在其页面“调动”中办理，导入不改。"
    )

    sheet = staff(head, row, choices=answers((asked, "测绘股")))

    assert [change[1:] for change in sheet.changes] == [("职务", "科员", "主任")]
    person = User.objects.get(pk=clerk.pk)
    assert (person.unit, person.position) == (clerk.section, "主任")
    asked = question(staff(head, row))
    assert errors(staff(head, row, choices=answers((asked, "规划股"))))[0][2] == "unit_changed"


@pytest.mark.parametrize("stated", ["股长", "", "科员、档案管理员"])
def test_no_role_is_given_or_taken_by_import(clerk: User, stated: str) -> None:
    head, row = "登录名 姓名 角色", ["chenxy", "陈晓雨", stated]
    asked = question(staff(head, row))
    assert (asked.code, asked.proposal) == ("role_changed", "科员")

    sheet = staff(head, row, choices=answers((asked, "科员")))

    assert (sheet.updated, sheet.unchanged) == (0, 1)
    assert Grant.objects.get(user=clerk).role == role("clerk")


def test_who_has_left_comes_back_by_an_act_of_its_own(clerk: User, admin: User) -> None:
    leave(person=clerk, on=TODAY, takers=[], cancel_deputising=False, reason="", actor=admin, today=TODAY)

    sheet = staff("登录名 姓名", ["chenxy", "陈晓雨"])

    assert errors(sheet) == [(2, "登录名", "left")]
    assert "“恢复在岗”" in sheet.errors[0].message
    assert errors(staff("登录名 姓名 状态", ["linzy", "林志远", "离岗"])) == [(2, "状态", "left")]
    assert errors(staff("登录名 姓名 状态", ["zhaowb", "赵文博", "离岗"])) == [(2, "状态", "left")]


def test_only_a_superuser_changes_a_superuser(admin: User) -> None:
    root = UserFactory.create(username="yingji", name="应急", is_superuser=True)
    head, row = "登录名 姓名 职务", ["yingji", "应急", "主任"]

    assert errors(staff(head, row, actor=admin)) == [(2, "登录名", "superuser")]
    assert counts(staff("登录名 姓名", ["yingji", "应急"], actor=admin)) == (0, 0, 1)
    assert counts(staff(head, row, actor=root)) == (0, 1, 0)


def test_who_works_here_and_is_not_in_the_file_is_named(clerk: User, admin: User) -> None:
    UserFactory.create(username="gone", is_active=False)

    assert staff("登录名 姓名", ["chenxy", "陈晓雨"]).missing_names == ["linzy　林志远"]


# --- All of it or nothing, and back ------------------------------------------------------------------------


def test_an_act_leaves_its_own_row_with_the_new_login_names(section: Section, admin: User) -> None:
    staff("登录名 姓名 科室 角色", ["a1", "甲", "测绘股", "科员"], ["b2", "乙", "", ""], actor=admin)

    entry = Entry.objects.get(action=Entry.Action.BULK, object_repr__startswith="批量登记人员")
    assert (entry.object_repr, entry.actor) == ("批量登记人员：2 人，授予角色 1 项", admin)
    assert entry.additional_data == {"created": ["a1", "b2"]}


def test_the_service_itself_refuses_roles_that_must_not_be_given(section: Section, admin: User) -> None:
    people = [UserFactory.build(username="a1", section=None)]
    with pytest.raises(GrantError, match="按科室授权"):
        enrol_people(people=people, roles={"a1": [role("clerk")]}, actor=admin)
    with pytest.raises(GrantError, match="您没有这项权限"):
        enrol_people(people=people, roles={"a1": [role("leader")]}, actor=UserFactory.create())

    assert not User.objects.filter(username="a1").exists()


def test_the_exported_table_imports_unchanged(clerk: User, admin: User, office: TownshipOffice) -> None:
    UserFactory.create(username="gone", name="已离岗", office=office, is_active=False)
    UserFactory.create(username="yingji", name="应急", is_superuser=True)

    file = BytesIO()
    write_table(file, Staff(actor=None, today=TODAY), "xlsx")

    sheet = only(bring_file(file.getvalue(), "人员.xlsx", "staff", actor=admin))

    assert counts(sheet) == (0, 0, 4)


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_what_the_list_exports_imports_unchanged(client: Client, clerk: User, admin: User, form: str) -> None:
    client.force_login(admin)
    response = client.get(reverse("people:staff"), {"export": form})
    data = b"".join(response.streaming_content)  # type: ignore[attr-defined]

    assert counts(only(bring_file(data, f"人员.{form}", "staff", actor=admin))) == (0, 0, 2)


def test_phones_leave_with_those_who_may_bring_them_back(client: Client, clerk: User, admin: User) -> None:
    def head_and_text(person: User) -> tuple[str, str]:
        client.force_login(person)
        response = client.get(reverse("people:staff"), {"export": "csv"})
        text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
        return text.partition("\r\n")[0], text

    head, text = head_and_text(admin)
    assert ",手机," in head
    assert "138 0000 0002" in text
    head, text = head_and_text(allow(UserFactory.create(), "view_staff"))
    assert "手机" not in head
    assert "0000 0002" not in text


def test_queries_do_not_grow_with_the_people(section: Section, admin: User) -> None:
    """But for the largest statement that SQLite takes, which these are too few for."""
    head = "登录名 姓名 科室 职务 角色 手机"

    def cost(rows: list[list[str]]) -> int:
        data = files.xlsx([head.split(), *rows])
        with CaptureQueriesContext(connection) as queries:
            assert only(bring_file(data, "人员.xlsx", "staff", actor=admin)).created in (0, len(rows))
        return len(queries)

    def people(first: int, count: int, position: str = "科员") -> list[list[str]]:
        return [
            [f"p{n}", f"人{n}", "测绘股", position, "科员", f"1380000{n:04}"]
            for n in range(first, first + count)
        ]

    cost(people(90, 1))  # what is asked once in a process
    few = cost(people(0, 2))
    assert cost(people(10, 6)) == few
    few = cost(people(0, 2, "主任"))
    assert cost(people(10, 6, "主任")) == few
