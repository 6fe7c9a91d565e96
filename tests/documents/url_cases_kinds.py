"""The addresses of kinds and wordings, and the Word file of a draft."""

from __future__ import annotations

from tests.documents.factories import DocumentFactory
from tests.urlwalk import UrlCase, World


def reminder(world: World) -> tuple[str]:
    return ("payment_reminder",)


def its_wording(world: World) -> tuple[str, int]:
    return ("payment_reminder", 1)


def draft(world: World) -> tuple[int]:
    return (DocumentFactory(section=world.section, drafted_by=world.right).pk,)


CASES = [
    UrlCase("documents:kinds", "view_document", other_status=200),
    UrlCase("documents:kind", "view_notice", args=reminder, other_status=200),
    UrlCase("documents:wording", "view_document", args=its_wording, other_status=200),
    UrlCase("documents:edit_wording", "update_config", args=reminder, bureau_wide=True),
    UrlCase("documents:docx", args=draft, is_file=True),
]
