"""Rows in the words of the pages."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.contrib.contenttypes.models import ContentType

from landbureau.accounts.models import Absence, Assignment, Section, User
from landbureau.audit.display import EMPTY, Line, lines_of
from landbureau.audit.models import Entry
from tests.factories import SectionFactory, UserFactory, VillageFactory

pytestmark = pytest.mark.django_db
Action = Entry.Action
EVERYTHING = User(is_superuser=True)  # is shown to this reader


def entry_of(model: type, action: int = Action.UPDATE, **values: object) -> Entry:
    kind = ContentType.objects.get_for_model(model)
    return Entry.objects.create(content_type=kind, object_pk="1", object_repr="某某", action=action, **values)


def shown(model: type, action: int = Action.UPDATE, **changes: object) -> list[str]:
    (line,) = lines_of([entry_of(model, action, changes=changes)], EVERYTHING)
    return [str(change) for change in line.changes]


def test_values_are_said_as_people_know_them() -> None:
    section, other = SectionFactory(name="甲股"), SectionFactory(name="乙股")
    assert shown(
        User,
        section=[section.pk, other.pk],
        must_change_password=[True, False],
        certificate_expires_on=["2026-01-01", None],
        date_joined=["2026-11-22 16:30:00", "2026-11-22 16:30:00.123456"],
        position=["", "科员"],
    ) == [
        "加入日期：2026-11-23 00:30:00 → 2026-11-23 00:30:00",
        f"职务：{EMPTY} → 科员",
        "科室：甲股 → 乙股",
        f"执法证有效期至：2026-01-01 → {EMPTY}",
        "首次登录须改密码：是 → 否",
    ]
    assert shown(Section, kind=["section", "brigade"]) == ["类别：股室 → 监察大队"]


def test_what_is_gone_or_unknown_is_still_shown() -> None:
    assert shown(User, section=["99999", None]) == [f"科室：（编号 99999） → {EMPTY}"]
    assert shown(User, section=["abc", None]) == [f"科室：（编号 abc） → {EMPTY}"]
    assert shown(User, bygone=["a", "b"]) == ["bygone：a → b"]
    assert shown(Section, kind=["bygone", "section"]) == ["类别：bygone → 股室"]
    assert shown(User, date_joined=["sometime", None]) == [f"加入日期：sometime → {EMPTY}"]


def test_an_entry_of_a_model_that_is_gone_is_shown() -> None:
    kind = ContentType.objects.create(app_label="bygone", model="thing")
    entry = Entry.objects.create(
        content_type=kind, object_pk="1", object_repr="旧物", action=Action.UPDATE, changes={"a": [1, 2]}
    )
    (line,) = lines_of([entry], EVERYTHING)
    assert (line.kind, line.history_url) == ("", "")
    assert [str(change) for change in line.changes] == ["a：1 → 2"]


def test_new_rows_show_what_they_are_and_deleted_ones_what_they_were() -> None:
    new = shown(Section, Action.CREATE, name=[None, "甲股"], phone=[None, ""], is_active=[None, False])
    assert new == ["名称：甲股"]
    assert shown(Section, Action.DELETE, name=["甲股", None], phone=["", None]) == ["名称：甲股 → （已删除）"]


def test_lists_say_what_came_and_went() -> None:
    added = {"type": "m2m", "operation": "add", "objects": ["甲", "乙"]}
    removed = {"type": "m2m", "operation": "delete", "objects": ["丙"]}
    assert shown(User, groups=added) == ["组（增加）：甲、乙"]
    assert shown(User, groups=removed) == ["组（移除）：丙"]


def test_a_generic_object_is_named_instead_of_its_numbers() -> None:
    village = VillageFactory(name="东关村")
    Assignment.objects.create(
        user=UserFactory(name="张测"), task="包村巡查", subject=village, starts_on=date(2026, 11, 23)
    )
    entry = Entry.objects.filter(content_type__model="assignment").get()
    (line,) = lines_of([entry], EVERYTHING)
    said = [str(change) for change in line.changes]
    assert f"对象：{village}" in said
    assert "承办人：张测" in said
    assert not [text for text in said if text.startswith("object_id") or "content" in text]


def test_secrets_of_old_rows_are_not_shown() -> None:
    assert shown(User, password=["pbkdf2$1", "pbkdf2$2"], last_login=["1", "2"]) == []


def test_facts_of_acts_have_chinese_names() -> None:
    entry = Entry.objects.create(
        action=Action.BULK,
        object_repr="批量",
        additional_data={
            "count": 3,
            "ok": True,
            "filters": ["甲", "乙"],
            "map": {"a": 1},
            "long": "长" * 300,
        },
    )
    (line,) = lines_of([entry], EVERYTHING)
    assert line.facts[:4] == [("数量", "3"), ("ok", "是"), ("条件", "甲、乙"), ("map", '{"a": 1}')]
    assert len(line.facts[4][1]) == 201
    assert line.text.startswith("数量：3；ok：是")


@pytest.mark.parametrize(
    ("action", "who"),
    [(Action.BULK, "系统"), (Action.SIGN_IN_FAILED, "未登录"), (Action.LOCKED_OUT, "未登录")],
)
def test_rows_without_a_person(action: int, who: str) -> None:
    (line,) = lines_of([Entry.objects.create(action=action, object_repr="x")], EVERYTHING)
    assert line.who == who


def test_every_action_has_a_word() -> None:
    codes = {value for name, value in vars(Action).items() if name.isupper() and isinstance(value, int)}
    assert codes <= dict(Action.choices).keys()
    assert not [word for word in dict(Action.choices).values() if word.isascii()]


def test_the_queries_do_not_grow_with_the_rows(django_assert_num_queries: object) -> None:
    def entries(count: int) -> list[Entry]:
        found = [
            entry_of(User, changes={"section": [SectionFactory().pk, SectionFactory().pk]})
            for _ in range(count)
        ]
        return list(Entry.objects.filter(pk__in=[entry.pk for entry in found]).select_related("actor"))

    for count in (1, 15):
        rows = entries(count)
        with django_assert_num_queries(1):  # type: ignore[operator]
            lines: list[Line] = lines_of(rows, EVERYTHING)
        assert len(lines) == count


def test_a_row_names_itself() -> None:
    assert str(Entry(action=Action.EXPORT, object_repr="审计记录")) == "导出 审计记录"


def test_absences_name_both_people() -> None:
    Absence.objects.create(
        user=UserFactory(name="甲某"),
        deputy=UserFactory(name="乙某"),
        starts_on=datetime(2026, 11, 23, tzinfo=ZoneInfo("Asia/Shanghai")).date(),
        ends_on=date(2026, 11, 24),
    )
    (line,) = lines_of(Entry.objects.filter(content_type__model="absence"), EVERYTHING)
    said = [str(change) for change in line.changes]
    assert {"人员：甲某", "代办人：乙某", "自：2026-11-23", "至：2026-11-24"} <= set(said)
