"""Townships and villages as tables."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from landbureau.accounts.imports import Staff, Townships, Villages
from landbureau.accounts.imports.names import Names, stem
from landbureau.accounts.models import Township, TownshipOffice, Village
from landbureau.audit.models import Entry
from landbureau.imports.cleaning import fold
from landbureau.imports.report import SheetReport
from landbureau.imports.targets import Target
from landbureau.imports.workbooks import write_table
from tests.accounts.factories import TODAY
from tests.accounts.sheets import answers, bring, bring_file, counts, errors, only, question
from tests.factories import OfficeFactory, TownshipFactory, VillageFactory
from tests.imports import files

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("read_here")]


@pytest.fixture(autouse=True)
def _bureau_without_places() -> None:
    """The bureau of the fixtures has townships of its own."""
    Township.objects.all().delete()
    TownshipOffice.objects.all().delete()


@pytest.fixture
def office() -> TownshipOffice:
    office: TownshipOffice = OfficeFactory.create(name="寻寨国土所", order=1)
    return office


def townships(head: str, *rows: Any, **options: Any) -> SheetReport:
    return bring("townships", head, *rows, **options)


def villages(head: str, *rows: Any, **options: Any) -> SheetReport:
    return bring("villages", head, *rows, **options)


# --- Townships ---------------------------------------------------------------------------------------------


def test_townships_come_in_in_the_order_of_the_sheet(office: TownshipOffice) -> None:
    sheet = townships(
        "序号 乡镇名称 代码 国土所",
        [1, "寻 寨镇", 130530101.0, "寻寨国土所"],
        [2, "白神首乡", "130530200", None],  # merged cells: one office for both
    )

    assert counts(sheet) == (2, 0, 0)
    rows = Township.objects.values_list("name", "code", "office__name", "order")
    assert list(rows) == [
        ("寻寨镇", "130530101", "寻寨国土所", 1),
        ("白神首乡", "130530200", "寻寨国土所", 2),
    ]


def test_a_changed_township_is_a_newer_version_and_keeps_its_place(office: TownshipOffice) -> None:
    row = TownshipFactory.create(name="寻寨镇", code="130530101", office=office, order=7)
    new_office = OfficeFactory.create(name="城北国土所")

    sheet = townships("乡镇 代码 国土所 路线顺序", ["寻寨镇", "130530109", "城北国土所", None])

    assert [change[1:] for change in sheet.changes] == [
        ("行政区划代码", "130530101", "130530109"),
        ("国土所", "寻寨国土所", "城北国土所"),
    ]
    row.refresh_from_db()
    assert (row.code, row.office, row.order, row.version) == ("130530109", new_office, 7, 2)


def test_columns_that_the_file_lacks_stay_as_they_are(office: TownshipOffice) -> None:
    row = TownshipFactory.create(name="寻寨镇", code="130530101", office=office, order=7)

    assert counts(townships("乡镇 路线顺序", ["寻寨镇", 9])) == (0, 1, 0)

    row.refresh_from_db()
    assert (row.code, row.office, row.order) == ("130530101", office, 9)


def test_an_unknown_office_is_one_of_those_that_exist_or_a_new_one(office: TownshipOffice) -> None:
    head, row = "乡镇 国土所", ["新河镇", "寻寨所"]
    asked = question(townships(head, row))
    assert (asked.code, asked.proposal) == ("unknown_office", "寻寨国土所")
    assert asked.options == (("寻寨国土所", "寻寨国土所"), ("寻寨所", "新建“寻寨所”"))

    sheet = townships(head, row, choices=answers((asked, "寻寨所")), dry_run=True)
    assert sheet.consequences == ["新建国土所：寻寨所。"]
    townships(head, row, choices=answers((asked, "寻寨所")))

    made = TownshipOffice.objects.get(name="寻寨所")
    assert (Township.objects.get().office, made.order) == (made, 2)
    assert Entry.objects.filter(object_repr="批量登记国土所：1 个").count() == 1


def test_one_new_office_serves_several_townships() -> None:
    sheet = townships("乡镇 国土所", ["新河镇", "城北所"], ["寻寨镇", "城北所"], accept=True)

    assert sheet.created == 2
    assert {township.office for township in Township.objects.all()} == {TownshipOffice.objects.get()}


def test_an_answer_that_is_no_office_is_an_error(office: TownshipOffice) -> None:
    head, row = "乡镇 国土所", ["新河镇", "寻寨所"]
    asked = question(townships(head, row))

    assert errors(townships(head, row, choices=answers((asked, "别的所")))) == [
        (2, "国土所", "unknown_office")
    ]


def test_a_township_called_by_half_its_name_is_no_new_one_unless_so_answered(office: TownshipOffice) -> None:
    TownshipFactory.create(name="寻寨镇", office=office)
    head, row = "乡镇 国土所", ["寻寨", "寻寨国土所"]
    asked = question(townships(head, row))
    assert (asked.code, asked.proposal) == ("same_place", "寻寨镇")

    assert townships(head, row, choices=answers((asked, "寻寨镇"))).unchanged == 1
    assert townships(head, row, choices=answers((asked, "寻寨"))).created == 1
    assert errors(townships("乡镇 国土所", ["寻寨乡", "寻寨国土所"], accept=True)) == []


@pytest.mark.parametrize(
    ("row", "found"),
    [
        (["新河镇", "13053010", "寻寨国土所", 1], [(2, "代码", "bad_code")]),
        (["新河镇", "", "", 1], [(2, "国土所", "required")]),
        (["新河镇", "", "寻寨国土所", -1], [(2, "路线顺序", "out_of_range")]),
        (["", "", "寻寨国土所", 1], [(2, "乡镇", "required")]),
    ],
)
def test_what_cannot_be_right_is_an_error(
    office: TownshipOffice, row: list[Any], found: list[tuple[int, str, str]]
) -> None:
    assert errors(townships("乡镇 代码 国土所 路线顺序", row)) == found


def test_a_new_township_needs_an_office(office: TownshipOffice) -> None:
    assert errors(townships("乡镇 代码", ["新河镇", "130530100"])) == [(2, "国土所", "required")]


# --- Villages ----------------------------------------------------------------------------------------------


@pytest.fixture
def township(office: TownshipOffice) -> Township:
    township: Township = TownshipFactory.create(name="寻寨镇", office=office)
    return township


def test_new_villages_come_behind_the_others_of_their_township(township: Township) -> None:
    other = TownshipFactory.create(name="新河镇")
    VillageFactory.create(township=township, name="东苑村", order=4)

    sheet = villages(
        "序号 所属乡镇 村（居）委会",
        [1, "寻寨镇", "西苑村"],
        [2, None, "东苑村"],
        [3, None, "南桥村"],
        [4, "新河镇", "东苑村"],
    )

    assert counts(sheet) == (3, 0, 1)
    assert list(township.villages.values_list("name", "order")) == [
        ("东苑村", 4), ("西苑村", 5), ("南桥村", 6),
    ]  # fmt: skip
    assert list(other.villages.values_list("name", "order")) == [("东苑村", 1)]


def test_a_village_that_changes_its_place_is_seen_by_who_edits_the_township(township: Township) -> None:
    VillageFactory.create(township=township, name="东苑村", order=4)

    assert counts(villages("乡镇 村居 路线顺序", ["寻寨镇", "东苑村", 2])) == (0, 1, 0)

    township.refresh_from_db()
    assert (township.villages.get().order, township.version) == (2, 2)


def test_a_blank_place_on_the_route_changes_nothing(township: Township) -> None:
    VillageFactory.create(township=township, name="东苑村", order=4)

    assert counts(villages("乡镇 村居 路线顺序", ["寻寨镇", "东苑村", None])) == (0, 0, 1)


def test_an_unknown_township_is_asked_about_once_and_the_answer_is_for_all_its_rows(
    township: Township,
) -> None:
    TownshipFactory.create(name="新河镇")
    head, rows = "乡镇 村", [["寻寨", "东苑村"], ["寻寨", "西苑村"]]
    first, second = villages(head, *rows).findings
    assert (first.code, first.proposal, first.question) == ("unknown_township", "寻寨镇", second.question)
    assert first.options == (("寻寨镇", "寻寨镇"), ("新河镇", "新河镇"))

    villages(head, *rows, choices=answers((first, "新河镇")))

    assert set(Village.objects.values_list("township__name", flat=True)) == {"新河镇"}
    assert errors(villages(head, *rows, choices=answers((first, "东河镇")))) == [
        (2, "乡镇", "unknown_township"), (3, "乡镇", "unknown_township"),
    ]  # fmt: skip


def test_a_township_like_none_that_exists_is_an_error(township: Township) -> None:
    assert errors(villages("乡镇 村", ["浦东", "东苑村"])) == [(2, "乡镇", "unknown_township")]


def test_a_village_called_by_half_its_name_is_no_new_one_unless_so_answered(township: Township) -> None:
    VillageFactory.create(township=township, name="东苑村", order=1)
    head, row = "乡镇 村名", ["寻寨镇", "东苑村委会"]
    asked = question(villages(head, row))
    assert (asked.code, asked.proposal) == ("same_place", "东苑村")

    assert villages(head, row, choices=answers((asked, "东苑村"))).unchanged == 1
    assert villages(head, row, choices=answers((asked, "东苑村委会"))).created == 1


def test_the_same_village_twice_is_an_error(township: Township) -> None:
    sheet = villages("乡镇 村", ["寻寨镇", "东苑村"], ["寻寨镇", "东苑村"])

    assert errors(sheet) == [(3, "村", "duplicate_row")]


# --- Both --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("extension", ["xlsx", "csv"])
@pytest.mark.parametrize("target", [Townships, Villages])
def test_the_exported_table_imports_unchanged(township: Township, target: Any, extension: str) -> None:
    TownshipFactory.create(name="新河镇", code="130530100")
    VillageFactory.create_batch(2, township=township)
    file = BytesIO()
    count = write_table(file, target(actor=None, today=TODAY), extension)

    sheet = only(bring_file(file.getvalue(), f"表.{extension}", target.name))

    assert counts(sheet) == (0, 0, count)
    assert (count, sheet.missing) == (2, 0)


@pytest.mark.parametrize("kind", ["townships", "villages"])
def test_queries_do_not_grow_with_the_rows(township: Township, kind: str) -> None:
    def cost(first: int, count: int, order: int) -> int:
        numbers = range(first, first + count)
        rows = {
            "townships": [
                ["乡镇", "国土所", "路线顺序"],
                *([f"第{n}镇", "寻寨国土所", order] for n in numbers),
            ],
            "villages": [["乡镇", "村居", "路线顺序"], *(["寻寨镇", f"第{n}村", order] for n in numbers)],
        }[kind]
        with CaptureQueriesContext(connection) as queries:
            bring_file(files.xlsx(rows), "表.xlsx", kind)
        return len(queries)

    cost(90, 1, 1)  # what is asked once in a process
    few = cost(0, 2, 1)
    assert cost(10, 50, 1) == few
    few = cost(0, 2, 2)
    assert cost(10, 50, 2) == few


@pytest.mark.parametrize("target", [Staff, Townships, Villages])
def test_no_head_means_two_columns(target: type[Target]) -> None:
    heads = [fold(head) for column in target.columns for head in (column.title, *column.synonyms)]

    assert sorted(heads) == sorted(set(heads))


# --- Names -------------------------------------------------------------------------------------------------


def test_names_are_found_but_for_spaces_brackets_and_width() -> None:
    names = Names([("城区（新河）国土所", 1), ("A区所", 2)])

    assert names.find("城区(新河)国土所") == 1
    assert names.find("Ａ区 所") == 2
    assert names.find("城区") is None


@given(st.text(alphabet="东西苑桥头新", min_size=1, max_size=5))
def test_kinds_of_a_village_make_no_other_village(name: str) -> None:
    kinds = ("", "村", "村委会", "村民委员会", "社区", "社区居委会")

    assert {stem(name + kind) for kind in kinds} == {name}
    assert stem("村") == "村"


def test_the_same_village_name_in_two_townships_is_two_questions(office: TownshipOffice) -> None:
    for name in ("甲镇", "乙镇"):
        VillageFactory(name="东苑村", township=TownshipFactory(name=name, office=office))

    sheet = villages("乡镇 村居", ["甲镇", "东苑社区"], ["乙镇", "东苑社区"])

    asked = [(found.row, found.code) for found in sheet.questions]
    assert asked == [(2, "same_place"), (3, "same_place")]
    assert len({found.question for found in sheet.questions}) == 2


def test_two_spellings_of_one_new_village_are_asked_about(township: Township) -> None:
    sheet = villages("乡镇 村居", [township.name, "北关村"], [township.name, "北关"])

    assert [(found.row, found.proposal) for found in sheet.questions] == [(3, "北关村")]


def test_the_township_before_the_name_of_a_village_is_no_part_of_it(township: Township) -> None:
    VillageFactory(name="东苑村", township=township)

    assert villages("乡镇 村居", [township.name, f"{township.name}东苑村"]).unchanged == 1


def test_a_number_is_no_name_of_a_village(township: Township) -> None:
    assert errors(villages("乡镇 村居", [township.name, 12])) == [(2, "村居", "no_name")]


@pytest.mark.parametrize("dry_run", [True, False])
def test_villages_of_a_township_that_is_new_in_the_same_file(office: TownshipOffice, dry_run: bool) -> None:
    """A dry run finds what the run would find."""
    book = {
        "乡镇": [["乡镇", "国土所"], ["城关街道", office.name]],
        "村居": [["乡镇", "村居"], ["城关街道", "东关社区"]],
    }

    report = bring_file(files.xlsx(book), "乡村.xlsx", dry_run=dry_run)

    assert [sheet.created for sheet in report.sheets] == [1, 1]
    assert report.is_clear
    assert Village.objects.exists() is not dry_run


@pytest.mark.parametrize(
    ("typed", "nearest"),
    [("监查股", "监察股"), ("监察", "监察股"), ("信息中心", ""), ("法规股", ""), ("城区国土所", "")],
)
def test_what_two_names_have_in_common_by_their_kind_makes_them_not_alike(typed: str, nearest: str) -> None:
    names = Names((name, name) for name in ("监察股", "规划股", "储备中心", "西流国土所"))

    assert next(iter(names.nearest(typed)), "") == nearest
