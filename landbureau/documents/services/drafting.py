"""Drafts: written, changed, written anew from a voided document."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import PurePath
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import models, transaction

from landbureau.accounts.models import Bureau, Section, Township, User, Village
from landbureau.documents import access
from landbureau.documents.content import Contact, Content, compose
from landbureau.documents.errors import DocumentError
from landbureau.documents.fonts import require_printable
from landbureau.documents.limits import beyond_limits
from landbureau.documents.models import Attachment, Document, Kind, ServiceMethod, Step, Wording
from landbureau.documents.rules import Status
from landbureau.documents.services import life
from landbureau.documents.services.guards import StaleDocument, begin, finish
from landbureau.web.uploads import check_upload
from landbureau.web.versions import EditConflict

Action = Step.Action


@transaction.atomic
def draft_document(
    *,
    kind: Kind | str,
    addressee: str,
    values: Mapping[str, Any],
    section: Section,
    drafter: User | None,
    today: date,
    title: str = "",
    matter: str = "",
    place: str = "",
    township: Township | None = None,
    village: Village | None = None,
    subject: models.Model | None = None,
    contact: User | None = None,
    attachments: Sequence[str] = (),
    copies_to: Sequence[str] = (),
    note: str = "",
    replaces: Document | None = None,
    submit: bool = False,
) -> Document:
    """A new draft of ``kind`` (or its code), in its current wording; ``drafter`` None: the system.

    ``values`` by field name (``content.compose``); ``title`` empty: the kind's. ``submit``: sent for approval
    at once. Raises ``DocumentError``.
    """
    if isinstance(kind, str):
        kind = Kind.objects.get(code=kind)
    _require_usable(kind, by_hand=drafter is not None and subject is None)
    document = Document(
        kind=kind,
        family=kind.family,
        title=title or kind.title,
        addressee=addressee,
        matter=matter,
        wording=current_wording(kind),
        section=section,
        township=township or (village.township if village else None),
        village=village,
        subject=subject,
        replaces=replaces,
        drafted_on=today,
        drafted_by=drafter,
    )
    document.take_needs()
    if drafter and not access.may(drafter, "draft", document):
        raise DocumentError(f"您没有为{section}拟制“{kind}”的权限。", "section")
    _require_short(document)
    titles = _titles(attachments)
    document.content = _content(
        document, values, place, _contact(section, contact or drafter), titles, copies_to, note
    )
    document.save()
    Attachment.objects.bulk_create(
        Attachment(document=document, title=name, order=order) for order, name in enumerate(titles)
    )
    data = {"replaces": replaces.number or replaces.title} if replaces else {}
    document.steps.create(action=Action.DRAFTED, actor=drafter, data=data)
    if submit:
        life.submit(document=document, actor=drafter, today=today)
    return document


@transaction.atomic
def edit_draft(
    *,
    document: Document,
    version: int,
    actor: User,
    today: date,
    addressee: str,
    values: Mapping[str, Any],
    title: str,
    matter: str,
    place: str,
    township: Township | None,
    village: Village | None,
    attachments: Sequence[str],
    copies_to: Sequence[str],
    note: str,
) -> Document:
    """Write the draft anew, in the wording that is current now; who edits it may not approve it.

    ``version`` is the one that the form was opened with: raises ``EditConflict`` when somebody has changed
    the draft since, ``DocumentError`` when it is no draft any more or a value is wrong.
    """
    document.version = version
    try:
        begin(document, "edit", actor, today)
    except StaleDocument:
        raise EditConflict(document) from None
    document.addressee, document.title, document.matter = addressee, title or document.kind.title, matter
    document.township = township or (village.township if village else None)
    document.village = village
    document.wording = current_wording(document.kind)
    document.take_needs()
    if not access.may(actor, "draft", document):
        raise DocumentError("您没有为这个乡镇拟稿的权限。", "township")
    _require_short(document)
    titles = _titles(attachments)
    document.content = _content(document, values, place, document.content["contact"], titles, copies_to, note)
    _keep_attachments(document, titles)
    fields = ["addressee", "title", "matter", "township", "village", "wording", "content"]
    fields += ["needs_seal", "needs_service", "two_servers"]
    finish(document, fields, Action.EDITED, actor)
    return document


@transaction.atomic
def redraft(*, document: Document, drafter: User, today: date) -> Document:
    """A new draft that says what a voided document said, in the current wording, and replaces it.

    Raises ``DocumentError`` for a document that is not void.
    """
    if document.status(today) != Status.VOIDED:
        raise DocumentError("只有作废的文书可以重新拟稿。")
    content: Content = document.content
    names = set(document.kind.fields.values_list("name", flat=True))
    draft = draft_document(
        kind=document.kind,
        addressee=document.addressee,
        values={name: value for name, value in content["values"].items() if name in names},
        section=document.section,
        drafter=drafter,
        today=today,
        title=document.title,
        matter=document.matter,
        place=place_of(content),
        township=document.township,
        village=document.village,
        subject=document.subject,
        attachments=content["attachments"],
        copies_to=content["copies_to"],
        note=content["note"],
        replaces=document,
    )
    for old in document.attachments.exclude(file=""):
        _copy_file(old, draft.attachments.get(title=old.title))
    return draft


@transaction.atomic
def attach(
    *, document: Document, actor: User, today: date, title: str, file: UploadedFile | None = None
) -> Attachment:
    """Name an attachment on the draft, with its file if there is one; the file of a title that is there is
    replaced.

    Raises ``DocumentError``, and ``UploadRefused`` for a file that its content does not allow.
    """
    begin(document, "edit", actor, today)
    title = title.strip()
    if not title:
        raise DocumentError("请填写附件名称。", "title")
    titles = _titles([*document.content["attachments"], title])
    _keep_attachments(document, titles)
    attachment: Attachment = document.attachments.get(title=title)
    if file:
        _store(attachment, file)
    document.content = {**document.content, "attachments": titles}
    finish(document, ["content"], Action.EDITED, actor, data={"attached": title})
    return attachment


def preview(
    *,
    kind: Kind,
    section: Section,
    drafter: User,
    addressee: str,
    values: Mapping[str, Any],
    title: str,
    matter: str,
    place: str,
    attachments: Sequence[str],
    copies_to: Sequence[str],
    note: str,
) -> Content:
    """What a draft would say; nothing is kept. Raises ``DocumentError``."""
    document = Document(kind=kind, title=title or kind.title, addressee=addressee, matter=matter)
    document.wording = current_wording(kind)
    content = _content(
        document, values, place, _contact(section, drafter), _titles(attachments), copies_to, note
    )
    require_printable(content)
    return content


def current_wording(kind: Kind) -> Wording:
    """The newest text of a kind. Raises ``DocumentError``: there is none."""
    wording: Wording | None = kind.wordings.order_by("-number").first()
    if wording is None:
        raise DocumentError(f"“{kind}”还没有用语，不能拟稿。")
    return wording


def place_of(content: Content) -> str:
    """Where it is to be served; empty for kinds that are not."""
    receipt = content["receipt"]
    return receipt["place"] if receipt else ""


def _require_usable(kind: Kind, *, by_hand: bool) -> None:
    if not kind.is_active:
        raise DocumentError(f"“{kind}”已停用，不能拟稿。", "kind")
    if by_hand and not kind.by_hand:
        raise DocumentError(f"“{kind}”只由业务事项生成，不能手工拟稿。", "kind")


def _require_short(document: Document) -> None:
    """Upper apps draft too: what does not fit is refused, not cut."""
    for field in Document._meta.concrete_fields:
        most = field.max_length or 0
        if field.name in ("title", "addressee", "matter") and len(getattr(document, field.name)) > most:
            raise DocumentError(f"{field.verbose_name}不能超过 {most} 字。", field.name)


def _contact(section: Section, person: User | None) -> Contact:
    """Telephone: the section's, else the bureau's; never a person's own.

    Who works in an office is named with the office and its telephone; where it has none, nobody is named.
    """
    office = person.office if person else None
    if person and office and office.phone:
        return {"section": office.name, "person": person.name, "phone": office.phone}
    phone = section.phone or Bureau.objects.values_list("phone", flat=True).get()
    return {"section": section.name, "person": person.name if person and not office else "", "phone": phone}


def _content(
    document: Document,
    values: Mapping[str, Any],
    place: str,
    contact: Contact,
    attachments: Sequence[str],
    copies_to: Sequence[str],
    note: str,
) -> Content:
    fields = list(document.kind.fields.all())
    content = compose(
        kind=document.kind,
        wording=document.wording,
        fields=fields,
        values=values,
        issuer=Bureau.objects.values_list("name", flat=True).get(),
        title=document.title,
        addressee=document.addressee,
        matter=document.matter,
        place=place,
        contact=contact,
        attachments=attachments,
        copies_to=copies_to,
        note=note,
        methods=list(ServiceMethod.objects.values_list("title", flat=True)),
    )
    for name, message in beyond_limits(fields, content["values"]).items():
        raise DocumentError(f"{name}{message}", name)
    return content


def _titles(attachments: Sequence[str]) -> list[str]:
    """Each once, in order. Raises ``DocumentError``: one is too long."""
    titles = list(dict.fromkeys(title.strip() for title in attachments if title.strip()))
    most = Attachment._meta.get_field("title").max_length or 0
    if any(len(title) > most for title in titles):
        raise DocumentError(f"附件名称不能超过 {most} 字。", "attachments")
    return titles


def _keep_attachments(document: Document, titles: Sequence[str]) -> None:
    """One row for each title, in this order."""
    rows = {row.title: row for row in document.attachments.all()}
    for title, row in rows.items():
        if title not in titles:
            _remove_file(row)
            row.delete()
    for order, title in enumerate(titles):
        row = rows.get(title) or Attachment(document=document, title=title)
        if row.pk is None or row.order != order:
            row.order = order
            row.save()


def _store(attachment: Attachment, file: UploadedFile) -> None:
    checked = check_upload(file)
    _remove_file(attachment)
    attachment.file.save(f"{uuid.uuid4().hex}.{checked.extension}", file, save=False)
    attachment.file_name, attachment.mime = checked.name, checked.mime
    attachment.size, attachment.sha256 = checked.size, checked.sha256
    attachment.save()


def _copy_file(old: Attachment, new: Attachment) -> None:
    with old.file.open() as file:
        new.file.save(f"{uuid.uuid4().hex}{PurePath(old.file_name).suffix}", file, save=False)
    new.file_name, new.mime, new.size, new.sha256 = old.file_name, old.mime, old.size, old.sha256
    new.save()


def _remove_file(attachment: Attachment) -> None:
    """Of a row that loses it, once that is committed."""
    if name := attachment.file.name:
        storage = attachment.file.storage
        transaction.on_commit(lambda: storage.delete(name))
