"""Imports that nobody finished."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from landbureau.imports import upkeep
from landbureau.imports.errors import ImportRefused
from landbureau.imports.models import ImportSession
from landbureau.imports.services import leave
from landbureau.jobs.models import JobRun
from landbureau.jobs.progress import Progress
from tests.factories import UserFactory
from tests.imports.sessions import make_session

pytestmark = pytest.mark.django_db


def clear() -> int:
    run = JobRun.objects.create(kind="clear_imports", trigger="beat", state="running", attempt=1)
    progress = Progress(run)
    upkeep.clear_imports(progress)
    return int(progress.counts["open"])


@pytest.fixture
def long_ago(settings: Any) -> dict[str, Any]:
    on = timezone.now() - timedelta(days=settings.IMPORTS_KEEP_OPEN_DAYS + 1)
    return {"created_at": on, "checked_at": on}


def test_what_was_checked_lately_stays_however_old_it_is(long_ago: dict[str, Any]) -> None:
    _, lately, never = (make_session(UserFactory()) for _ in range(3))
    ImportSession.objects.update(**long_ago)
    ImportSession.objects.filter(pk=lately.pk).update(checked_at=timezone.now())
    ImportSession.objects.filter(pk=never.pk).update(checked_at=None)

    assert clear() == 2
    assert ImportSession.objects.get() == lately


def test_one_that_somebody_has_just_gone_on_with_does_not_keep_the_others(
    long_ago: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    busy, _ = (make_session(UserFactory()) for _ in range(2))
    ImportSession.objects.update(**long_ago)

    def refuse(*, session: ImportSession) -> None:
        if session == busy:
            raise ImportRefused("已经写入或正在写入，不能取消。")
        leave(session=session)

    monkeypatch.setattr(upkeep, "leave", refuse)

    assert clear() == 1
    assert ImportSession.objects.get() == busy
