"""Pages of kinds and wordings, and their configuration tables."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from landbureau.documents.models import Kind, KindField, NumberCounter, Series, ServiceMethod, Wording
from tests.documents.factories import KindFactory, WordingFactory
from tests.factories import UserFactory, allow

pytestmark = pytest.mark.django_db

OLD, NEW = "请于{日期}前办理。", "请于{日期}前（含当日）办理。"


@pytest.fixture
def kind() -> Kind:
    kind = KindFactory(title="限期办理通知", code="limit")
    KindField.objects.create(
        kind=kind, name="日期", type="date", required=True, help_text="最后一天", sample="2026-12-18"
    )
    WordingFactory(kind=kind, text=OLD, shipped=True)
    return kind  # type: ignore[no-any-return]


@pytest.fixture
def reader(client: Client) -> Client:
    client.force_login(allow(UserFactory(), "view_document"))
    return client


@pytest.fixture
def admin() -> Client:
    client = Client()
    client.force_login(allow(UserFactory(name="林改字"), "update_config", "update_series"))
    return client


def edit_url(kind: Kind, query: str = "") -> str:
    return reverse("documents:edit_wording", args=[kind.code]) + query


# --- Reading ---------------------------------------------------------------------------------------------


def test_the_list_of_kinds_needs_the_same_queries_for_any_number(reader: Client, kind: Kind) -> None:
    url = reverse("documents:kinds")
    reader.get(url)
    with CaptureQueriesContext(connection) as few:
        page = reader.get(url).content.decode()
    assert "限期办理通知" in page
    assert "出让金催缴通知单" in page
    WordingFactory.create_batch(3)
    with CaptureQueriesContext(connection) as many:
        reader.get(url)
    assert sum('FROM "documents_kind"' in query["sql"] for query in few) == 1
    assert len(few) == len(many)


def test_the_page_of_a_kind_shows_wording_fields_and_versions_and_no_way_to_edit(
    reader: Client, kind: Kind
) -> None:
    page = reader.get(kind.get_absolute_url()).content.decode()
    assert '<span class="doc-slot">日期</span>' in page
    assert "最后一天" in page
    assert "第1版" in page
    assert edit_url(kind) not in page


def test_a_version_is_compared_with_the_one_before_or_a_chosen_one(reader: Client, kind: Kind) -> None:
    WordingFactory(kind=kind, number=2, text="务必于{日期}前办理。")
    WordingFactory(kind=kind, number=3, text=NEW)
    url = reverse("documents:wording", args=[kind.code, 3])
    assert "<del>务必</del><ins>请</ins>" in reader.get(url).content.decode()
    assert "<ins>（含当日）</ins>" in reader.get(url, {"with": 1}).content.decode()
    for odd in ("9", "x", "³"):
        assert reader.get(url, {"with": odd}).status_code == 200
    assert reader.get(reverse("documents:wording", args=[kind.code, 4])).status_code == 404


def test_a_newer_delivered_text_is_offered_to_who_kept_an_own_one(admin: Client, kind: Kind) -> None:
    Kind.objects.filter(pk=kind.pk).update(shipped={"wording": NEW})
    assert "程序提供的用语有更新" in admin.get(kind.get_absolute_url()).content.decode()
    page = admin.get(edit_url(kind, "?from=delivered")).content.decode()
    assert NEW in page
    assert "<ins>（含当日）</ins>" in page


# --- Writing ---------------------------------------------------------------------------------------------


def test_a_new_wording_is_saved_as_a_version(admin: Client, kind: Kind) -> None:
    page = admin.get(edit_url(kind)).content.decode()
    assert "{日期}" in page
    assert "{受送达人}" in page
    typed = {"text": NEW, "reason": "含当日", "seen": 1, "act": "save"}
    answer = admin.post(edit_url(kind), typed, follow=True)
    assert "用语已保存为第2版" in answer.content.decode()
    saved = kind.wordings.get(number=2)
    assert (saved.text, saved.written_by.name) == (NEW, "林改字")


def test_mistakes_are_told_at_their_place_and_what_was_typed_is_kept(admin: Client, kind: Kind) -> None:
    typed = "请于{限期}前办理。"
    answer = admin.post(edit_url(kind), {"text": typed, "seen": 1, "act": "save"})
    assert answer.context["form"].errors.keys() == {"reason"}
    answer = admin.post(edit_url(kind), {"text": typed, "reason": "改", "seen": 1, "act": "save"})
    assert answer.context["form"].errors == {"text": ["第1段：没有名为“限期”的栏目"]}
    assert typed in answer.content.decode()
    assert kind.wordings.count() == 1


def test_the_pages_are_shown_before_anything_is_saved(admin: Client, kind: Kind) -> None:
    answer = admin.post(edit_url(kind), {"text": NEW, "seen": 1, "sparse": "on", "act": "preview"})
    (picture,) = answer.context["pictures"]
    assert picture.startswith("data:image/png;base64,")
    assert "<ins>（含当日）</ins>" in answer.content.decode()
    assert kind.wordings.count() == 1


def test_the_second_editor_sees_the_others_version_and_decides(admin: Client, kind: Kind) -> None:
    WordingFactory(kind=kind, number=2, text="务必于{日期}前办理。", written_by=UserFactory(name="陈先改"))
    typed = {"text": NEW, "reason": "含当日", "seen": 1, "act": "save"}
    answer = admin.post(edit_url(kind), typed)
    page = answer.content.decode()
    assert "陈先改已保存第2版" in page
    assert NEW in page
    assert "<del>务必</del><ins>请</ins>" in page
    assert kind.wordings.count() == 2
    assert answer.context["form"]["seen"].value() == "2"
    admin.post(edit_url(kind), typed | {"seen": 2})
    assert kind.wordings.get(number=3).text == NEW


def test_a_former_version_is_restored_as_a_new_one(admin: Client, kind: Kind) -> None:
    WordingFactory(kind=kind, number=2, text=NEW)
    form = admin.get(edit_url(kind, "?from=1")).context["form"]
    assert (form["text"].value(), form["reason"].value(), form["seen"].value()) == (OLD, "恢复第1版", 2)
    assert admin.get(edit_url(kind, "?from=7")).status_code == 404
    for odd in ("x", "³", "9" * 30):
        assert admin.get(edit_url(kind, f"?from={odd}")).status_code == 200


def test_who_reads_documents_does_not_write_wordings(reader: Client, kind: Kind) -> None:
    assert reader.post(edit_url(kind), {"text": NEW, "reason": "改", "seen": 1}).status_code == 403
    assert Wording.objects.filter(kind=kind).count() == 1


# --- Configuration tables --------------------------------------------------------------------------------


def form_data(admin: Client, url: str) -> dict[str, object]:
    """What the browser would send back unchanged."""
    form = admin.get(url).context["adminform"].form
    data = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    return {name: value for name, value in data.items() if value is not None and value is not False}


def inline_data(admin: Client, url: str) -> dict[str, object]:
    (formset,) = [inline.formset for inline in admin.get(url).context["inline_admin_formsets"]]
    data = {f"{formset.prefix}-{name}": value for name, value in formset.management_form.initial.items()}
    for form in formset.forms:
        for name, field in form.fields.items():
            value = form.get_initial_for_field(field, name)
            if value is not None and value is not False:
                data[form.add_prefix(name)] = getattr(value, "pk", value)
    return data


def test_a_series_needs_its_own_permission_and_shows_how_far_numbers_went(admin: Client) -> None:
    series = Series.objects.get(code="premium")
    NumberCounter.objects.create(organ_code="新国土资", series=series, year=2026, last=17)
    url = reverse("admin:documents_series_change", args=[series.pk])
    assert "新国土资催〔2026〕17号" in admin.get(url).content.decode()
    reader = Client()
    reader.force_login(allow(UserFactory(), "update_config"))
    assert reader.get(url).status_code == 200
    assert reader.post(url, {"name": "改"}).status_code == 403
    assert reader.get(reverse("admin:documents_series_add")).status_code == 403


def test_numbers_in_use_have_no_page(admin: Client) -> None:
    page = admin.get(reverse("admin:index")).content.decode()
    assert "文号系列" in page
    assert "numbercounter" not in page


def test_two_series_cannot_share_a_mark(admin: Client) -> None:
    url = reverse("admin:documents_series_change", args=[Series.objects.get(code="letter").pk])
    answer = admin.post(url, form_data(admin, url) | {"mark": "催"})
    assert "文号会重复" in answer.content.decode()
    assert Series.objects.get(code="letter").mark == "函"


def test_the_approval_of_a_kind_can_be_changed_and_its_fields_keep_their_names(
    admin: Client, kind: Kind
) -> None:
    url = reverse("admin:documents_kind_change", args=[kind.pk])
    data = form_data(admin, url) | inline_data(admin, url) | {"approval": "leader"}
    answer = admin.post(url, data | {"fields-0-name": "别名", "fields-0-help_text": "新说明"})
    assert answer.status_code == 302, answer.context["errors"]
    kind.refresh_from_db()
    field = kind.fields.get()
    assert (kind.approval, field.name, field.help_text) == ("leader", "日期", "新说明")


def test_a_kind_that_is_not_served_has_no_time_limit_for_it(admin: Client, kind: Kind) -> None:
    url = reverse("admin:documents_kind_change", args=[kind.pk])
    data = form_data(admin, url) | inline_data(admin, url) | {"serve_within_days": 5}
    del data["needs_service"]
    assert "不须送达的文书没有这一项" in admin.post(url, data).content.decode()


@pytest.mark.parametrize("name", ["有 空格", "{金额}", "受送达人", "金额大写"])
def test_a_field_may_not_have_a_name_that_wordings_cannot_use(admin: Client, kind: Kind, name: str) -> None:
    url = reverse("admin:documents_kind_change", args=[kind.pk])
    new = {"fields-1-name": name, "fields-1-type": "text", "fields-1-order": 2}
    answer = admin.post(url, form_data(admin, url) | inline_data(admin, url) | new)
    assert answer.status_code == 200
    assert kind.fields.count() == 1


def test_the_days_of_a_publication_can_be_adapted_and_methods_are_not_added(admin: Client) -> None:
    method = ServiceMethod.objects.get(code="public")
    url = reverse("admin:documents_servicemethod_change", args=[method.pk])
    assert admin.post(url, form_data(admin, url) | {"days": 60}).status_code == 302
    method.refresh_from_db()
    assert (method.days, method.date_rule) == (60, "published")
    assert admin.get(reverse("admin:documents_servicemethod_add")).status_code == 403
