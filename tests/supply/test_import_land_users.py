"""A ledger changes land users only as their page does, and tells nothing of those that are out of sight."""

from __future__ import annotations

from typing import Any

import pytest

from landbureau.accounts.models import User
from landbureau.imports.errors import ImportRefused
from supervision.supply.models import Correction, LandSupply, LandUser
from supervision.supply.selectors import regime
from supervision.supply.services.ledger import save_ledger
from tests.factories import UserFactory, allow
from tests.supply.factories import TODAY, make_land_user, make_supply
from tests.supply.sheets import bring, counts, errors, found, ledger, only, question, supply

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("read_here")]
NAME, CODE, OTHER_CODE = "新河县演示1号有限公司", "91110000600037341L", "91130530MA0EXAMPXP"
HELD = {"identity": CODE, "contact": "演示人", "phone": "13800000001", "address": "新河县演示路1号"}


def row_of(**changes: Any) -> dict[str, Any]:
    """A supply that the system has not."""
    return supply(90001, **{"land_user": NAME, "identity": CODE} | changes)


@pytest.fixture
def clerk() -> User:
    """Who registers and corrects the supplies of the section that supervises."""
    made: User = UserFactory.create()
    return allow(made, "view_supply", "create_supply", "update_supply", on=regime().section)


def shared(name: str = NAME, **details: Any) -> LandUser:
    """A land user with a supply of the section and one of another."""
    made = make_land_user(name, **HELD | details)
    make_supply(section=regime().section, land_user=made)
    make_supply(land_user=made)
    return made


def elsewhere(name: str = NAME, **details: Any) -> LandUser:
    """A land user of whom the section sees nothing."""
    made = make_land_user(name, **HELD | details)
    make_supply(land_user=made)
    return made


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"phone": "13900000009"}, "联系电话"),
        ({"contact": "别人"}, "联系人"),
        ({"land_user": "演示新名有限公司"}, "用地单位"),
    ],
)
def test_what_belongs_to_supplies_of_others_too_is_kept(
    clerk: User, changes: dict[str, str], column: str
) -> None:
    known = shared()
    rows = ledger(row_of(**changes))
    assert found(bring(rows, actor=clerk)) == [(2, column, "of_others_too")]
    assert counts(bring(rows, actor=clerk, accept=True)) == (1, 0, 0)
    row = LandSupply.objects.get(number="1305302025B90001")
    assert row.land_user == known
    known.refresh_from_db()
    assert (known.name, known.phone, known.contact) == (NAME, "13800000001", "演示人")
    assert not Correction.objects.exists()
    assert counts(bring(rows, actor=clerk, accept=True)) == (0, 0, 1)


def test_a_code_is_not_added_to_a_land_user_of_others_too(clerk: User) -> None:
    known = shared(identity="")
    make_supply(section=regime().section, land_user=known, supervision_number="1305302025B90001")
    asked = bring(ledger(row_of()), actor=clerk)
    assert (2, "统一社会信用代码/身份证号", "of_others_too") in found(asked)
    bring(ledger(row_of()), actor=clerk, accept=True)
    known.refresh_from_db()
    assert known.identity == ""


def test_a_land_user_of_the_section_alone_is_changed(clerk: User) -> None:
    known = make_land_user(NAME, **HELD)
    make_supply(section=regime().section, land_user=known)
    assert counts(bring(ledger(row_of(phone="13900000009")), actor=clerk)) == (1, 0, 0)
    known.refresh_from_db()
    assert known.phone == "13900000009"


def test_a_command_changes_all() -> None:
    known = shared()
    assert counts(bring(ledger(row_of(phone="13900000009")))) == (1, 0, 0)
    known.refresh_from_db()
    assert known.phone == "13900000009"


def test_whose_code_it_is_is_told_only_to_who_sees_the_holder(clerk: User) -> None:
    elsewhere("邢台机密机械有限公司")
    report = bring(ledger(row_of()), actor=clerk)
    assert errors(report) == [(2, "统一社会信用代码/身份证号", "other_name")]
    assert "机密" not in only(report).errors[0].message

    assert "机密" in question(bring(ledger(row_of()))).message


def test_details_of_who_is_out_of_sight_are_not_shown(clerk: User) -> None:
    elsewhere()
    report = bring(ledger(row_of(phone=None, contact=None, address=None)), actor=clerk, dry_run=True)
    assert not found(report)
    told = repr(report)
    assert "13800000001" not in told
    asked = bring(ledger(row_of(phone="13900000009")), actor=clerk, dry_run=True)
    assert "13800000001" not in repr(asked)


def test_others_of_the_same_name_are_not_told_of_by_their_codes(clerk: User) -> None:
    elsewhere(identity=OTHER_CODE)
    assert counts(bring(ledger(row_of()), actor=clerk)) == (1, 0, 0)
    assert LandUser.objects.filter(name=NAME).count() == 2


def test_the_right_is_asked_again_as_it_is_written(clerk: User) -> None:
    known = shared()
    with pytest.raises(ImportRefused, match="您不能办理"):
        save_ledger(land_users={known: {"phone": "1"}}, new=[], changed=[], actor=clerk, today=TODAY)


def test_who_was_merged_since_the_file_was_checked_is_not_written() -> None:
    gone = make_land_user(merged_into=make_land_user())
    with pytest.raises(ImportRefused, match="并入了另一个"):
        save_ledger(land_users={gone: {"phone": "1"}}, new=[], changed=[], actor=None, today=TODAY)
