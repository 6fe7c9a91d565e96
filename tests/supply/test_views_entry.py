"""Entry by form, and what was entered wrong put right."""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from landbureau.accounts.models import User
from supervision.supply.models import Correction, Event, LandSupply, LandUser
from supervision.supply.rules import view_of
from supervision.supply.selectors import facts_of, terms
from supervision.supply.services import correct_contract, set_instalments
from tests.documents.desk import as_
from tests.factories import OfficeFactory, SectionFactory, TownshipFactory, UserFactory, VillageFactory, allow
from tests.supply.factories import TODAY, happen, make_land_user, make_supply
from tests.supply.test_boundaries import polygon
from tests.web.pages import body_of

pytestmark = pytest.mark.django_db
NEW = "/desk/supply/new/"
CODE, OTHER_CODE = "91130530MA0EXAMPXP", "91130530MA0GHAMPX0"


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel("2026-11-23T09:00:00+08:00", tick=False):
        yield


class Desk:
    def __init__(self) -> None:
        self.section = SectionFactory()
        self.office = OfficeFactory()
        self.village = VillageFactory(township=TownshipFactory(office=self.office))
        self.clerk: User = allow(
            UserFactory(section=self.section),
            "view_supply",
            "create_supply",
            "update_supply",
            on=self.section,
        )
        self.officer: User = allow(
            UserFactory(office=self.office), "view_supply", "create_visit", "update_visit", on=self.office
        )

    def data(self, **changes: Any) -> dict[str, Any]:
        """A form filled in properly."""
        return {
            "land_user_name": "新河县新登机械有限公司",
            "identity": "91130530MA0EXAMPXP",
            "contact": "高志远",
            "phone": "13800000000",
            "address": "振兴路1号",
            "method": "listing",
            "supervision_number": "1305302026B00001",
            "contract_number": "新土让〔2026〕1号",
            "section": self.section.pk,
            "officer": self.officer.pk,
            "signed_on": "2026-11-02",
            "price": "5,136,000.00",
            "township": self.village.township_id,
            "village": self.village.pk,
            "location": "振兴路北侧",
            "area": "26680",
            "use": "工业用地",
            "agreed_handover_on": "2026-12-15",
            "agreed_start_on": "2027-06-01",
            "agreed_completion_on": "2029-06-01",
            "payment_rate": "1",
            "rows-TOTAL_FORMS": "4",
            "rows-INITIAL_FORMS": "0",
            "rows-0-seq": "1",
            "rows-0-due_on": "2026-12-02",
            "rows-0-amount": "2568000",
            "rows-1-seq": "2",
            "rows-1-due_on": "2027-10-02",
            "rows-1-amount": "2568000",
            "rows-2-seq": "3",
            "rows-3-seq": "4",
        } | changes


@pytest.fixture
def desk() -> Desk:
    return Desk()


def confirmed(user: User, data: dict[str, Any]) -> Any:
    """Look at it, then confirm what was shown."""
    body = body_of(as_(user).post(NEW, data))
    mark = re.search(r'name="confirmed" value="([^"]+)"', body)
    assert mark, errors(body)
    return as_(user).post(NEW, data | {"confirmed": mark[1]})


def errors(body: str) -> list[str]:
    return re.findall(r"invalid-feedback[^>]*>([^<]+)", body)


# --- A new supply ----------------------------------------------------------------------------------------


def test_what_follows_is_shown_before_anything_is_saved(desk: Desk) -> None:
    body = body_of(as_(desk.clerk).post(NEW, desk.data()))
    assert not LandSupply.objects.exists()
    assert "2027-10-02 到期（休息日，顺延至" in body
    assert "2026-11-02 起提醒" in body
    assert "2027-06-01 应开工，2027-05-02 起提醒" in body
    assert "确认登记" in body


def test_a_confirmed_entry_becomes_a_supply(desk: Desk) -> None:
    response = confirmed(desk.clerk, desk.data())
    supply = LandSupply.objects.get()
    assert response.url == supply.get_absolute_url()
    assert supply.land_user.name == "新河县新登机械有限公司"
    assert supply.price == Decimal(5136000)
    assert [(one.seq, one.due_on) for one in supply.instalments.all()] == [
        (1, date(2026, 12, 2)),
        (2, date(2027, 10, 2)),
    ]
    assert supply.parcel.village == desk.village
    assert supply.assignments.get().user == desk.officer


def test_what_was_changed_after_the_look_is_shown_again(desk: Desk) -> None:
    body = body_of(as_(desk.clerk).post(NEW, desk.data()))
    mark = re.search(r'name="confirmed" value="([^"]+)"', body)
    assert mark
    as_(desk.clerk).post(NEW, desk.data(price="1") | {"confirmed": mark[1]})
    assert not LandSupply.objects.exists()


def test_sent_twice_it_is_saved_once(desk: Desk) -> None:
    confirmed(desk.clerk, desk.data())
    body = body_of(as_(desk.clerk).post(NEW, desk.data()))
    assert "已经登记过" in body
    assert LandSupply.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"land_user_name": ""}, "用地单位"),
        ({"supervision_number": "", "contract_number": ""}, "至少填一个"),
        ({"price": "-5"}, "大于或等于0"),
        ({"payment_rate": "-1"}, "大于或等于0"),
        ({"rows-1-amount": ""}, "请填写这一期的金额"),
        ({"rows-1-seq": "1"}, "期次不能重复"),
        ({"longitude": "115.24"}, "要么都填"),
        ({"longitude": "37.5", "latitude": "115.2"}, "大于或等于73"),
        ({"boundary_text": "{"}, "不是 GeoJSON"),
        ({"signed_on": "0001-01-01"}, "1900年"),
    ],
)
def test_bad_input_is_told_beside_the_field_and_kept(desk: Desk, changes: dict[str, Any], told: str) -> None:
    body = body_of(as_(desk.clerk).post(NEW, desk.data(**changes)))
    assert told in body
    assert "振兴路北侧" in body
    assert "确认登记" not in body


def test_the_village_belongs_to_the_township(desk: Desk) -> None:
    elsewhere = VillageFactory()
    body = body_of(as_(desk.clerk).post(NEW, desk.data(village=elsewhere.pk)))
    assert f"不在{desk.village.township}" in body
    confirmed(desk.clerk, desk.data(township=""))
    assert LandSupply.objects.get().parcel.township == desk.village.township


def test_a_wrong_identity_is_a_warning_and_no_refusal(desk: Desk) -> None:
    data = desk.data(identity="91130530MA0EXAMPXX")
    assert "校验位不符" in body_of(as_(desk.clerk).post(NEW, data))
    confirmed(desk.clerk, data)
    assert LandUser.objects.get().identity == "91130530MA0EXAMPXX"


def test_doubts_about_the_schedule_are_shown_before_saving(desk: Desk) -> None:
    body = body_of(as_(desk.clerk).post(NEW, desk.data(**{"rows-0-due_on": "2027-03-01"})))
    assert "国土资发〔2010〕34号" in body
    assert "确认登记" in body


def test_more_rows_come_without_script_and_keep_what_was_typed(desk: Desk) -> None:
    body = body_of(as_(desk.clerk).post(NEW, desk.data(more="1", price="x")))
    assert 'name="rows-7-amount"' in body
    assert 'value="2568000"' in body
    assert not errors(body)
    many = desk.data(more="1", **{"rows-TOTAL_FORMS": "9999999"})
    assert as_(desk.clerk).post(NEW, many).status_code == 200


def test_a_rate_of_zero_is_a_rate_and_a_blank_one_is_none(desk: Desk) -> None:
    confirmed(desk.clerk, desk.data(payment_rate="0", start_rate="0.000", completion_rate=""))
    row = LandSupply.objects.get()
    assert (row.payment_rate, row.start_rate, row.completion_rate) == (0, 0, None)
    (facts,) = facts_of(LandSupply.objects.select_related("parcel")).values()
    shown = view_of(facts, date(2028, 1, 1), terms())
    assert [one.damages for one in shown.payment] == [Decimal("0.00"), Decimal("0.00")]
    assert (shown.start.damages, shown.completion.damages) == (Decimal("0.00"), None)


# --- The land user ---------------------------------------------------------------------------------------


def test_a_known_land_user_is_found_and_chosen(desk: Desk) -> None:
    known = make_land_user("新河县旧识机械有限公司", identity="91130530MA0EXAMPXP")
    make_supply(section=desk.section, land_user=known)
    hidden = make_land_user("新河县别处机械有限公司")
    make_supply(land_user=hidden)
    found = body_of(as_(desk.clerk).get(reverse("supply:find_land_users"), {"land_user_name": "机械"}))
    assert "旧识" in found
    assert "别处" not in found
    assert "旧识" in body_of(as_(desk.clerk).post(NEW, desk.data(find="1", land_user_name="旧识")))
    confirmed(desk.clerk, desk.data(land_user=known.pk))
    assert LandSupply.objects.get(number="1305302026B00001").land_user == known
    body = body_of(as_(desk.clerk).post(NEW, desk.data(land_user=hidden.pk, supervision_number="x")))
    assert "确认登记" not in body


@pytest.mark.parametrize(
    ("typed", "is_chosen"),
    [
        ({"land_user_name": "新河县旧识机械有限责任公司", "identity": ""}, True),
        ({"land_user_name": "写错的名称", "identity": CODE}, True),
        ({"land_user_name": "新河县旧识机械有限公司", "identity": OTHER_CODE}, False),
        ({"land_user_name": "新河县旧识机械", "identity": ""}, False),
        ({"land_user_name": "新河县旧识机械有限公司", "identity": CODE, "land_user": ""}, False),
    ],
)
def test_who_is_meant_beyond_doubt_is_chosen_beforehand(
    desk: Desk, typed: dict[str, str], is_chosen: bool
) -> None:
    known = make_land_user("新河县旧识机械有限公司", identity=CODE)
    make_supply(section=desk.section, land_user=known)
    response = as_(desk.clerk).post(NEW, desk.data(**typed))
    assert response.context["found"]["chosen"] == (str(known.pk) if is_chosen else "")
    if is_chosen:
        body = body_of(response)
        assert f'value="{known.pk}" checked' in body
        assert "以已登记的为准" in body


def test_of_two_of_the_same_name_none_is_chosen(desk: Desk) -> None:
    for _ in range(2):
        make_supply(section=desk.section, land_user=make_land_user("新河县旧识机械有限公司"))
    name = "新河县旧识机械有限公司"
    response = as_(desk.clerk).post(NEW, desk.data(land_user_name=name, identity=""))
    assert response.context["found"]["chosen"] == ""
    found = as_(desk.clerk).get(reverse("supply:find_land_users"), {"land_user_name": name})
    assert body_of(found).count("checked") == 1


def test_the_one_that_is_typed_whole_is_chosen_as_it_is_found(desk: Desk) -> None:
    known = make_land_user("新河县旧识机械有限公司", identity=CODE)
    make_supply(section=desk.section, land_user=known)
    for text in (known.name, CODE.lower()):
        found = as_(desk.clerk).get(reverse("supply:find_land_users"), {"land_user_name": text})
        assert f'value="{known.pk}" checked' in body_of(found)


def test_the_same_identity_and_name_is_the_same_land_user_even_out_of_sight(desk: Desk) -> None:
    known = make_land_user("新河县新登机械有限责任公司", identity="91130530MA0EXAMPXP")
    make_supply(land_user=known)
    confirmed(desk.clerk, desk.data())
    assert LandSupply.objects.get(number="1305302026B00001").land_user == known


def test_an_identity_of_another_name_is_refused_without_telling_whose_it_is(desk: Desk) -> None:
    make_supply(land_user=make_land_user("邢台机密机械有限公司", identity="91130530MA0EXAMPXP"))
    body = body_of(confirmed(desk.clerk, desk.data()))
    assert "已登记在另一个名称的用地单位名下" in body
    assert "机密" not in body
    assert LandUser.objects.count() == 1


# --- Reach -----------------------------------------------------------------------------------------------


def test_entry_stays_within_the_reach_of_the_permission(desk: Desk) -> None:
    other = SectionFactory()
    body = body_of(as_(desk.clerk).post(NEW, desk.data(section=other.pk)))
    assert "确认登记" not in body
    assert as_(desk.officer).get(NEW).status_code == 403
    of_office = allow(UserFactory(), "create_supply", on=desk.office)
    elsewhere = TownshipFactory()
    body = body_of(as_(of_office).post(NEW, desk.data(township=elsewhere.pk, village="")))
    assert "您只能办理本所乡镇的供地" in body
    confirmed(of_office, desk.data(officer=""))
    assert LandSupply.objects.count() == 1


# --- Boundary --------------------------------------------------------------------------------------------


def test_a_boundary_is_pasted_or_uploaded_and_gives_the_point(desk: Desk) -> None:
    confirmed(desk.clerk, desk.data(boundary_text=json.dumps(polygon())))
    parcel = LandSupply.objects.get().parcel
    assert parcel.boundary == polygon()
    assert (parcel.longitude, parcel.latitude) == (Decimal("115.241000"), Decimal("37.521000"))
    file = SimpleUploadedFile("界址.geojson", json.dumps(polygon()).encode())
    body = body_of(as_(desk.clerk).post(NEW, desk.data(supervision_number="y", boundary_file=file)))
    assert "相差 47%" in body


def test_an_uploaded_boundary_survives_the_look(desk: Desk) -> None:
    """A file is not sent a second time: its content stands in the field."""
    file = SimpleUploadedFile("界址.geojson", json.dumps(polygon()).encode())
    body = body_of(as_(desk.clerk).post(NEW, desk.data(boundary_file=file)))
    assert "115.242" in body


def test_a_file_that_is_no_text_is_refused(desk: Desk) -> None:
    file = SimpleUploadedFile("界址.geojson", b"\xff\xfe\x00")
    assert "UTF-8" in body_of(as_(desk.clerk).post(NEW, desk.data(boundary_file=file)))


# --- Corrections of the contract -------------------------------------------------------------------------


def correction(supply: LandSupply, **changes: Any) -> dict[str, Any]:
    """The form of correction as the page filled it in."""
    return {
        "version": supply.version,
        "opened": "{}",
        "method": supply.method,
        "supervision_number": supply.supervision_number,
        "contract_number": supply.contract_number,
        "section": supply.section_id,
        "payment_rate": "1",
        "location": supply.parcel.location,
        "area": supply.parcel.area,
        "use": supply.parcel.use,
        "township": supply.parcel.township_id or "",
        "reason": "合同扫描件",
    } | changes


def test_a_correction_keeps_old_value_and_reason(desk: Desk) -> None:
    supply = make_supply(section=desk.section)
    url = reverse("supply:correct", args=[supply.pk])
    assert as_(desk.clerk).get(url).status_code == 200
    response = as_(desk.clerk).post(url, correction(supply, price="300", location="经三街西侧"))
    assert response.status_code == 302, errors(body_of(response))
    row = Correction.objects.get()
    assert {name for name, _, _ in row.changes} == {"成交价款", "宗地坐落"}
    supply.refresh_from_db()
    assert (supply.price, supply.parcel.location) == (Decimal(300), "经三街西侧")


def test_the_second_writer_is_told_what_the_first_changed_and_loses_nothing(desk: Desk) -> None:
    supply = make_supply(section=desk.section)
    url = reverse("supply:correct", args=[supply.pk])
    opened = re.search(r'name="opened" value="([^"]*)"', body_of(as_(desk.clerk).get(url)))
    assert opened
    data = correction(supply, opened=opened[1].replace("&quot;", '"'), location="我填的坐落")
    correct_contract(
        supply=supply,
        version=supply.version,
        contract={"price": Decimal(7)},
        parcel={"use": "商业用地"},
        reason="他人",
        actor=None,
        today=TODAY,
    )
    body = body_of(as_(desk.clerk).post(url, data))
    assert "已被他人修改" in body
    assert "商业用地" in body
    assert "我填的坐落" in body
    supply.refresh_from_db()
    again = data | {"version": supply.version}
    assert as_(desk.clerk).post(url, again).status_code == 302


def test_a_price_that_the_instalments_do_not_make_up_is_asked_about(desk: Desk) -> None:
    supply = make_supply(
        section=desk.section, price=Decimal(100), instalments=[(1, date(2026, 3, 1), Decimal(100))]
    )
    url, instalments = (reverse(f"supply:{name}", args=[supply.pk]) for name in ("correct", "instalments"))
    data = correction(supply, price="120")
    body = body_of(as_(desk.clerk).post(url, data))
    assert "各期合计 100.00 元，比成交价款 120.00 元少 20.00 元" in body
    assert f'href="{instalments}"' in body.split('id="check"')[1].split("保存更正")[0]
    assert not Correction.objects.exists()
    print_ = re.findall(r'name="confirmed" value="(\w+)"', body)[-1]
    assert as_(desk.clerk).post(url, data | {"confirmed": print_, "price": "130"}).status_code == 200
    assert as_(desk.clerk).post(url, data | {"confirmed": print_}).url == instalments
    supply.refresh_from_db()
    assert supply.price == Decimal(120)
    assert as_(desk.clerk).post(url, correction(supply, price="120", use="商业用地")).url != instalments


def test_an_area_of_another_unit_is_asked_about(desk: Desk) -> None:
    supply = make_supply(section=desk.section, price=Decimal(5_000_000))
    url = reverse("supply:correct", args=[supply.pk])
    body = body_of(as_(desk.clerk).post(url, correction(supply, price="5000000", area="40")))
    assert "单价由 187.41 元/m² 变为 125,000.00 元/m²" in body
    assert not Correction.objects.exists()


def test_without_a_reason_nothing_is_corrected(desk: Desk) -> None:
    supply = make_supply(section=desk.section)
    url = reverse("supply:correct", args=[supply.pk])
    body = body_of(as_(desk.clerk).post(url, correction(supply, price="300", reason="")))
    assert "更正理由" in body
    assert not Correction.objects.exists()


@pytest.mark.parametrize("name", ["correct", "instalments"])
def test_who_only_sees_a_supply_cannot_correct_it(desk: Desk, name: str) -> None:
    supply = make_supply(section=desk.section)
    reader = allow(UserFactory(), "view_supply", on=desk.section)
    allow(reader, "update_supply", on=SectionFactory())
    assert as_(reader).get(reverse(f"supply:{name}", args=[supply.pk])).status_code == 404


# --- Instalments -----------------------------------------------------------------------------------------


def rows_of(*lines: tuple[Any, Any, Any], **more: Any) -> dict[str, Any]:
    data: dict[str, Any] = {"rows-TOTAL_FORMS": str(len(lines)), "rows-INITIAL_FORMS": "0"}
    for place, (seq, due_on, amount) in enumerate(lines):
        data |= {f"rows-{place}-seq": seq, f"rows-{place}-due_on": due_on, f"rows-{place}-amount": amount}
    return data | more


def test_instalments_are_replaced_with_a_reason(desk: Desk) -> None:
    supply = make_supply(section=desk.section, instalments=[(1, date(2026, 3, 1), Decimal(100))])
    url = reverse("supply:instalments", args=[supply.pk])
    opened = re.search(r'name="opened" value="([^"]*)"', body_of(as_(desk.clerk).get(url)))
    assert opened
    data = rows_of((1, "2026-03-01", "60"), (2, "2026-09-01", "40"), opened=opened[1], reason="漏录第二期")
    response = as_(desk.clerk).post(url, data)
    assert response.url == f"{supply.get_absolute_url()}?tab=payments"
    assert [str(one.amount) for one in supply.instalments.all()] == ["60.00", "40.00"]
    assert Correction.objects.get().changes[0][0] == "分期缴款"


def test_instalments_that_somebody_else_changed_are_not_overwritten_unseen(desk: Desk) -> None:
    supply = make_supply(section=desk.section, instalments=[(1, date(2026, 3, 1), Decimal(100))])
    url = reverse("supply:instalments", args=[supply.pk])
    opened = re.search(r'name="opened" value="([^"]*)"', body_of(as_(desk.clerk).get(url)))
    assert opened
    set_instalments(
        supply=supply,
        instalments=[(1, date(2026, 4, 1), Decimal(90))],
        reason="他人",
        actor=None,
        today=TODAY,
    )
    data = rows_of((1, "2026-03-01", "60"), opened=opened[1], reason="我的")
    body = body_of(as_(desk.clerk).post(url, data))
    assert "第1期 2026-04-01 90.00 元" in body
    assert 'value="60"' in body
    now = re.search(r'name="opened" value="([^"]*)"', body)
    assert now
    assert as_(desk.clerk).post(url, data | {"opened": now[1]}).status_code == 302


def test_instalments_that_do_not_make_up_the_price_are_asked_about(desk: Desk) -> None:
    supply = make_supply(
        section=desk.section, price=Decimal(100), instalments=[(1, date(2026, 3, 1), Decimal(100))]
    )
    url = reverse("supply:instalments", args=[supply.pk])
    data = rows_of((1, "2026-03-01", "60"), opened=opened_of(desk, url), reason="录错")
    body = body_of(as_(desk.clerk).post(url, data))
    assert "各期合计 60.00 元，与成交价款 100.00 元不符" in body
    assert not Correction.objects.exists()
    print_ = re.findall(r'name="confirmed" value="(\w+)"', body)[-1]
    assert as_(desk.clerk).post(url, data | {"confirmed": print_}).status_code == 302
    assert [str(one.amount) for one in supply.instalments.all()] == ["60.00"]


def test_an_instalment_that_an_event_names_is_not_dropped(desk: Desk) -> None:
    two = [(seq, date(2026, 3, seq), Decimal(50)) for seq in (1, 2)]
    supply = make_supply(section=desk.section, instalments=two)
    happen(supply, "payment", date(2026, 2, 1), amount=Decimal(50), seq=2)
    url = reverse("supply:instalments", args=[supply.pk])
    data = rows_of((1, "2026-03-01", "100"), opened=opened_of(desk, url), reason="录错")
    assert "第 2 期已有指明这一期的缴款" in body_of(as_(desk.clerk).post(url, data))
    assert supply.instalments.count() == 2


def opened_of(desk: Desk, url: str) -> str:
    found = re.search(r'name="opened" value="([^"]*)"', body_of(as_(desk.clerk).get(url)))
    assert found
    return found[1]


# --- Events ----------------------------------------------------------------------------------------------


def test_an_event_is_corrected_by_a_new_row(desk: Desk) -> None:
    supply = make_supply(section=desk.section, instalments=[(1, date(2026, 3, 1), Decimal(100))])
    wrong = happen(supply, "payment", date(2026, 2, 1), amount=Decimal(1000))
    url = reverse("supply:correct_event", args=[wrong.pk])
    body = body_of(as_(desk.clerk).get(url))
    assert 'name="amount"' in body
    assert 'name="finding"' not in body
    response = as_(desk.clerk).post(url, {"on": "2026-02-02", "amount": "100", "reason": "多录一个零"})
    assert response.status_code == 302
    wrong.refresh_from_db()
    assert not wrong.in_force
    new = Event.objects.get(corrects=wrong)
    assert (new.on, new.amount, new.recorded_by) == (date(2026, 2, 2), Decimal(100), desk.clerk)
    assert "已经更正过" in body_of(as_(desk.clerk).get(url))


def test_the_remark_stays_as_long_as_it_was_and_the_reason_stands_apart(desk: Desk) -> None:
    supply = make_supply(section=desk.section)
    long = "情况说明" * 100
    wrong = happen(supply, "start", date(2026, 2, 1), remark=long)
    url = reverse("supply:correct_event", args=[wrong.pk])
    data = {"on": "2026-02-02", "remark": long, "reason": "看错日历"}
    assert as_(desk.clerk).post(url, data).status_code == 302
    new = Event.objects.get(corrects=wrong)
    assert (new.remark, new.reason, wrong.reason) == (long, "看错日历", "")
    page = body_of(as_(desk.clerk).get(supply.get_absolute_url(), {"tab": "timeline"}))
    assert "理由：看错日历" in page
    assert "已更正：看错日历" in page
    assert f"{long}（更正" not in page


def test_a_withdrawn_event_counts_no_more(desk: Desk) -> None:
    supply = make_supply(section=desk.section)
    start = happen(supply, "start", date(2026, 2, 1))
    url = reverse("supply:withdraw_event", args=[start.pk])
    assert as_(desk.clerk).get(url).status_code == 200
    assert as_(desk.clerk).post(url, {"reason": ""}).status_code == 200
    assert as_(desk.clerk).post(url, {"reason": "看错宗地"}).status_code == 302
    supply.refresh_from_db()
    assert supply.started_on is None


def test_a_day_that_cannot_be_is_told_at_the_field(desk: Desk) -> None:
    supply = make_supply(section=desk.section)
    start = happen(supply, "start", date(2026, 2, 1))
    url = reverse("supply:correct_event", args=[start.pk])
    body = body_of(as_(desk.clerk).post(url, {"on": "2026-12-01", "reason": "改"}))
    assert "不能晚于今天" in body


@pytest.mark.parametrize(
    ("kind", "details", "clerk", "officer"),
    [
        ("payment", {"amount": Decimal(5)}, 200, 404),
        ("visit", {"finding": "not_started"}, 200, 200),
        ("board", {}, 200, 200),
        ("extension_approved", {"track": "start", "new_due_on": date(2027, 1, 1)}, 404, 404),
        ("determination", {"track": "start", "cause": "land_user"}, 404, 404),
        ("termination", {}, 404, 404),
        ("to_brigade", {}, 404, 404),
    ],
)
def test_decisions_are_corrected_only_by_who_may_decide(
    desk: Desk, kind: str, details: dict[str, Any], clerk: int, officer: int
) -> None:
    supply = make_supply(section=desk.section, township=desk.village.township)
    event = happen(supply, kind, date(2026, 11, 1), **details)
    for name in ("correct_event", "withdraw_event"):
        url = reverse(f"supply:{name}", args=[event.pk])
        assert as_(desk.clerk).get(url).status_code == clerk
        assert as_(desk.officer).get(url).status_code == officer
