"""Land users: identities, duplicates, merger, correction."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from landbureau.accounts.models import User
from landbureau.audit.models import Entry
from supervision.supply import identity
from supervision.supply.errors import SupplyError
from supervision.supply.models import Correction, LandSupply, LandUser, TwoLandUsers
from supervision.supply.rules.parties import Party, alike, plain_name, plain_phone
from supervision.supply.selectors.land_users import duplicates_for
from supervision.supply.services.land_users import (
    correct_land_user,
    find_or_add,
    keep_apart,
    merge_land_users,
)
from tests.documents.desk import as_
from tests.factories import SectionFactory, UserFactory, allow
from tests.supply.factories import make_land_user, make_supply
from tests.web.pages import body_of

COMPANY, OTHER_COMPANY = "91130530MA0EXAMPXP", "91130530MA0GHAMPX0"
PERSON = "130530199001010018"


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel("2026-11-23T09:00:00+08:00", tick=False):
        yield


# --- Identities ------------------------------------------------------------------------------------------


def test_a_code_is_stored_without_what_writers_put_between() -> None:
    assert identity.normalised(" ９１13-0530 ma0exampxp ") == COMPANY


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("", ""),
        (OTHER_COMPANY, ""),
        (OTHER_COMPANY[:-1] + "4", "校验位不符"),
        ("1234", "现为 4 位"),
        ("130530900101001", "旧身份证号"),
        ("130530199013010018", "校验位不符"),
    ],
)
def test_a_wrong_code_is_doubted(code: str, told: str) -> None:
    doubt = identity.doubt(code)
    assert told in doubt
    assert bool(doubt) == bool(told)


def test_a_persons_number_is_masked_even_if_it_is_wrong() -> None:
    assert identity.shown(PERSON) == "130530**********18"
    assert identity.shown(PERSON[:-1] + "5") == "130530**********15"
    assert identity.shown(OTHER_COMPANY) == OTHER_COMPANY


# --- What may be one -------------------------------------------------------------------------------------


def party(key: int, name: str, code: str = "", phone: str = "") -> Party:
    return Party(key, name, code, phone, identity.is_valid(code))


@pytest.mark.parametrize(
    ("one", "other", "reasons"),
    [
        (party(1, "甲公司", OTHER_COMPANY), party(2, "乙公司", OTHER_COMPANY), ["代码相同"]),
        (party(1, "河北（新河）机械有限公司"), party(2, "河北(新河) 机械有限责任公司"), ["名称相同"]),
        (party(1, "新河县鑫源纺织有限公司"), party(2, "新河县鑫原纺织有限公司"), ["名称只差一个字"]),
        (party(1, "新河县鑫源纺织有限公司"), party(2, "新河县鑫源纺织品有限公司"), ["名称只差一个字"]),
        (
            party(1, "新河县鑫源棉业有限公司", phone="138-0000-0000"),
            party(2, "河北鑫源纺织集团", phone="+86 13800000000"),
            ["电话相同"],
        ),
        (party(1, "甲公司", phone="13800000000"), party(2, "乙公司", phone="13800000000"), []),
        (
            party(1, "新河县寻寨镇鑫源纺织有限公司", phone="13800000000"),
            party(2, "新河县寻寨镇恒通纺织有限公司", phone="13800000000"),
            [],
        ),
        (party(1, "新河县鑫源纺织有限公司"), party(2, "新河县源鑫纺织有限公司"), []),
        (party(1, "河北嘉达汽车有限公司", "MA0DEMO224"), party(2, "河北通达汽车有限公司", "MA0DEMO245"), []),
        (
            party(1, "邢台众鑫管业有限公司", "MA0DEMO144"),
            party(2, "邢台市众鑫管业有限公司", "MA0DEMO147"),
            ["名称只差一个字"],
        ),
        (
            party(1, "邢台众鑫管业有限公司", "MA0DEMO174"),
            party(2, "邢台市众鑫管业有限公司", "MA0DEMO147"),
            ["名称只差一个字"],
        ),
        (party(1, "新河县鑫源纺织有限公司"), party(2, "河县鑫源纺织有限公司新"), []),
        (party(1, "新河县农业局服务中心"), party(2, "新河县林业局服务中心"), []),
        (party(1, "新河县刘家村村民委员会"), party(2, "新河县李家村村民委员会"), []),
        (party(1, "新河县第一实验小学"), party(2, "新河县第二实验小学"), []),
        (party(1, "新河县鑫源一号纺织公司"), party(2, "新河县鑫源2号纺织公司"), []),
        (party(1, "甲公司"), party(2, "乙公司"), []),
        (party(1, "甲公司", phone="120"), party(2, "乙公司", phone="120"), []),
    ],
)
def test_what_may_be_one_and_the_same_is_proposed(one: Party, other: Party, reasons: list[str]) -> None:
    found = alike([one, other])
    assert found == ({(1, 2): reasons} if reasons else {})


def test_two_right_codes_are_two_parties_whatever_their_names() -> None:
    one, other = (
        party(key, "甲公司", code, "13800000000") for key, code in ((1, COMPANY), (2, OTHER_COMPANY))
    )
    assert alike([one, other]) == {}
    mistyped = party(2, "甲公司", COMPANY[:-1] + "X", "13800000000")
    assert alike([one, mistyped]) == {(1, 2): ["名称相同", "电话相同"]}


def test_a_telephone_that_many_share_tells_nothing() -> None:
    many = [party(key, f"{key}" * 3, phone="13800000000") for key in range(1, 9)]
    assert alike(many) == {}


def test_of_three_that_are_one_each_pair_is_proposed() -> None:
    three = [party(key, "新河县鑫源纺织有限公司") for key in (1, 2, 3)]
    assert set(alike(three)) == {(1, 2), (1, 3), (2, 3)}


def test_names_of_two_townships_are_two() -> None:
    one, other = party(1, "新河县寻寨鑫源纺织公司"), party(2, "新河县寻庄鑫源纺织公司")
    assert alike([one, other]) == {(1, 2): ["名称只差一个字"]}
    assert alike([one, other], ["寻寨", "寻庄"]) == {}


def test_names_are_compared_in_their_plain_form() -> None:
    assert plain_name("《河北》ＡＢ 机械（集团）有限责任公司") == "河北ab机械集团有限公司"
    assert plain_phone("0319-4750000") == "03194750000"


# --- Merger ----------------------------------------------------------------------------------------------

database = pytest.mark.django_db


class Desk:
    def __init__(self) -> None:
        self.section = SectionFactory()
        self.clerk: User = allow(UserFactory(), "view_supply", "update_supply", on=self.section)

    def land_user(self, name: str, supplies: int = 1, **columns: Any) -> LandUser:
        made = make_land_user(name, **columns)
        for _ in range(supplies):
            make_supply(section=self.section, land_user=made)
        return made


@pytest.fixture
def desk(db: None) -> Desk:
    return Desk()


def test_who_may_not_change_supplies_is_not_led_to_duplicates(desk: Desk) -> None:
    """The head of a section reviews (``permissions.csv``); mergers are the clerk's."""
    made = desk.land_user("新河县鑫源纺织有限公司", identity=OTHER_COMPANY)
    head = allow(UserFactory(), "view_supply", "approve_supply", on=desk.section)
    pages, link = (reverse("supply:land_users"), made.get_absolute_url()), reverse("supply:duplicates")
    assert all(link not in body_of(as_(head).get(page)) for page in pages)
    assert as_(head).get(link).status_code == 403
    assert link in body_of(as_(desk.clerk).get(pages[0]))


def test_the_supplies_move_and_the_way_back_is_kept(desk: Desk) -> None:
    keep = desk.land_user("新河县鑫源纺织有限公司", identity=OTHER_COMPANY)
    gone = desk.land_user("新河县鑫源纺织有限责任公司", 2, contact="高志远", phone="13800000000")
    assert merge_land_users(keep=keep, gone=gone, actor=desk.clerk) == 2
    keep.refresh_from_db()
    gone.refresh_from_db()
    assert keep.supplies.count() == 3
    assert (keep.contact, keep.phone) == ("高志远", "13800000000")
    assert gone.merged_into == keep
    assert gone.phone == "13800000000"
    assert {row.changes[0][1] for row in Correction.objects.all()} == {"新河县鑫源纺织有限责任公司"}
    assert Entry.objects.filter(object_repr__contains="合并用地单位", actor=desk.clerk).count() == 1


def test_what_was_merged_before_follows(desk: Desk) -> None:
    first, second, third = (desk.land_user(f"第{n}个名称的公司") for n in (1, 2, 3))
    merge_land_users(keep=second, gone=first, actor=desk.clerk)
    merge_land_users(keep=third, gone=second, actor=desk.clerk)
    first.refresh_from_db()
    assert first.merged_into == third
    with pytest.raises(SupplyError):
        merge_land_users(keep=third, gone=first, actor=desk.clerk)


def test_it_needs_the_permission_on_all_supplies_of_both(desk: Desk) -> None:
    keep, gone = desk.land_user("甲公司"), desk.land_user("乙公司")
    make_supply(land_user=gone)
    with pytest.raises(SupplyError, match="不能办理"):
        merge_land_users(keep=keep, gone=gone, actor=desk.clerk)
    assert not LandUser.objects.exclude(merged_into=None).exists()


def test_a_merged_land_user_leads_to_the_other_and_is_proposed_no_more(desk: Desk) -> None:
    keep = desk.land_user("新河县鑫源纺织有限公司")
    gone = desk.land_user("新河县鑫源纺织有限责任公司")
    (pair,) = duplicates_for(desk.clerk)
    assert set(pair.rows) == {keep, gone}
    url = reverse("supply:merge", args=[keep.pk, gone.pk])
    assert "保留哪一个" in body_of(as_(desk.clerk).get(url))
    response = as_(desk.clerk).post(url, {"keep": keep.pk})
    assert response.url == keep.get_absolute_url()
    assert as_(desk.clerk).get(gone.get_absolute_url()).url == keep.get_absolute_url()
    assert duplicates_for(desk.clerk) == []
    assert as_(desk.clerk).get(url).status_code == 404
    page = body_of(as_(desk.clerk).get(keep.get_absolute_url()))
    assert "新河县鑫源纺织有限责任公司" in page


def test_only_one_of_the_two_can_stay(desk: Desk) -> None:
    keep, gone, third = (desk.land_user(f"第{n}个名称的公司") for n in (1, 2, 3))
    url = reverse("supply:merge", args=[keep.pk, gone.pk])
    assert as_(desk.clerk).post(url, {"keep": third.pk}).status_code == 200
    assert as_(desk.clerk).get(reverse("supply:merge", args=[keep.pk, keep.pk])).status_code == 404
    assert not LandUser.objects.exclude(merged_into=None).exists()


def test_who_was_said_to_be_two_is_proposed_no_more(desk: Desk) -> None:
    one = desk.land_user("新河县鑫源纺织有限公司")
    other = desk.land_user("新河县鑫源纺织有限责任公司")
    page = reverse("supply:duplicates")
    assert "不是同一单位" in body_of(as_(desk.clerk).get(page))
    url = reverse("supply:not_same", args=[other.pk, one.pk])
    assert as_(desk.clerk).get(url).status_code == 405
    for _ in range(2):
        assert as_(desk.clerk).post(url).url == page
    said = TwoLandUsers.objects.get()
    assert (said.first, said.second, said.said_by) == (one, other, desk.clerk)
    assert duplicates_for(desk.clerk) == []
    shown = body_of(as_(desk.clerk).get(one.get_absolute_url()))
    assert "仍要比较、合并" in shown
    assert other.name in shown


def test_only_who_may_change_both_says_that_they_are_two(desk: Desk) -> None:
    one = desk.land_user("新河县鑫源纺织有限公司")
    other = desk.land_user("新河县鑫源纺织有限责任公司")
    make_supply(land_user=other)
    body = body_of(as_(desk.clerk).get(reverse("supply:duplicates")))
    assert "有您不能办理的供地" in body
    assert as_(desk.clerk).post(reverse("supply:not_same", args=[one.pk, other.pk])).status_code == 404
    with pytest.raises(SupplyError, match="不能办理"):
        keep_apart(one=one, other=other, actor=desk.clerk)
    assert not TwoLandUsers.objects.exists()


def test_what_is_registered_for_a_merged_land_user_goes_to_the_other(desk: Desk) -> None:
    """The page was opened before the merger."""
    keep, gone = desk.land_user("新河县鑫源纺织有限公司"), desk.land_user("新河县鑫原纺织有限公司")
    stale = LandUser.objects.get(pk=gone.pk)
    merge_land_users(keep=keep, gone=gone, actor=desk.clerk)
    assert make_supply(section=desk.section, land_user=stale).land_user == keep
    with pytest.raises(SupplyError, match="已经合并"):
        merge_land_users(keep=keep, gone=stale, actor=desk.clerk)
    with pytest.raises(SupplyError, match="已经合并"):
        keep_apart(one=keep, other=stale, actor=desk.clerk)


# --- Entry and correction --------------------------------------------------------------------------------


@database
def test_a_land_user_is_found_by_identity_and_name() -> None:
    made = find_or_add(values={"name": "新河县鑫源纺织有限公司", "identity": OTHER_COMPANY.lower()})
    again = find_or_add(values={"name": "新河县鑫源纺织有限责任公司", "identity": OTHER_COMPANY})
    assert again == made
    with pytest.raises(SupplyError) as caught:
        find_or_add(values={"name": "别的公司", "identity": OTHER_COMPANY})
    assert caught.value.field == "identity"
    assert find_or_add(values={"name": "没有代码的公司"}) != find_or_add(values={"name": "没有代码的公司"})


def test_a_correction_stands_on_the_timeline_of_each_supply_without_the_whole_number(desk: Desk) -> None:
    row = desk.land_user("甲公司", 2, phone="13800000000", identity=PERSON)
    data = {
        "version": row.version,
        "opened": "{}",
        "name": "乙公司",
        "identity": COMPANY,
        "contact": "",
        "phone": "13900000000",
        "address": "",
        "reason": "录错",
    }
    url = reverse("supply:correct_land_user", args=[row.pk])
    assert as_(desk.clerk).post(url, data).url == row.get_absolute_url()
    row.refresh_from_db()
    assert (row.name, row.phone) == ("乙公司", "13900000000")
    assert Correction.objects.count() == 2
    changes = Correction.objects.all()[0].changes
    assert ["联系电话", "138****0000", "139****0000"] in changes
    assert ["统一社会信用代码/身份证号", "130530**********18", COMPANY] in changes


def test_the_second_writer_is_told(desk: Desk) -> None:
    row = desk.land_user("甲公司")
    correct_land_user(
        land_user=row, version=row.version, values={"contact": "他人"}, reason="x", actor=desk.clerk
    )
    url = reverse("supply:correct_land_user", args=[row.pk])
    data = {"version": row.version, "opened": "{}", "name": "我写的公司", "reason": "录错"}
    body = body_of(as_(desk.clerk).post(url, data))
    assert "已被他人修改" in body
    assert "我写的公司" in body


def test_an_identity_that_another_has_is_a_case_for_merging(desk: Desk) -> None:
    desk.land_user("甲公司", identity=COMPANY)
    row = desk.land_user("乙公司")
    url = reverse("supply:correct_land_user", args=[row.pk])
    data = {"version": 1, "opened": "{}", "name": "乙公司", "identity": COMPANY, "reason": "补录"}
    assert "请合并" in body_of(as_(desk.clerk).post(url, data))


# --- Pages -----------------------------------------------------------------------------------------------


def test_the_list_counts_what_is_in_sight_and_masks(desk: Desk) -> None:
    row = desk.land_user("甲公司", 2, phone="13800000000", identity=PERSON)
    make_supply(land_user=row)
    make_supply(land_user=make_land_user("看不到的公司"))
    body = body_of(as_(desk.clerk).get(reverse("supply:land_users")))
    assert "看不到的公司" not in body
    assert "138****0000" in body
    assert PERSON not in body
    assert 'data-label="供地（宗）"' in body
    export = body_of(as_(desk.clerk).get(reverse("supply:land_users"), {"export": "csv"}))
    assert "13800000000" not in export
    assert ",2," in export


@pytest.mark.parametrize(("query", "count"), [("甲", 1), (PERSON, 1), (PERSON[:10], 0), ("13800000000", 1)])
def test_numbers_are_found_only_as_a_whole(desk: Desk, query: str, count: int) -> None:
    desk.land_user("甲公司", phone="13800000000", identity=PERSON)
    response = as_(desk.clerk).get(reverse("supply:land_users"), {"q": query})
    assert response.context["table"].page.paginator.count == count


def test_the_list_costs_the_same_queries_for_any_number(desk: Desk) -> None:
    client = as_(desk.clerk)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("supply:land_users"))
        return len(queries)

    desk.land_user("甲公司")
    cost()
    before = cost()
    for n in range(8):
        desk.land_user(f"第{n}个名称的公司", 2)
    assert cost() == before


def test_the_page_lists_the_supplies_in_sight(desk: Desk) -> None:
    row = desk.land_user("甲公司", phone="13800000000")
    hidden = make_supply(land_user=row, contract_number="看不到的合同", signed_on=date(2026, 1, 1))
    body = body_of(as_(desk.clerk).get(row.get_absolute_url()))
    assert "看不到的合同" not in body
    assert "更正用地单位" not in body
    assert LandSupply.objects.get(pk=hidden.pk)
    url = reverse("supply:land_user_phone", args=[row.pk])
    assert 'href="tel:13800000000"' in body_of(as_(desk.clerk).post(url))
    assert Entry.objects.filter(action=Entry.Action.REVEAL).count() == 1
