"""Every step and every forbidden one: states, acts, people, kinds."""

from __future__ import annotations

from typing import Any

import pytest

from landbureau.documents import services
from landbureau.documents.errors import DocumentError
from landbureau.documents.models import Document, Kind
from landbureau.documents.services.guards import refusal
from landbureau.documents.transitions import TRANSITIONS
from tests.documents.office import CLERK, DAYS, TODAY, Office
from tests.factories import UserFactory, allow

pytestmark = pytest.mark.django_db
LEADER_KIND = {"approval": Kind.Approval.LEADER}
PEOPLE = ("clerk", "other", "head", "leader", "officer", "stranger")

ALLOWED: dict[tuple[str, str], str] = {
    ("draft", "clerk"): "edit submit discard",
    ("draft", "other"): "edit submit discard",
    ("draft", "head"): "discard",
    ("draft", "leader"): "discard",
    ("submitted", "clerk"): "withdraw discard",
    ("submitted", "other"): "withdraw discard",
    ("submitted", "head"): "approve return discard",
    ("submitted", "leader"): "approve return discard",
    ("approved", "clerk"): "issue",
    ("approved", "other"): "issue",
    ("approved", "head"): "return issue void",
    ("approved", "leader"): "return issue void",
    ("issued", "clerk"): "seal hand",
    ("issued", "other"): "seal hand",
    ("issued", "head"): "hand void",
    ("issued", "leader"): "hand void",
    ("issued", "officer"): "hand",
    ("sealed", "clerk"): "hand serve",
    ("sealed", "other"): "hand serve",
    ("sealed", "head"): "hand void",
    ("sealed", "leader"): "hand void",
    ("sealed", "officer"): "hand serve",
    ("announced", "clerk"): "correct",
    ("announced", "other"): "correct",
    ("announced", "head"): "void",
    ("announced", "leader"): "void",
    ("announced", "officer"): "correct",
    ("served", "clerk"): "correct",
    ("served", "other"): "correct",
    ("served", "head"): "void",
    ("served", "leader"): "void",
    ("served", "officer"): "correct",
}
"""What each may do with a document of a kind that the section head approves, that is sealed and served."""


def steps(office: Office, document: Document, person: str) -> str:
    return " ".join(step.name for step in services.allowed(getattr(office, person), document, TODAY))


@pytest.mark.parametrize("state", DAYS)
def test_each_may_do_what_the_table_says_and_nothing_else(state: str) -> None:
    office = Office()
    document = office.document(state)
    for person in PEOPLE:
        assert steps(office, document, person) == ALLOWED.get((state, person), ""), person


@pytest.mark.parametrize(
    ("kind", "state", "expected"),
    [
        (LEADER_KIND, "submitted", {"head": "discard", "leader": "approve return discard"}),
        (LEADER_KIND, "approved", {"head": "issue void", "leader": "return issue void"}),
        ({"needs_seal": False}, "issued", {"clerk": "hand serve", "officer": "hand serve"}),
        ({"needs_service": False}, "issued", {"clerk": "seal", "officer": "", "head": "void"}),
        ({"needs_service": False}, "sealed", {"clerk": "", "officer": "", "head": "void"}),
        ({"needs_seal": False, "needs_service": False}, "issued", {"clerk": "", "head": "void"}),
        ({"approval": Kind.Approval.AUTOMATIC}, "approved", {"clerk": "issue", "head": "return issue void"}),
        ({"approval": Kind.Approval.AUTOMATIC}, "submitted", {"head": "approve return discard"}),
    ],
)
def test_the_kind_says_who_approves_and_what_is_needed(
    kind: dict[str, Any], state: str, expected: dict[str, str]
) -> None:
    office = Office()
    document = office.document(state, **kind)
    assert {person: steps(office, document, person) for person in expected} == expected


def test_a_notice_has_permissions_of_its_own() -> None:
    office = Office()
    document = office.document("submitted", family=Kind.Family.NOTICE)
    assert {steps(office, document, person) for person in PEOPLE} == {""}


ACTS: dict[str, tuple[Any, dict[str, Any]]] = {
    "submit": (services.submit, {}),
    "withdraw": (services.withdraw, {}),
    "approve": (services.approve, {}),
    "return": (services.return_document, {"reason": "金额有误"}),
    "issue": (services.issue, {}),
    "seal": (services.seal, {"sealed_on": TODAY, "seal": "局公章", "keeper": "刘印", "copies": 2}),
    "hand": (services.hand_to, {}),
    "discard": (services.discard, {"reason": "重复"}),
    "void": (services.void, {"reason": "对象有误"}),
}
EDIT = {
    "addressee": "某公司",
    "values": {},
    "title": "",
    "matter": "",
    "place": "",
    "township": None,
    "village": None,
    "attachments": [],
    "copies_to": [],
    "note": "",
}


def take(office: Office, name: str, document: Document, actor: Any) -> None:
    if name == "edit":
        services.edit_draft(document=document, version=document.version, actor=actor, today=TODAY, **EDIT)
        return
    act, arguments = ACTS[name]
    if name == "hand":
        arguments = {"server": office.officer}
    act(document=document, actor=actor, today=TODAY, **arguments)


@pytest.mark.parametrize("name", ["edit", *ACTS])
def test_services_do_what_the_table_allows_and_refuse_the_rest(name: str) -> None:
    """In every state, by one who may do everything; where that is done, a stranger has been refused."""
    office = Office()
    mighty = allow(UserFactory(), *CLERK, "approve_document", "sign_document")
    for state in DAYS:
        document = office.document(state)
        before = Document.objects.filter(pk=document.pk).values()[0]
        possible = any(name in ALLOWED.get((state, person), "").split() for person in PEOPLE)
        for actor in (office.stranger, *([] if possible else [mighty])):
            with pytest.raises(DocumentError):
                take(office, name, document, actor)
            assert Document.objects.filter(pk=document.pk).values()[0] == before
            assert not document.steps.exists()
        if possible:
            take(office, name, document, mighty)
            document.refresh_from_db()
            assert document.status(TODAY) == (TRANSITIONS[name].target or before_state(before))
            assert [step.actor for step in document.steps.all()] == [mighty]


def before_state(values: dict[str, Any]) -> Any:
    names = ("approved_on", "issued_on", "sealed_on", "served_on", "voided_on")
    return Document(**{name: values[name] for name in names}).status(TODAY)


@pytest.mark.parametrize("state", DAYS)
def test_the_system_submits_and_gives_up_drafts_and_takes_no_other_step(state: str) -> None:
    document = Office().document(state)
    free = [name for name, step in TRANSITIONS.items() if not refusal(None, document, step, TODAY)]
    assert free == {"draft": ["submit", "discard"], "submitted": ["discard"]}.get(state, [])


def test_every_refusal_says_why_in_chinese() -> None:
    office = Office()
    nobody = UserFactory()
    for state in DAYS:
        document = office.document(state)
        for step in TRANSITIONS.values():
            assert refusal(nobody, document, step, TODAY).endswith("。")
    assert refusal(office.clerk, office.document("issued"), TRANSITIONS["serve"], TODAY) == (
        "这件文书尚未用印，不能送达。"
    )
    waiting = office.document("issued", rendered=False)
    assert refusal(office.clerk, waiting, TRANSITIONS["seal"], TODAY) == "正本尚未生成，请稍候。"
    plain = office.document("issued", needs_seal=False, needs_service=False)
    assert refusal(office.clerk, plain, TRANSITIONS["serve"], TODAY).endswith("无须送达。")
    assert refusal(office.clerk, plain, TRANSITIONS["seal"], TODAY).endswith("无须用印。")
    assert refusal(nobody, office.document("draft"), TRANSITIONS["submit"], TODAY) == (
        "您没有送审这件文书的权限。"
    )


def test_every_act_has_a_source_and_a_permission() -> None:
    for name, step in TRANSITIONS.items():
        assert step.name == name
        assert step.sources
        assert step.acts
