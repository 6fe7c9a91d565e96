"""The wording of a kind: changed by appending a version, tried out on samples before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction

from landbureau.accounts.models import Bureau, User
from landbureau.documents.content import Content, check_wording, compose, names_of
from landbureau.documents.errors import DocumentError
from landbureau.documents.models import Kind, KindField, ServiceMethod, Wording
from landbureau.documents.wordings import normalized

SAMPLE_TABLE = [
    ["序号", "宗地", "面积（平方米）"],
    ["1", "示例宗地一", "26680"],
    ["2", "示例宗地二", "9315.40"],
]


class WordingConflict(DocumentError):
    """Somebody else has saved a version since the text was opened; ``current`` is it."""

    def __init__(self, current: Wording) -> None:
        self.current = current
        who = current.written_by or "系统"
        super().__init__(
            f"您打开之后，{who}已保存第{current.number}版。您写的文字仍在下面，"
            "请对照两者的不同，核对后再次保存，将以您写的为准。"
        )


class WordingWrong(DocumentError):
    """The text cannot be filled in; ``errors`` names paragraph and mistake."""

    def __init__(self, errors: Sequence[str]) -> None:
        self.errors = list(errors)
        super().__init__("；".join(errors), "text")


@transaction.atomic
def save_wording(*, kind: Kind, text: str, reason: str, actor: User, seen: int) -> Wording:
    """Append ``text`` as the current version of ``kind``. Documents keep what they were composed with.

    ``seen``: the number of the version that the editor saw, 0 for none. Going back to an older text is a
    new version, too. Raises ``WordingConflict`` for a newer version than ``seen``, ``WordingWrong`` for a
    text that cannot be filled in, ``DocumentError`` for one without change or reason.
    """
    Kind.objects.select_for_update().get(pk=kind.pk)
    current = kind.wordings.first()
    if current and current.number != seen:
        raise WordingConflict(current)
    text = checked(kind, text)
    if current and current.text == text:
        raise DocumentError("文字没有改动。", "text")
    if not reason.strip():
        raise DocumentError("请填写修改理由。", "reason")
    return Wording.objects.create(
        kind=kind,
        number=current.number + 1 if current else 1,
        text=text,
        shipped=text == kind.shipped.get("wording"),
        reason=reason.strip(),
        written_by=actor,
    )


def checked(kind: Kind, text: str) -> str:
    """The text without empty lines. Raises ``WordingWrong`` if it cannot be filled in for this kind."""
    text = normalized(text)
    if errors := check_wording(text, names_of(list(kind.fields.all()))):
        raise WordingWrong(errors)
    return text


def sample_content(*, kind: Kind, text: str, viewer: User, today: date, sparse: bool = False) -> Content:
    """A draft in the wording ``text`` with the fields' samples; ``sparse``: optional fields are empty.

    Raises ``DocumentError`` for a text or a sample that cannot be filled in.
    """
    fields = list(kind.fields.all())
    bureau = Bureau.objects.get()
    section = viewer.section
    return compose(
        kind=kind,
        wording=Wording(kind=kind, text=checked(kind, text)),
        fields=fields,
        values={field.name: sample(field, today) for field in fields if field.required or not sparse},
        issuer=bureau.name,
        title=kind.title,
        addressee="邢台示例装备有限公司",
        matter="示例事由",
        place="示例送达地址",
        contact={
            "section": section.name if section else "办公室",
            "person": viewer.name,
            "phone": (section and section.phone) or bureau.phone,
        },
        methods=list(ServiceMethod.objects.values_list("title", flat=True)),
    )


def sample(field: KindField, today: date) -> Any:
    """A value to try a wording with: the field's own, else any of its type; on a form it may stay blank."""
    if field.type == KindField.Type.TABLE:
        return SAMPLE_TABLE
    anything = {
        KindField.Type.DATE: today.isoformat(),
        KindField.Type.MONEY: "1234567.80",
        KindField.Type.NUMBER: "12",
    }
    by_hand = field.kind.layout == Kind.Layout.FORM and not field.required
    return field.sample or ("" if by_hand else anything.get(KindField.Type(field.type), f"（{field.name}）"))
