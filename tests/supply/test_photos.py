"""Photos of a visit: kept one by one, attached when it is sent, cleared away when it is not."""

from __future__ import annotations

import os
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from landbureau.jobs.models import JobRun
from landbureau.jobs.services import run_now
from landbureau.web.uploads import UploadRefused
from supervision.supply.errors import SupplyError
from supervision.supply.models import Photo
from supervision.supply.selectors.visits import photos_visible_to
from supervision.supply.services import photos as service
from supervision.supply.services.photos import (
    add_draft_photo,
    attach_photos,
    remove_draft_photo,
    small_name,
    small_picture,
)
from tests.factories import UserFactory, allow
from tests.supply.factories import TODAY, happen
from tests.supply.visiting import Site
from tests.web.files import pdf, photo, picture, upload

pytestmark = pytest.mark.django_db
KEY = uuid.UUID(int=1)


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def site() -> Site:
    return Site()


def add(site: Site, data: bytes, **how: Any) -> Photo:
    arguments = {"supply": site.supply, "draft_key": KEY, "actor": site.officer, "today": TODAY}
    return add_draft_photo(**arguments | {"file": upload(data, "现场.jpg")} | how)


def test_a_photo_keeps_its_position_its_time_and_a_small_picture(site: Site) -> None:
    kept = add(site, photo())
    kept.refresh_from_db()
    assert (str(kept.latitude), str(kept.longitude)) == ("37.520000", "115.240000")
    assert kept.taken_at is not None
    assert timezone.localtime(kept.taken_at).hour == 10
    assert kept.event is None
    assert kept.file.storage.exists(small_name(kept))
    with small_picture(kept) as small:
        assert small.read(2) == b"\xff\xd8"


def test_the_same_file_again_is_the_same_photo(site: Site) -> None:
    assert add(site, photo()) == add(site, photo())
    assert Photo.objects.count() == 1


def test_what_is_no_picture_is_refused(site: Site) -> None:
    with pytest.raises(UploadRefused, match="PDF"):
        add(site, pdf())
    assert not Photo.objects.exists()


def test_a_visit_has_a_limit_of_photos(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_PHOTOS", 1)
    add(site, picture(colour="#111"))
    with pytest.raises(SupplyError, match="最多上传 1 张"):
        add(site, picture(colour="#222"))
    monkeypatch.setattr(service, "MOST_WAITING", 1)
    with pytest.raises(SupplyError, match="没有随巡查记录提交"):
        add(site, picture(colour="#333"), draft_key=uuid.uuid4())


def test_a_photo_of_a_draft_can_be_removed_with_its_files(
    site: Site, django_capture_on_commit_callbacks: Any
) -> None:
    kept = add(site, photo())
    names = kept.file.name, small_name(kept)
    with django_capture_on_commit_callbacks(execute=True):
        remove_draft_photo(photo=kept, actor=site.officer)
    assert not Photo.objects.exists()
    assert not any(kept.file.storage.exists(name) for name in names)


def test_a_photo_of_a_record_stays(site: Site) -> None:
    key = site.visit(cause="land_user").photos.get()
    with pytest.raises(SupplyError, match="不能移除"):
        remove_draft_photo(photo=key, actor=site.officer)


def test_only_own_photos_of_this_draft_are_attached(site: Site) -> None:
    event = happen(site.supply, "visit", TODAY)
    mine = add(site, picture(colour="#111"))
    others = add(site, picture(colour="#222"), actor=UserFactory())
    elsewhere = add(site, picture(colour="#333"), supply=site.make())
    for foreign in (others, elsewhere):
        with pytest.raises(SupplyError, match="不在草稿中"):
            attach_photos(event=event, keys=[mine.pk, foreign.pk], draft_key=KEY, actor=site.officer)
    attach_photos(event=event, keys=[mine.pk], draft_key=KEY, actor=site.officer)
    assert list(event.photos.all()) == [mine]


def test_photos_stand_in_the_order_in_which_they_were_sent(site: Site) -> None:
    event = happen(site.supply, "visit", TODAY)
    keys = site.photos("#111", "#222", "#333", draft_key=KEY)
    attach_photos(event=event, keys=keys[::-1], draft_key=KEY, actor=site.officer)
    assert list(event.photos.values_list("pk", flat=True)) == keys[::-1]


def test_drafts_are_seen_by_their_owner_only(site: Site) -> None:
    kept = add(site, photo())
    colleague = allow(UserFactory(), "view_visit")
    assert kept in photos_visible_to(site.officer)
    assert kept not in photos_visible_to(colleague)
    event = happen(site.supply, "visit", TODAY)
    attach_photos(event=event, keys=[kept.pk], draft_key=KEY, actor=site.officer)
    assert kept in photos_visible_to(colleague)
    assert kept not in photos_visible_to(UserFactory())


def test_the_upkeep_removes_what_was_never_sent(site: Site, django_capture_on_commit_callbacks: Any) -> None:
    old, young = add(site, picture(colour="#111")), add(site, picture(colour="#222"))
    sent = site.visit(cause="land_user").photos.get()
    month_ago = timezone.now() - timedelta(days=31)
    Photo.objects.filter(pk__in=[old.pk, sent.pk]).update(uploaded_at=month_ago)
    storage = old.file.storage
    lost = storage.save(f"supply/{timezone.localdate():%Y/%m}/lost.jpg", ContentFile(b"x"))
    os.utime(storage.path(lost), (0, 0))
    with django_capture_on_commit_callbacks(execute=True):
        run = run_now("clear_visit_photos")
    assert (run.state, run.counts) == (JobRun.State.SUCCEEDED, {"photos": 1, "files": 1})
    assert set(Photo.objects.all()) == {young, sent}
    assert not storage.exists(old.file.name)
    assert storage.exists(small_name(young))
