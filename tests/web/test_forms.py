"""Forms: native inputs, units, errors at their place, and two people who edit the same row."""

from __future__ import annotations

import json
import re
from datetime import date

import pytest
from django.test import Client

from landbureau.accounts.models import TownshipOffice, User
from landbureau.web.forms import DeskForm
from landbureau.web.versions import EditConflict, display_value, save_edit
from tests.factories import OfficeFactory, UserFactory
from tests.web.demo import OfficeForm
from tests.web.pages import body_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]


@pytest.fixture
def office() -> TownshipOffice:
    return OfficeFactory(name="测寨国土所", phone="0319-1", order=3)


def as_opened(body: str) -> dict[str, str]:
    """The hidden fields of the page's form, as a browser would send them back."""
    import html

    return {
        name: html.unescape(re.search(rf'name="{name}" value="([^"]*)"', body)[1])  # type: ignore[index]
        for name in ("version", "opened")
    }


def test_date_inputs_are_native_and_speak_iso() -> None:
    form = OfficeForm(initial={"visited": date(2026, 12, 1)}, instance=OfficeFactory())
    assert re.search(r'type="date" name="visited" value="2026-12-01"', str(form["visited"]))
    assert 'type="datetime-local"' in str(form["at"])


def test_typed_dates_come_back_as_typed(browser: Client, office: TownshipOffice) -> None:
    data = {"name": "", "visited": "2026-12-01", "price": "12,5", "order": "3", "version": office.version}
    body = body_of(browser.post(f"/demo/office/{office.pk}/", data))
    assert 'name="visited" value="2026-12-01"' in body
    assert 'name="price" value="12,5"' in body


def test_errors_stand_at_their_fields_and_are_listed_at_the_head(
    browser: Client, office: TownshipOffice
) -> None:
    body = body_of(browser.post(f"/demo/office/{office.pk}/", {"name": "", "order": "x", "version": 1}))
    assert body.count('class="invalid-feedback"') == 2
    assert re.search(r'role="alert".*?<a href="#id_name">名称</a>', body, re.S)
    assert "这个字段是必填项" in body or "必填" in body
    assert "This field" not in body


def test_units_stand_in_the_field_and_required_ones_are_marked(
    browser: Client, office: TownshipOffice
) -> None:
    body = body_of(browser.get(f"/demo/office/{office.pk}/"))
    assert '<span class="input-group-text">万元</span>' in body
    assert re.search(r'for="id_name">名称<span class="asteriskField" aria-hidden="true">\*</span>', body)
    assert re.search(r'for="id_phone">电话</label>', body)


def test_an_unchanged_version_is_saved_and_raised(browser: Client, office: TownshipOffice) -> None:
    opened = as_opened(body_of(browser.get(f"/demo/office/{office.pk}/")))
    response = browser.post(
        f"/demo/office/{office.pk}/", {"name": "新名", "order": "3", "is_active": "on", **opened}
    )
    assert response.status_code == 302
    office.refresh_from_db()
    assert (office.name, office.version) == ("新名", 2)


def test_the_second_writer_is_told_what_changed_and_loses_nothing(
    browser: Client, office: TownshipOffice
) -> None:
    address = f"/demo/office/{office.pk}/"
    opened = as_opened(body_of(browser.get(address)))
    other = TownshipOffice.objects.get(pk=office.pk)
    other.phone, other.is_active = "0319-2", False
    save_edit(other, ["phone", "is_active"])

    mine = {"name": "我的名称", "phone": "0319-1", "order": "3", "is_active": "on"}
    body = body_of(browser.post(address, {**mine, **opened}))
    assert "“电话”由“0319-1”改为“0319-2”" in body
    assert "“在用”由“是”改为“否”" in body
    assert "“名称”由" not in body
    assert 'value="我的名称"' in body
    office.refresh_from_db()
    assert (office.name, office.phone, office.version) == ("测寨国土所", "0319-2", 2)

    response = browser.post(address, {**mine, **as_opened(body)})
    assert response.status_code == 302
    office.refresh_from_db()
    assert (office.name, office.phone, office.version) == ("我的名称", "0319-1", 3)


def test_a_form_without_its_version_is_refused(browser: Client, office: TownshipOffice) -> None:
    body = body_of(browser.post(f"/demo/office/{office.pk}/", {"name": "新名", "order": "3"}))
    assert "页面缺少版本号，请重新打开后再改。" in body
    office.refresh_from_db()
    assert office.name == "测寨国土所"


@pytest.mark.parametrize("opened", ["", "nonsense", "[1]", json.dumps({"phone": "0319-1", "alien": "x"})])
def test_a_damaged_memory_of_the_form_still_gives_a_conflict(office: TownshipOffice, opened: str) -> None:
    save_edit(TownshipOffice.objects.get(pk=office.pk), ["phone"])
    office.refresh_from_db()
    form = OfficeForm({"name": "新名", "order": "3", "version": "1", "opened": opened}, instance=office)
    assert not form.is_valid()
    assert "已被他人修改" in form.non_field_errors()[0]


def test_a_save_between_check_and_write_is_caught(office: TownshipOffice) -> None:
    form = OfficeForm({"name": "新名", "order": "3", "version": "1"}, instance=office)
    assert form.is_valid()
    other = TownshipOffice.objects.get(pk=office.pk)
    save_edit(other, ["phone"])
    with pytest.raises(EditConflict, match="已被他人修改"):
        form.save()
    office.refresh_from_db()
    assert office.name == "测寨国土所"


def test_new_rows_need_no_version() -> None:
    form = OfficeForm({"name": "新所", "order": "3"})
    assert form.is_valid(), form.errors
    assert form.save().version == 1


def test_save_edit_writes_only_the_named_fields(office: TownshipOffice) -> None:
    office.name, office.phone = "新名", "变了"
    save_edit(office, ["name"])
    office.refresh_from_db()
    assert (office.name, office.phone, office.version) == ("新名", "0319-1", 2)


def test_a_failed_save_leaves_the_version_as_it_was(office: TownshipOffice) -> None:
    OfficeFactory(name="测试已有所")
    office.name = "测试已有所"
    with pytest.raises(Exception, match=r"(?i)unique"):
        save_edit(office, ["name"])
    assert office.version == 1


def test_values_are_shown_in_the_words_of_the_pages() -> None:
    user: User = UserFactory(certificate_expires_on=date(2027, 1, 31), is_active=False)
    assert display_value(user, "certificate_expires_on") == "2027-01-31"
    assert display_value(user, "is_active") == "否"
    assert display_value(user, "section") == ""
    assert display_value(user, "groups") == ""
    assert display_value(User(), "groups") == ""


def test_units_for_fields_that_a_form_does_not_have_are_ignored() -> None:
    class Small(DeskForm):
        units = {"gone": "元"}

    assert not Small().fields
