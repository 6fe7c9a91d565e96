"""The pages about people, as they are used."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from guardian.models import UserObjectPermission

from landbureau.accounts.models import (
    Absence,
    Assignment,
    Bureau,
    Grant,
    Section,
    Township,
    TownshipOffice,
    User,
    Village,
)
from landbureau.accounts.services import grant_role, open_work, register_absence
from landbureau.audit.models import Entry
from tests.accounts.factories import TODAY, RoundFactory, TakerFactory, role
from tests.factories import (
    PASSWORD,
    OfficeFactory,
    SectionFactory,
    TownshipFactory,
    UserFactory,
    VillageFactory,
    allow,
)
from tests.workdays.factories import make_deadline

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel("2026-11-23T10:00:00+08:00", tick=False):
        yield


@pytest.fixture
def admin() -> User:
    user: User = UserFactory.create(name="林管理")
    grant_role(user=user, role=role("admin"), actor=None)
    return user


@pytest.fixture
def page(admin: User) -> Client:
    client = Client()
    client.force_login(admin)
    return client


@pytest.fixture
def officer() -> User:
    user: User = UserFactory.create(
        name="王外业", office=OfficeFactory.create(name="测试国土所"), phone="13800000000", position="国土员"
    )
    grant_role(user=user, role=role("land_officer"), office=user.office, actor=None)
    return user


def body(response: Any) -> str:
    return str(response.content.decode())


def told(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def send(page: Client, view: str, /, *args: Any, **data: Any) -> Any:
    return page.post(reverse(f"people:{view}", args=args), data, follow=True)


# --- The list ---------------------------------------------------------------------------------------------


def test_the_list_masks_phone_numbers_and_shows_roles_and_work(page: Client, officer: User) -> None:
    RoundFactory.create_batch(2, user=officer)
    make_deadline(owner=officer)

    text = body(page.get(reverse("people:staff")))

    assert "138****0000" in text
    assert "13800000000" not in text
    assert "国土员" in text
    assert '<td data-label="在办（项）" class="lb-number">3</td>' in text


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"q": "王外"}, {"王外业"}),
        ({"state": "left"}, {"赵离岗"}),
        ({"state": "absent"}, {"李外出"}),
        ({"certificate": "soon"}, {"孙到期"}),
        ({"certificate": "expired"}, {"钱过期"}),
        ({"certificate": "valid"}, {"孙到期"}),
        ({"role": "land_officer"}, {"王外业"}),
        ({"office": "测试国土所"}, {"王外业"}),
    ],
)
def test_filters_find_whom_they_should(
    page: Client, officer: User, query: dict[str, Any], names: set[str]
) -> None:
    UserFactory.create(name="赵离岗", is_active=False, certificate_expires_on=TODAY)
    UserFactory.create(
        name="孙到期", certificate_number="1", certificate_expires_on=TODAY + timedelta(days=30)
    )
    UserFactory.create(
        name="钱过期", certificate_number="2", certificate_expires_on=TODAY - timedelta(days=1)
    )
    Absence.objects.create(
        user=UserFactory.create(name="李外出"), deputy=officer, starts_on=TODAY, ends_on=TODAY
    )
    if "role" in query:
        query = {"role": role(query["role"]).pk}
    if "office" in query:
        query = {"office": TownshipOffice.objects.get(name=query["office"]).pk}

    response = page.get(reverse("people:staff"), query)

    assert {row.name for row in response.context["table"].data} == names


def test_queries_of_the_lists_do_not_grow(
    page: Client, officer: User, django_assert_max_num_queries: Any
) -> None:
    for _ in range(15):
        user = UserFactory.create(section=Section.objects.first())
        grant_role(user=user, role=role("leader"), actor=None)
        Absence.objects.create(user=user, deputy=officer, starts_on=TODAY, ends_on=TODAY)
    page.get(reverse("people:staff"))

    with django_assert_max_num_queries(24):
        page.get(reverse("people:staff"))
    with django_assert_max_num_queries(20):
        page.get(reverse("people:absences"))
    with django_assert_max_num_queries(20):
        page.get(reverse("people:offices"))


# --- One person ---------------------------------------------------------------------------------------------


def test_a_phone_number_is_shown_whole_on_request_and_that_is_recorded(page: Client, officer: User) -> None:
    assert "13800000000" not in body(page.get(officer.get_absolute_url()))
    assert not Entry.objects.filter(action=Entry.Action.REVEAL).exists()

    response = send(page, "phone", officer.pk)

    assert "13800000000" in body(response)
    assert "no-store" in response["Cache-Control"]
    assert Entry.objects.get(action=Entry.Action.REVEAL).object_id == officer.pk


def test_who_may_only_read_sees_no_buttons(officer: User) -> None:
    reader = allow(UserFactory.create(), "view_staff")
    client = Client()
    client.force_login(reader)

    text = body(client.get(officer.get_absolute_url()))

    assert "王外业" in text
    assert "办理离岗" not in text
    assert "重置密码" not in text


def test_the_page_says_what_is_known_about_grants_work_and_absences(page: Client, officer: User) -> None:
    RoundFactory.create_batch(3, user=officer)
    deputy = UserFactory.create(name="李代办")
    register_absence(
        person=officer, deputy=deputy, starts_on=TODAY, ends_on=TODAY, today=TODAY, actor=officer
    )

    text = body(page.get(officer.get_absolute_url()))

    assert "包村巡查" in text
    assert "3 项" in text
    assert "由 李代办 代办" in text
    assert "外出" in text
    assert "查看、登记、修改" in text


def test_a_person_is_entered_with_a_role_and_gets_a_password(page: Client) -> None:
    section = SectionFactory.create()
    data = {"username": "xinren", "name": "新人", "section": section.pk, "role": role("clerk").pk}

    response = send(page, "new", **data)

    person = User.objects.get(username="xinren")
    assert person.check_password(response.context["password"])
    assert response.context["password"] in body(response)
    assert "no-store" in response["Cache-Control"]
    assert person.must_change_password
    assert person.has_perm("accounts.create_supply", section)


def test_nobody_is_entered_when_the_role_is_refused(page: Client) -> None:
    response = send(page, "new", username="xinren", name="新人", role=role("clerk").pk)

    assert "“科员”按科室授权，请选择科室。" in body(response)
    assert not User.objects.filter(username="xinren").exists()


def test_section_and_office_exclude_each_other(page: Client) -> None:
    response = send(
        page, "new", username="x", name="新人",
        section=SectionFactory.create().pk, office=OfficeFactory.create().pk,
    )  # fmt: skip

    assert "科室和国土所只选一个" in body(response)


def test_an_edit_is_saved_and_a_stale_one_told_what_changed(page: Client, officer: User) -> None:
    form = page.get(reverse("people:edit", args=[officer.pk])).context["form"]
    opened = {"version": form.initial["version"], "opened": form.initial["opened"], "name": "王外业"}

    response = send(page, "edit", officer.pk, **opened, position="副所长")
    assert told(response) == ["王外业的信息已保存。"]

    response = send(page, "edit", officer.pk, **opened, position="所长")

    officer.refresh_from_db()
    assert officer.position == "副所长"
    assert "“职务”由“国土员”改为“副所长”" in body(response)
    assert 'value="所长"' in body(response)


def test_moving_by_the_page(page: Client, officer: User) -> None:
    RoundFactory.create(user=officer)
    section, taker = SectionFactory.create(), TakerFactory.create(name="李接办")
    assert "移交给接办人" in body(page.get(reverse("people:move", args=[officer.pk])))

    response = send(
        page, "move", officer.pk,
        section=section.pk, position="科员", role=role("clerk").pk, work="hand_over", takers=[taker.pk],
        on=TODAY, reason="轮岗",
    )  # fmt: skip

    officer.refresh_from_db()
    assert officer.section == section
    assert told(response)[0] == "王外业已调动。移交：李接办 1 项。"
    assert "李接办不在" in told(response)[1]


def test_a_move_says_what_becomes_of_open_work(page: Client, officer: User) -> None:
    RoundFactory.create(user=officer)
    taker = TakerFactory.create()
    data = {"section": SectionFactory.create().pk, "on": TODAY, "reason": "轮岗"}
    assert "请选择在办工作移交给接办人，还是随人带走。" in body(send(page, "move", officer.pk, **data))
    refused = send(page, "move", officer.pk, **data, work="hand_over")
    assert "王外业还有 1 项在办工作，请选择接办人" in body(refused)
    refused = send(page, "move", officer.pk, **data, work="take_along", takers=[taker.pk])
    assert "已选了接办人" in body(refused)

    response = send(page, "move", officer.pk, **data, work="take_along")

    assert told(response) == ["王外业已调动。"]
    assert open_work(officer).count() == 1


def test_a_move_with_nothing_chosen_or_a_later_day_is_refused(page: Client, officer: User) -> None:
    response = send(page, "move", officer.pk, on=TODAY, reason="轮岗")
    assert list(response.context["form"].errors) == ["section"]

    response = send(
        page, "move", officer.pk,
        section=SectionFactory.create().pk, on=TODAY + timedelta(days=1), reason="轮岗",
    )  # fmt: skip
    assert response.context["form"].errors == {"on": ["调动日期不能晚于今天；预先的调动请到当天办理。"]}


def test_takers_stand_under_their_units_with_their_open_work(page: Client, officer: User) -> None:
    RoundFactory.create(user=officer)
    make_deadline(owner=officer)
    far = TakerFactory.create(name="钱外所", office=OfficeFactory.create(name="远方国土所"))
    near = TakerFactory.create(name="李同所", position="副所长", office=officer.office)
    RoundFactory.create_batch(2, user=near)
    allow(UserFactory.create(name="孙科员", office=officer.office), "view_deadline")
    TakerFactory.create(name="赵离岗", is_active=False)

    for view in ("move", "leave"):
        response = page.get(reverse(f"people:{view}", args=[officer.pk]))
        assert list(response.context["form"].fields["takers"].queryset) == [near, far]
        text = body(response)
        assert text.index("测试国土所</div>") < text.index("李同所　副所长　在办 2 项")
        assert text.index("在办 2 项") < text.index("远方国土所</div>") < text.index("钱外所　在办 0 项")

    parts = page.get(reverse("people:work", args=[officer.pk])).context["form"].fields["takers"].queryset
    assert [person.name for person in parts] == ["孙科员", "李同所", "钱外所"]  # time limits alone go to 孙
    mine = page.get(reverse("people:office", args=[officer.office_id])).context["form"].fields["officer"]
    assert set(mine.queryset) == {near, officer, far}


def test_without_anyone_to_take_the_work_the_page_says_so(page: Client, officer: User) -> None:
    RoundFactory.create(user=officer)

    assert "没有持有相应权限的在岗人员" in body(page.get(reverse("people:leave", args=[officer.pk])))


def test_a_refused_move_keeps_what_was_typed(page: Client, officer: User) -> None:
    response = send(
        page, "move", officer.pk, office=officer.office_id, position="所长", on=TODAY, reason="轮岗"
    )

    assert "新的科室和国土所与现在相同" in body(response)
    assert 'value="所长"' in body(response)


def test_leaving_by_the_page(page: Client, officer: User) -> None:
    RoundFactory.create_batch(2, user=officer)
    taker = TakerFactory.create(name="李接办")
    refused = send(page, "leave", officer.pk, on=TODAY, reason="退休")
    assert "王外业还有 2 项在办工作" in body(refused)
    assert 'value="退休"' in body(refused)

    response = send(page, "leave", officer.pk, on=TODAY, reason="退休", takers=[taker.pk])

    officer.refresh_from_db()
    assert not officer.is_active
    assert told(response) == ["王外业已离岗，账号停用，在办工作已移交：李接办 2 项。"]
    assert "恢复在岗" in body(response)


def test_leaving_asks_about_deputising(page: Client, officer: User) -> None:
    boss = UserFactory.create(name="周局长")
    register_absence(person=boss, deputy=officer, starts_on=TODAY, ends_on=TODAY, today=TODAY, actor=boss)
    assert "撤销由其代办的委托（周局长）" in body(page.get(reverse("people:leave", args=[officer.pk])))

    response = send(page, "leave", officer.pk, on=TODAY, reason="退休", cancel_deputising="on")

    assert told(response) == ["王外业已离岗，账号停用。"]


def test_coming_back_shows_a_password_once(page: Client, admin: User) -> None:
    gone = UserFactory.create(is_active=False, left_on=TODAY)

    response = send(page, "reinstate", gone.pk)

    gone.refresh_from_db()
    assert gone.is_active
    assert gone.check_password(response.context["password"])
    assert told(send(page, "reinstate", gone.pk)) == [f"{gone}在岗，不需要恢复。"]


def test_resetting_a_password_asks_first_and_shows_it_once(page: Client, officer: User) -> None:
    asked = page.get(reverse("people:reset_password", args=[officer.pk]))
    assert "现在的密码立即失效" in body(asked)
    officer.refresh_from_db()
    assert officer.check_password(PASSWORD)

    response = send(page, "reset_password", officer.pk)

    officer.refresh_from_db()
    password = response.context["password"]
    assert officer.check_password(password)
    assert officer.must_change_password
    assert password in body(response)
    assert "no-store" in response["Cache-Control"]
    assert response.redirect_chain == [(reverse("people:password_once"), 302)]
    again = page.get(reverse("people:password_once"))
    assert "密码已经显示过了" in body(again)
    assert password not in body(again)
    assert password not in str(dict(page.session))
    officer.refresh_from_db()
    assert officer.check_password(password)


def test_ones_own_password_is_not_reset_and_locks_are_lifted(
    page: Client, officer: User, admin: User
) -> None:
    assert "本人的密码" in told(send(page, "reset_password", admin.pk))[0]
    assert told(send(page, "unlock", officer.pk)) == ["王外业的登录锁定已解除。"]


def test_nobody_but_a_superuser_changes_the_superuser(page: Client) -> None:
    superuser = UserFactory.create(name="应急", is_superuser=True)
    assert "不经授权即拥有全部权限" in body(page.get(superuser.get_absolute_url()))
    for view in ("edit", "grant", "move", "leave", "work"):
        assert page.get(reverse(f"people:{view}", args=[superuser.pk])).status_code == 404
    for view in ("reset_password", "unlock", "reinstate"):
        assert send(page, view, superuser.pk).status_code == 404

    page.force_login(superuser)

    assert page.get(reverse("people:edit", args=[superuser.pk])).status_code == 200
    assert "应急账号" in body(page.get(reverse("people:staff")))


# --- Work ---------------------------------------------------------------------------------------------------


def test_handing_over_some_by_the_page(page: Client, officer: User) -> None:
    rows = RoundFactory.create_batch(3, user=officer)
    taker = TakerFactory.create(name="李接办", office=officer.office)
    data = {"which": "chosen", "takers": [taker.pk], "on": TODAY, "reason": "分担"}
    assert "请勾选要移交的工作" in body(send(page, "work", officer.pk, **data))

    limit = make_deadline(owner=officer, title="答复信访")
    assert "答复信访" in body(page.get(reverse("people:work", args=[officer.pk])))

    response = send(
        page, "work", officer.pk, **data, assignments=[rows[0].pk, rows[2].pk], deadlines=[limit.pk]
    )

    assert told(response) == ["已移交 3 项：李接办 3 项。"]
    assert open_work(officer).get() == rows[1]
    assert "李接办" not in body(page.get(reverse("people:work", args=[taker.pk]))).split("移交范围")[1]


def test_handing_over_without_a_taker_is_refused_and_ticks_are_kept(page: Client, officer: User) -> None:
    row = RoundFactory.create(user=officer)
    response = send(page, "work", officer.pk, which="chosen", assignments=[row.pk], on=TODAY, reason="分担")

    assert "请选择接办人" in body(response)
    assert f'value="{row.pk}" aria-label="选择 {row.subject}" checked' in body(response)


def test_rounds_are_assigned_on_the_page_of_the_office(page: Client, officer: User) -> None:
    township = TownshipFactory.create(office=officer.office)
    first, second = VillageFactory.create_batch(2, township=township)
    assert body(page.get(reverse("people:offices"))).count("待安排") == 1

    response = send(
        page, "office", officer.office_id, villages=[first.pk, second.pk], officer=officer.pk, starts_on=TODAY
    )

    assert told(response) == ["已安排：王外业 2 项。"]
    assert Assignment.objects.filter(user=officer, starts_on=TODAY).count() == 2
    assert "请先勾选村居" in body(
        send(page, "office", officer.office_id, officer=officer.pk, starts_on=TODAY)
    )


def test_villages_of_another_office_are_not_assigned_here(page: Client, officer: User) -> None:
    foreign = VillageFactory.create()

    send(page, "office", officer.office_id, villages=[foreign.pk], officer=officer.pk, starts_on=TODAY)

    assert not Assignment.objects.exists()


def test_an_officer_reads_the_rounds_of_the_own_office_and_assigns_none(officer: User) -> None:
    village = VillageFactory.create(township__office=officer.office)
    client = Client()
    client.force_login(officer)

    assert "测试国土所" in body(client.get(reverse("people:offices")))
    response = send(
        client, "office", officer.office_id, villages=[village.pk], officer=officer.pk, starts_on=TODAY
    )

    assert response.context["form"] is None
    assert not Assignment.objects.exists()


def test_everybody_reads_the_own_work_wherever_it_lies(officer: User) -> None:
    client = Client()
    client.force_login(officer)
    address = reverse("people:my_work")
    assert "目前没有承办的工作" in body(client.get(address))
    far = VillageFactory.create(name="远村", township__name="远方镇")
    old = RoundFactory.create(subject=far, user=UserFactory.create(name="孙前任"), ends_on=TODAY)
    RoundFactory.create(subject=far, user=officer, starts_on=TODAY, taken_over_from=old)
    make_deadline(owner=officer, title="答复信访")
    RoundFactory.create(subject__name="别人村")

    text = body(client.get(address))

    assert client.get(reverse("people:office", args=[far.township.office_id])).status_code == 404
    for shown in ("远方镇远村", "2026-11-23", "孙前任", "答复信访"):
        assert shown in text
    assert "别人村" not in text
    assert address in body(client.get(reverse("home:desk")))


def test_queries_of_the_own_work_do_not_grow(officer: User, django_assert_max_num_queries: Any) -> None:
    client = Client()
    client.force_login(officer)
    for _ in range(10):
        old = RoundFactory.create(ends_on=TODAY)
        RoundFactory.create(subject=old.subject, user=officer, starts_on=TODAY, taken_over_from=old)
        make_deadline(owner=officer)

    with django_assert_max_num_queries(20):
        client.get(reverse("people:my_work"))


# --- Grants and roles ---------------------------------------------------------------------------------------


def test_a_role_is_given_and_taken_by_the_pages(page: Client, officer: User) -> None:
    response = send(page, "grant", officer.pk, role=role("archive_clerk").pk, reason="兼管档案")
    assert told(response) == ["已授予王外业：档案管理员。"]
    grant = Grant.objects.get(role=role("archive_clerk"))

    response = send(page, "end_grant", grant.pk, reason="不再兼管")

    assert told(response) == ["已撤销王外业的“档案管理员”。"]
    assert "已撤销的角色（1）" in body(response)


def test_refusals_stand_beside_their_field(page: Client, officer: User, admin: User) -> None:
    response = send(page, "grant", officer.pk, role=role("clerk").pk, reason="兼")
    assert response.context["form"].errors == {"section": ["“科员”按科室授权，请选择科室。"]}

    response = send(page, "grant", admin.pk, role=role("leader").pk, reason="兼")
    assert "不能给自己授权" in body(response)

    response = send(page, "end_grant", Grant.objects.get(user=admin).pk, reason="不干了")
    assert "没有人能管理人员和授权" in body(response)


def test_what_a_person_may_do_is_shown_by_object_with_reasons(page: Client, officer: User) -> None:
    address = reverse("people:access", args=[officer.pk])

    text = body(page.get(address))
    assert "提醒与催缴文书" in text
    assert "国土员（测试国土所）" in text
    assert "闲置土地" in text

    narrowed = page.get(address, {"object": "闲置土地"})
    assert [name for name, _ in narrowed.context["groups"]] == ["闲置土地"]
    assert narrowed.context["groups"][0][1][0].actions == ("查看", "核实")


def test_everybody_sees_the_own_permissions(officer: User) -> None:
    client = Client()
    client.force_login(officer)
    assert "查看、送达" in body(client.get(reverse("people:my_access")))

    client.force_login(UserFactory.create())
    assert "请系统管理员为您授予角色" in body(client.get(reverse("people:my_access")))


def test_a_deputised_permission_and_a_fault_are_named(page: Client, officer: User) -> None:
    boss = UserFactory.create(name="周局长")
    grant_role(user=boss, role=role("leader"), actor=None)
    register_absence(person=boss, deputy=officer, starts_on=TODAY, ends_on=TODAY, today=TODAY, actor=boss)
    UserObjectPermission.objects.assign_perm(
        Permission.objects.get(codename="run_jobs", content_type__model="bureau"),
        officer,
        Bureau.objects.get(),
    )

    text = body(page.get(reverse("people:access", args=[officer.pk])))

    assert "代 周局长 办理至 2026-11-23：局领导" in text
    assert "没有授权依据，请联系系统管理员" in text


def test_who_may_do_this(page: Client, officer: User) -> None:
    address = reverse("people:who")
    assert "选择权限和范围" in body(page.get(address))

    found = page.get(address, {"permission": "serve_notice", "scope": f"office-{officer.office_id}"})
    assert [holder.user for holder in found.context["holders"]] == [officer]
    assert "提醒与催缴文书：送达　测试国土所" in body(found)

    other = page.get(
        address, {"permission": "serve_notice", "scope": f"section-{Section.objects.first().pk}"}
    )
    assert "没有人能做" in body(other)
    own = page.get(address, {"permission": "update_case", "scope": f"user-{officer.pk}"})
    assert "王外业承办的" in body(own)
    everywhere = page.get(address, {"permission": "update_staff", "scope": "bureau"})
    assert [holder.user.name for holder in everywhere.context["holders"]] == ["林管理"]
    wrong = page.get(address, {"permission": "fly", "scope": "moon-1"})
    assert "holders" not in wrong.context


def test_the_matrix_and_its_change(page: Client) -> None:
    assert "本所乡镇" in body(page.get(reverse("people:roles")))
    cells = dict(role("leader").permissions.values_list("codename", "reach"))

    changed = cells | {"view_jobs": "*", "view_audit": "", "version": 1}
    response = send(page, "role", role("leader").pk, **changed)

    assert told(response) == ["“局领导”已保存，改动 2 项，对全部持有人立即生效。"]
    assert "已调整" in body(response)
    refused = send(page, "role", role("admin").pk, approve_case="*", version=1)
    assert "您本人持有“系统管理员”" in body(refused)


# --- Absences -----------------------------------------------------------------------------------------------


def test_everybody_registers_and_cancels_the_own_absence(officer: User) -> None:
    client, deputy = Client(), UserFactory.create(name="李代办")
    client.force_login(officer)

    response = send(client, "new_absence", deputy=deputy.pk, starts_on=TODAY, ends_on=TODAY, reason="培训")

    assert told(response) == ["已登记：王外业 2026-11-23—2026-11-23，由李代办代办。"]
    absence = Absence.objects.get()
    assert absence.user == officer
    assert "进行中" in body(response)
    assert "撤销后代办人立即失去" in body(client.get(reverse("people:cancel_absence", args=[absence.pk])))
    assert told(send(client, "cancel_absence", absence.pk)) == ["已撤销王外业的外出委托，李代办不再代办。"]
    assert told(send(client, "cancel_absence", absence.pk)) == ["这项委托已经撤销。"]


def test_nobody_registers_for_another_without_the_permission(officer: User) -> None:
    client, other, deputy = Client(), UserFactory.create(), UserFactory.create()
    client.force_login(officer)

    send(client, "new_absence", person=other.pk, deputy=deputy.pk, starts_on=TODAY, ends_on=TODAY)

    assert Absence.objects.get().user == officer


def test_the_administrator_registers_for_others_but_not_with_himself_as_deputy(
    page: Client, admin: User, officer: User
) -> None:
    data = {"person": officer.pk, "starts_on": TODAY, "ends_on": TODAY}
    refused = send(page, "new_absence", deputy=admin.pk, **data)
    assert refused.context["form"].errors == {"deputy": ["替他人登记外出时，不能指定自己为代办人。"]}
    chosen = page.get(reverse("people:new_absence"), {"person": officer.pk}).context["form"]
    assert chosen["person"].value() == str(officer.pk)

    response = send(page, "new_absence", deputy=UserFactory.create().pk, **data)

    assert Absence.objects.get().user == officer
    assert "王外业" in body(response)


def test_the_deputy_sees_the_absence_and_cannot_cancel_it(officer: User) -> None:
    deputy, client = UserFactory.create(), Client()
    absence = register_absence(
        person=officer, deputy=deputy, starts_on=TODAY, ends_on=TODAY, today=TODAY, actor=officer
    )
    client.force_login(deputy)
    listed = body(client.get(reverse("people:absences")))
    assert "王外业" in listed
    assert reverse("people:cancel_absence", args=[absence.pk]) not in listed

    response = send(client, "cancel_absence", absence.pk)

    absence.refresh_from_db()
    assert absence.cancelled_at is None
    assert "只有王外业本人或系统管理员能撤销" in body(response)


@pytest.mark.parametrize(
    ("state", "starts"),
    [
        ("now", date(2026, 11, 23)),
        ("ahead", date(2026, 12, 1)),
        ("over", date(2026, 11, 1)),
        ("cancelled", None),
    ],
)
def test_absences_are_filtered_by_state(page: Client, officer: User, state: str, starts: date | None) -> None:
    deputy = UserFactory.create()
    for day in (date(2026, 11, 23), date(2026, 12, 1), date(2026, 11, 1)):
        Absence.objects.create(user=officer, deputy=deputy, starts_on=day, ends_on=day)
    Absence.objects.create(
        user=officer, deputy=deputy, starts_on=TODAY, ends_on=TODAY, cancelled_at="2026-11-20T00:00+08:00"
    )

    rows = page.get(reverse("people:absences"), {"state": state, "q": "王外"}).context["table"].data

    assert [row.starts_on for row in rows] == [starts or TODAY]


# --- The bureau ------------------------------------------------------------------------------------------


def test_the_bureau_shows_its_parts_and_changes_its_profile(page: Client) -> None:
    text = body(page.get(reverse("people:bureau")))
    assert "监察室" in text
    assert "土地储备中心" in text
    assert text.index("新河镇") < text.index("寻寨镇") < text.index("仁让里乡")
    form = page.get(reverse("people:edit_bureau")).context["form"]
    data = {name: form.initial[name] or "" for name in form.fields}

    response = send(page, "edit_bureau", **data | {"phone": "0319-0000000"})

    assert told(response) == ["单位信息已保存。"]
    assert "0319-0000000" in body(response)
    stale = send(page, "edit_bureau", **data | {"phone": "1"})
    assert "已被他人修改" in body(stale)


# --- The admin: configuration ------------------------------------------------------------------------------


def test_a_section_gets_an_alias_in_the_admin(page: Client) -> None:
    section = Section.objects.get(name="监察股")
    address = reverse("admin:accounts_section_change", args=[section.pk])
    form = page.get(address).context["adminform"].form
    data = {name: form.initial.get(name, "") for name in form.fields} | {
        "aliases-TOTAL_FORMS": 1, "aliases-INITIAL_FORMS": 0, "aliases-0-name": "执法监察股",
        "aliases-0-section": section.pk, "summary": "新的职能",
    }  # fmt: skip

    assert page.post(address, data).status_code == 302
    section.refresh_from_db()
    assert (section.summary, section.version) == ("新的职能", 2)
    assert section.aliases.get().name == "执法监察股"

    stale = page.post(address, data | {"summary": "旧的", "aliases-TOTAL_FORMS": 0})
    assert "已被他人修改" in body(stale)
    section.refresh_from_db()
    assert section.summary == "新的职能"


def test_the_admin_adds_villages_and_deletes_nothing(page: Client) -> None:
    township = Township.objects.get(name="寻寨镇")
    village = VillageFactory.create(township=township, name="旧村")
    address = reverse("admin:accounts_township_change", args=[township.pk])
    form = page.get(address).context["adminform"].form
    data = {name: form.initial.get(name, "") for name in form.fields} | {
        "villages-TOTAL_FORMS": 2, "villages-INITIAL_FORMS": 1,
        "villages-0-id": village.pk, "villages-0-township": township.pk, "villages-0-name": "旧村",
        "villages-0-order": 0, "villages-0-DELETE": "on",
        "villages-1-township": township.pk, "villages-1-name": "新村", "villages-1-order": 1,
    }  # fmt: skip

    assert page.post(address, data).status_code == 302

    assert set(Village.objects.values_list("name", flat=True)) == {"旧村", "新村"}
    assert page.post(reverse("admin:accounts_township_delete", args=[township.pk])).status_code == 403
    assert page.get(reverse("admin:accounts_bureau_add")).status_code == 403
