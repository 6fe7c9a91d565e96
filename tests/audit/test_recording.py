"""What gets into the record: edits by django-auditlog, sign-ins, acts; and what does not."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from auditlog.context import set_actor
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.signals import user_logged_out, user_login_failed
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import reverse

from landbureau.accounts.models import Absence, Section, User
from landbureau.audit.middleware import AuditMiddleware
from landbureau.audit.models import Entry
from landbureau.audit.receivers import record_failure
from landbureau.audit.services import record
from landbureau.web.models import SavedView
from landbureau.web.versions import save_edit
from tests.factories import PASSWORD, SectionFactory, UserFactory

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
Action = Entry.Action

pytestmark = pytest.mark.django_db


def rows(action: int) -> list[Entry]:
    return list(Entry.objects.filter(action=action).order_by("pk"))


# --- Edits ---


def test_creation_is_recorded_with_its_facts_only() -> None:
    section = SectionFactory(name="试验股")
    entry = Entry.objects.get_for_object(section).get()
    assert entry.action == Action.CREATE
    assert entry.object_repr == "试验股"
    assert entry.changes["name"] == [None, "试验股"]
    fields = {field.name for field in Section._meta.concrete_fields}
    assert set(entry.changes) <= fields - {"id", "version"}


def test_an_edit_is_recorded_old_and_new() -> None:
    section = SectionFactory(name="试验股", phone="0319-1")
    section.phone = "0319-2"
    save_edit(section, ["phone"])
    entry = Entry.objects.get_for_object(section).get(action=Action.UPDATE)
    assert entry.changes == {"phone": ["0319-1", "0319-2"]}


def test_deletion_is_recorded() -> None:
    section = SectionFactory(name="试验股")
    pk = section.pk
    section.delete()
    entry = Entry.objects.get(action=Action.DELETE, object_id=pk, object_repr="试验股")
    assert entry.changes["name"] == ["试验股", None]


def test_saving_without_a_change_leaves_no_row() -> None:
    section = SectionFactory()
    section.save()
    assert not Entry.objects.get_for_object(section).filter(action=Action.UPDATE).exists()


def test_secrets_never_get_into_the_record() -> None:
    user = UserFactory(phone="13800000000")
    user.set_password("Neue-mima-2027")
    user.phone = "13800001111"
    user.save()
    text = "".join(f"{entry.changes}{entry.serialized_data}" for entry in Entry.objects.all())
    assert "'password'" not in text
    assert user.password not in text
    assert "13800001111" not in text
    assert Entry.objects.get_for_object(user).get(action=Action.UPDATE).changes["phone"] == [
        "138****0000",
        "138****1111",
    ]


def test_a_new_password_alone_leaves_no_row_of_an_edit() -> None:
    user = UserFactory()
    user.set_password("Neue-mima-2027")
    user.save()
    assert not Entry.objects.get_for_object(user).filter(action=Action.UPDATE).exists()


def test_a_many_to_many_change_is_recorded() -> None:
    """No model of ours has such a field yet; django-auditlog's rows of them fit into the table."""
    user = UserFactory()
    other = UserFactory(name="乙")
    Entry.objects.log_m2m_changes(User.objects.filter(pk=other.pk), user, "add", "groups")
    entry = Entry.objects.get_for_object(user).get(action=Action.UPDATE)
    assert entry.changes == {"groups": {"type": "m2m", "operation": "add", "objects": ["乙"]}}


def test_the_person_and_the_address_of_the_request_are_on_the_row(rf: RequestFactory, settings: Any) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.1"]
    user = UserFactory()

    def view(request: HttpRequest) -> None:
        SectionFactory(name="页面里新增")
        record(Action.BULK, actor=None, text="页面里的批量")

    request = rf.get("/", REMOTE_ADDR="10.0.0.1", headers={"X-Forwarded-For": "6.6.6.6, 10.1.2.3"})
    request.user = user
    AuditMiddleware(view)(request)
    for text in ("页面里新增", "页面里的批量"):
        entry = Entry.objects.get(object_repr=text)
        assert entry.actor == user
        assert entry.remote_addr == "10.1.2.3"


def test_outside_of_requests_nobody_is_named() -> None:
    entry = Entry.objects.get_for_object(SectionFactory()).get()
    assert entry.actor is None
    assert entry.remote_addr is None


def test_a_task_can_name_the_person_it_works_for() -> None:
    user = UserFactory()
    with set_actor(user):
        section = SectionFactory()
    assert Entry.objects.get_for_object(section).get().actor == user


def test_a_person_with_rows_cannot_be_deleted() -> None:
    user = UserFactory()
    record(Action.BULK, actor=user, text="做过的事")
    with pytest.raises(Exception, match="protected"):
        user.delete()


# --- Acts ---


def test_an_act_keeps_counts_days_and_its_subject() -> None:
    section = SectionFactory()
    entry = record(
        Action.BULK,
        actor=None,
        text="批量\x00改\n派",
        subject=section,
        data={"count": 2, "on": date(2026, 11, 23)},
    )
    entry.refresh_from_db()
    assert entry.object_repr == "批量 改 派"
    assert entry.additional_data == {"count": 2, "on": "2026-11-23"}
    assert list(Entry.objects.get_for_object(section).filter(action=Action.BULK)) == [entry]


def test_an_act_may_have_a_subject_without_a_number() -> None:
    session = Client()
    session.force_login(UserFactory())
    entry = record(Action.DOWNLOAD, actor=None, text="会话", subject=session.session.model(session_key="abc"))
    assert (entry.object_pk, entry.object_id) == ("abc", None)


# --- Sign-ins ---


def sign_in(username: str, password: str, client: Client | None = None) -> None:
    (client or Client()).post(
        reverse("accounts:login"), {"username": username, "password": password}, REMOTE_ADDR="10.1.2.3"
    )


def test_signing_in_and_out_leaves_a_row_each() -> None:
    user = UserFactory(username="zhang")
    client = Client()
    sign_in("zhang", PASSWORD, client)
    client.post(reverse("accounts:logout"), REMOTE_ADDR="10.1.2.4")
    (signed_in,) = rows(Action.SIGN_IN)
    (signed_out,) = rows(Action.SIGN_OUT)
    assert signed_in.actor == signed_out.actor == user
    assert (signed_in.remote_addr, signed_out.remote_addr) == ("10.1.2.3", "10.1.2.4")


@pytest.mark.parametrize(
    ("username", "text"), [("zhang", "zhang"), ("Mein-Wort-9", "Me…（11 个字符，无此账号）")]
)
def test_a_failed_sign_in_records_a_known_name_and_never_a_password(username: str, text: str) -> None:
    """Whoever slips types the password into the field for the name."""
    user = UserFactory(username="zhang")
    sign_in(username, "Geheim-wort-77")
    (entry,) = rows(Action.SIGN_IN_FAILED)
    assert entry.actor is None
    assert entry.object_repr == text
    assert entry.object_id == (user.pk if username == "zhang" else None)
    assert entry.remote_addr == "10.1.2.3"
    assert "Geheim-wort-77" not in str(list(Entry.objects.values()))


def test_a_lock_is_one_row_and_refused_attempts_are_none() -> None:
    """Whoever goes on trying must not be able to fill a table from which nothing can be deleted."""
    UserFactory(username="zhang")
    with time_machine.travel(NOW, tick=False):
        for _ in range(12):
            sign_in("zhang", "wrong")
    assert len(rows(Action.SIGN_IN_FAILED)) == 5
    assert len(rows(Action.LOCKED_OUT)) == 1
    with time_machine.travel(NOW + timedelta(minutes=20), tick=False):
        for _ in range(7):
            sign_in("zhang", "wrong")
    assert len(rows(Action.LOCKED_OUT)) == 2


def test_a_name_that_is_no_name_is_survived() -> None:
    request = RequestFactory().post("/")
    for username in ("a\x00b" * 200, "", None):
        record_failure(credentials={"username": username}, request=request)
    texts = [entry.object_repr for entry in rows(Action.SIGN_IN_FAILED)]
    assert len(texts[0]) <= 150
    assert texts[1:] == ["（未填写账号）"] * 2


def test_signals_without_a_request_or_a_person_leave_no_row() -> None:
    before = Entry.objects.count()
    user_login_failed.send(sender=__name__, credentials={"username": "command"}, request=None)
    user_logged_out.send(sender=AnonymousUser, request=RequestFactory().get("/"), user=None)
    assert Entry.objects.count() == before


# --- What need not be recorded ---


def test_own_settings_leave_no_row() -> None:
    user = UserFactory()
    before = Entry.objects.count()
    SavedView.objects.create(user=user, page="audit:entries", name="我的")
    assert Entry.objects.count() == before


def test_facts_of_people_do() -> None:
    user, deputy = UserFactory(), UserFactory()
    absence = Absence.objects.create(
        user=user, deputy=deputy, starts_on=date(2026, 11, 23), ends_on=date(2026, 11, 24)
    )
    assert Entry.objects.get_for_object(absence).count() == 1
