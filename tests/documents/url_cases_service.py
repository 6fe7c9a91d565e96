"""Addresses of service: the receipt, its correction, the files that prove it."""

from __future__ import annotations

from django.utils import timezone

from landbureau.documents.models import Document, ServiceMethod
from landbureau.documents.services import add_proof, register_service
from tests.documents.factories import KindFactory, make_issued
from tests.factories import allow
from tests.urlwalk import UrlCase, World
from tests.web.files import picture, upload


def sealed(world: World) -> Document:
    """Of the section, to be served by ``right``."""
    allow(world.right, "serve_document", "view_document", on=world.section)
    today = timezone.localdate()
    return make_issued(
        kind=KindFactory(), section=world.section, sealed_on=today, on=today, sha256="a" * 64, pages=1
    )


def to_serve(world: World) -> tuple[int]:
    return (sealed(world).pk,)


def served(world: World) -> tuple[int]:
    document = sealed(world)
    register_service(
        document=document,
        actor=world.right,
        today=timezone.localdate(),
        method=ServiceMethod.objects.get(code="public"),
        request_key=f"case{document.pk}",
        posted_on=timezone.localdate(),
        posting_number="县政府网站",
        remark="下落不明",
        first_server="王海燕",
    )
    return (document.pk,)


def proved(world: World) -> tuple[int, int]:
    document = sealed(world)
    return document.pk, add_proof(document=document, actor=world.right, file=upload(picture())).pk


CASES = [
    UrlCase("documents:serve", args=to_serve),
    UrlCase("documents:correct_service", args=served),
    UrlCase("documents:add_proof", args=to_serve),
    UrlCase("documents:proof", args=proved, is_file=True),
    UrlCase("documents:proof_thumbnail", args=proved, is_file=True),
]
