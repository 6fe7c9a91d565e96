"""The list page: what it shows, how it is narrowed, and acts on many rows."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from landbureau.accounts.models import Township, User, Village
from landbureau.web.models import SavedView
from tests.factories import TownshipFactory, UserFactory, VillageFactory, allow
from tests.web.pages import asked, body_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]
LIST = "/demo/list/"


@pytest.fixture
def town() -> Township:
    Village.objects.all().delete()
    return TownshipFactory(name="测寨镇")


def names_on(body: str) -> list[str]:
    return re.findall(r'class="lb-name"><a[^>]*>([^<]+)</a>', body)


def test_rows_come_in_the_order_of_the_queryset_and_by_column_when_asked(
    browser: Client, town: Township
) -> None:
    for name, order in (("乙村", 2), ("甲村", 1), ("丙村", 3)):
        VillageFactory(name=name, order=order, township=town)
    assert names_on(body_of(browser.get(LIST))) == ["甲村", "乙村", "丙村"]
    body = body_of(browser.get(LIST, {"sort": "-order"}))
    assert names_on(body) == ["丙村", "乙村", "甲村"]
    assert 'aria-sort="descending"' in body
    assert "排序：路线顺序 降序" in body


@pytest.mark.parametrize(
    "query",
    ["sort=nonsense", "sort=-due", "page=99", "page=x", "size=7", "size=x", "col=x", "sort=", "page=-1"],
)
def test_nonsense_in_the_address_shows_the_list(browser: Client, town: Township, query: str) -> None:
    VillageFactory(name="甲村", township=town)
    assert names_on(body_of(browser.get(f"{LIST}?{query}"))) == ["甲村"]


def test_pages_keep_the_conditions(browser: Client, town: Township) -> None:
    for n in range(45):
        VillageFactory(name=f"{n:02}村", order=n, township=town)
    body = body_of(browser.get(LIST, {"q": "村", "page": 2}))
    assert names_on(body)[0] == "20村"
    assert "第 21–40 个，共 45 个" in body
    assert "page=3&amp;q=%E6%9D%91" in body
    assert len(names_on(body_of(browser.get(LIST, {"size": "50"})))) == 45


def test_each_condition_has_a_chip_that_removes_it_alone(browser: Client, town: Township) -> None:
    VillageFactory(name="甲村", order=5, township=town)
    VillageFactory(name="甲社区", order=5, township=town)
    body = body_of(
        browser.get(
            LIST,
            {
                "q": "甲",
                "kind": "rural",
                "township": town.pk,
                "order_min": "3",
                "visited_after": "2026-01-01",
            },
        )
    )
    assert names_on(body) == ["甲村"]
    for chip in ("村居名称：甲", "类别：农村", "乡镇：测寨镇", "路线顺序：3 起", "最近巡查：2026-01-01 起"):
        assert f"去掉条件 {chip}" in body
    assert f'href="?order_min=3&amp;q=%E7%94%B2&amp;township={town.pk}&amp;visited_after=2026-01-01"' in body
    assert '<details class="lb-more" open>' in body


def test_a_preset_stands_as_chips_and_leaves_the_further_conditions_closed(
    browser: Client, town: Township
) -> None:
    body = body_of(browser.get(LIST, {"order_min": "1", "order_max": "1", "q": "村"}))
    assert "去掉条件 路线顺序：1" in body
    assert '<details class="lb-more">' in body
    body = body_of(browser.get(LIST, {"order_min": "1", "order_max": "2"}))
    assert '<details class="lb-more" open>' in body


def test_a_wrong_condition_shows_its_error_and_no_rows(browser: Client, town: Township) -> None:
    VillageFactory(name="甲村", township=town)
    body = body_of(browser.get(LIST, {"visited_after": "gestern"}))
    assert names_on(body) == []
    assert "输入一个有效的日期。" in body
    assert "没有符合条件的记录" in body
    assert "全部清除" in body or "清除全部条件" in body


def test_an_empty_list_says_what_to_do_next(browser: Client, town: Township) -> None:
    body = body_of(browser.get(LIST))
    assert "还没有村居" in body
    assert "先在“系统配置”中登记乡镇和村居。" in body


def test_presets_say_how_many_rows_they_hold(browser: Client, town: Township) -> None:
    for order in (1, 1, 2):
        VillageFactory(order=order, township=town)
    body = body_of(browser.get(LIST, {"order_min": "1", "order_max": "1"}))
    assert re.search(r'aria-current="page">逾期 <small>2</small>', body)
    assert "农村 <small>3</small>" in body


def test_columns_are_chosen_and_the_fixed_one_stays(browser: Client, town: Township) -> None:
    VillageFactory(name="甲村", township=town)
    assert 'data-label="行政区划代码"' not in body_of(browser.get(LIST))
    body = body_of(browser.get(LIST, {"col": ["code", "order"]}))
    assert 'data-label="行政区划代码"' in body
    assert 'data-label="国土所"' not in body
    assert names_on(body) == ["甲村"]


def test_query_count_does_not_grow_with_rows_or_views(browser: Client, alice: User, town: Township) -> None:
    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            browser.get(LIST)
        return len(queries)

    VillageFactory(township=town)
    browser.get(LIST)
    few = count()
    for n in range(30):
        VillageFactory(township=town)
        SavedView.objects.create(user=alice, page="demo:list", name=str(n), query=f"q={n}")
    assert count() == few


# --- Acts on many rows ----------------------------------------------------------------------------


@pytest.fixture
def three(town: Township) -> list[Village]:
    return [VillageFactory(name=f"{n}村", order=n, township=town) for n in (1, 2, 3)]


def test_an_act_asks_first_and_says_how_many(browser: Client, three: list[Village]) -> None:
    body = body_of(browser.post(LIST, {"act": "renumber", "pk": [three[0].pk, three[1].pk]}))
    assert "重排 2 个村居的路线？" in body
    assert "1村" in body
    assert "3村" not in body
    assert Village.objects.filter(order=9).count() == 0


def test_a_confirmed_act_is_done_once_and_reported(browser: Client, three: list[Village]) -> None:
    data = {"act": "renumber", "pk": [v.pk for v in three[:2]], "reason": "新路线"}
    body = body_of(browser.post(LIST, asked(browser, LIST, data), follow=True))
    assert "已重排 2 个村居，事由：新路线。" in body
    assert Village.objects.filter(order=9).count() == 2


def test_everything_means_what_the_filters_show(browser: Client, three: list[Village]) -> None:
    data = {"act": "renumber", "everything": "1", "reason": "新路线"}
    browser.post(f"{LIST}?order_max=2", asked(browser, f"{LIST}?order_max=2", data))
    assert sorted(Village.objects.values_list("order", flat=True)) == [3, 9, 9]


def test_an_act_is_asked_again_when_the_rows_have_changed(browser: Client, three: list[Village]) -> None:
    data = asked(browser, LIST, {"act": "renumber", "everything": "1", "reason": "新路线"})
    three[0].delete()
    VillageFactory(township=three[1].township)
    assert "现为 3 个。请重新核对" in body_of(browser.post(LIST, data)), "as many, but others"
    assert "请重新核对" in body_of(browser.post(LIST, data | {"seen": "1:x"}))
    assert Village.objects.filter(order=9).count() == 0


def test_missing_facts_are_asked_for_and_nothing_is_done(browser: Client, three: list[Village]) -> None:
    data = {"act": "renumber", "pk": [three[0].pk], "reason": ""}
    body = body_of(browser.post(LIST, asked(browser, LIST, data)))
    assert "这个字段是必填项" in body or "必填" in body
    assert Village.objects.filter(order=9).count() == 0


def test_a_refusal_of_the_service_is_told_at_the_question(browser: Client, three: list[Village]) -> None:
    data = {"act": "renumber", "pk": [three[0].pk], "reason": "拒绝"}
    body = body_of(browser.post(LIST, asked(browser, LIST, data)))
    assert "这条路线不能重排。" in body
    assert "重排 1 个村居的路线？" in body


def test_nothing_selected_is_said(browser: Client, three: list[Village]) -> None:
    assert "请先选择要办理的记录。" in body_of(browser.post(LIST, {"act": "renumber"}, follow=True))
    assert "请先选择" in body_of(browser.post(LIST, {"act": "renumber", "pk": ["x"]}, follow=True))


def test_an_act_needs_its_permission(browser: Client, alice: User, three: list[Village]) -> None:
    assert "清除" not in re.findall(r'name="act" value="erase"', body_of(browser.get(LIST)))
    assert browser.post(LIST, {"act": "erase", "pk": [three[0].pk]}).status_code == 403
    allow(alice, "update_config")
    assert browser.post(LIST, {"act": "erase", "pk": [three[0].pk]}).status_code == 200


def test_an_unknown_act_is_a_bad_request(browser: Client, three: list[Village]) -> None:
    response = browser.post(LIST, {"act": "nonsense", "pk": [three[0].pk]})
    assert response.status_code == 400
    assert "这个请求无法处理" in body_of(response)


# --- Saved views ----------------------------------------------------------------------------------


@pytest.fixture
def save(browser: Client) -> Callable[..., str]:
    def act(**data: str) -> str:
        values = {
            "page": "demo:list",
            "name": "两镇",
            "query": "kind=rural",
            "next": f"{LIST}?kind=rural",
        } | data
        return body_of(browser.post("/web/views/", values, follow=True))

    return act


def test_a_view_is_saved_shown_renamed_and_deleted(
    browser: Client, alice: User, town: Township, save: Callable[..., str]
) -> None:
    body = save()
    assert "已存为视图“两镇”" in body
    assert re.search(r'href="\?kind=rural" aria-current="page"><i[^>]*></i>两镇', body)
    view = SavedView.objects.get(user=alice)
    browser.post(f"/web/views/{view.pk}/rename/", {"name": "三镇", "next": LIST})
    assert "三镇" in body_of(browser.get(LIST))
    browser.post(f"/web/views/{view.pk}/delete/", {"next": LIST})
    assert "三镇</a>" not in body_of(browser.get(LIST))


def test_the_same_name_replaces_the_view(alice: User, save: Callable[..., str]) -> None:
    save()
    save(query="q=1")
    assert SavedView.objects.get(user=alice).query == "q=1"


def test_a_person_keeps_at_most_thirty_views_of_a_list(alice: User, save: Callable[..., str]) -> None:
    for number in range(30):
        SavedView.objects.create(user=alice, page="demo:list", name=f"视图{number}")
    assert "每个列表最多存 30 个视图，请先删除不用的。" in save()
    assert "已存为视图“视图3”" in save(name="视图3")
    assert SavedView.objects.get(user=alice, name="视图3").query == "kind=rural"
    assert "已存为视图" in save(page="audit:entries")
    assert SavedView.objects.count() == 31


@pytest.mark.parametrize("page", ["home:desk", "nothing:here", "demo:office", "x" * 80, "/demo/list/"])
def test_a_view_belongs_to_a_list_that_exists(
    alice: User, town: Township, save: Callable[..., str], page: str
) -> None:
    assert "视图没有保存：没有这个列表。" in save(page=page)
    assert not SavedView.objects.exists()


def test_views_are_a_persons_own(browser: Client, town: Township) -> None:
    bob = UserFactory()
    view = SavedView.objects.create(user=bob, page="demo:list", name="鲍勃的", query="q=1")
    assert "鲍勃的" not in body_of(browser.get(LIST))
    assert browser.post(f"/web/views/{view.pk}/rename/", {"name": "x"}).status_code == 404
    assert browser.post(f"/web/views/{view.pk}/delete/").status_code == 404
    view.refresh_from_db()
    assert view.name == "鲍勃的"


@pytest.mark.parametrize("name", ["", "  ", "字" * 41])
def test_a_view_needs_a_name_of_reasonable_length(
    browser: Client, alice: User, town: Township, save: Callable[..., str], name: str
) -> None:
    assert "视图没有保存" in save(name=name)
    assert not SavedView.objects.exists()
    view = SavedView.objects.create(user=alice, page="demo:list", name="原名", query="q=1")
    browser.post(f"/web/views/{view.pk}/rename/", {"name": name})
    view.refresh_from_db()
    assert view.name == "原名"


def test_a_view_cannot_take_the_name_of_another(browser: Client, alice: User) -> None:
    for name in ("甲", "乙"):
        SavedView.objects.create(user=alice, page="demo:list", name=name, query="q=1")
    browser.post(f"/web/views/{SavedView.objects.get(name='甲').pk}/rename/", {"name": "乙"})
    assert sorted(SavedView.objects.values_list("name", flat=True)) == sorted(["甲", "乙"])


@pytest.mark.parametrize("url", ["https://example.com/", "//example.com", "javascript:alert(1)"])
def test_nobody_is_led_away_from_the_site(browser: Client, url: str) -> None:
    response = browser.post("/web/theme/", {"theme": "dark", "next": url})
    assert response.headers["Location"] == "/desk/"


def test_a_phone_leaves_out_what_a_row_does_not_hold(client: Client, db: None) -> None:
    client.force_login(allow(UserFactory(position="", phone=""), "view_staff"))
    body = body_of(client.get("/desk/people/"))
    assert re.search(r'<td data-label="职务" data-none[^>]*>—</td>', body)
    assert not re.search(r'<td data-label="状态" data-none', body)
