"""Addresses of the register, of a document, of drafting and of the acts."""

from __future__ import annotations

from landbureau.documents.models import Document
from landbureau.documents.services import attach
from tests.documents.factories import DocumentFactory, KindFactory, WordingFactory, make_issued
from tests.documents.paper import make_frozen
from tests.factories import allow
from tests.urlwalk import UrlCase, World
from tests.web.files import picture, upload

TITLE = "关于核对宗地界址的函"


def of_right(world: World) -> Document:
    """A draft of ``right``, who may draft and see in the section; its pages are in the cache of previews."""
    allow(world.right, "view_document", "create_document", on=world.section)
    allow(world.other, "view_document", "create_document", on=world.other_section)
    document: Document = DocumentFactory(title=TITLE, section=world.section, drafted_by=world.right)
    return document


def draft(world: World) -> tuple[int]:
    return (of_right(world).pk,)


def listed(world: World) -> tuple[()]:
    make_issued(title=TITLE, section=world.section, drafted_by=world.right)
    return ()


def frozen(world: World) -> tuple[int]:
    return (make_frozen(section=world.section, drafted_by=world.right).pk,)


def page(world: World) -> tuple[int, int]:
    return (*frozen(world), 2)


def act(world: World) -> tuple[int, str]:
    return (of_right(world).pk, "submit")


def voided(world: World) -> tuple[int]:
    of_right(world)
    document = make_issued(section=world.section, drafted_by=world.right)
    Document.objects.filter(pk=document.pk).update(voided_on=document.issued_on)
    return (document.pk,)


def kind(world: World) -> tuple[str]:
    of_right(world)
    return (WordingFactory(kind=KindFactory()).kind.code,)


def attachment(world: World) -> tuple[int]:
    document = of_right(world)
    kept = attach(
        document=document,
        actor=world.right,
        today=document.drafted_on,
        title="宗地图",
        file=upload(picture()),
    )
    return (kept.pk,)


CASES = [
    UrlCase("documents:documents", "view_document", args=listed, other_status=200, shows=lambda world: TITLE),
    UrlCase("documents:numbers", "view_notice", args=listed, other_status=200, shows=lambda world: TITLE),
    UrlCase("documents:seals", "seal_document", other_status=200),
    *(
        UrlCase(
            f"documents:{name}",
            permission,
            args=listed,
            data={"export": "csv"},
            other_status=200,
            is_file=True,
            shows=lambda world: TITLE,
        )
        for name, permission in (("documents", "view_document"), ("numbers", "view_notice"))
    ),
    UrlCase("documents:seals", "seal_document", data={"export": "xlsx"}, other_status=200, is_file=True),
    UrlCase("documents:new", permission="create_document", other_status=200),
    UrlCase("documents:draft", permission="create_document", args=kind, other_status=200),
    UrlCase("documents:document", args=draft),
    UrlCase("documents:edit", args=draft),
    UrlCase("documents:act", args=act),
    UrlCase("documents:act", args=act, method="post", data={"version": "1"}, right_status=302),
    UrlCase("documents:redraft", args=voided, method="post", right_status=302),
    UrlCase("documents:pages", args=frozen),
    UrlCase("documents:page", args=page, is_file=True),
    UrlCase("documents:pdf", args=frozen, is_file=True),
    UrlCase("documents:attachment", args=attachment, is_file=True),
]
