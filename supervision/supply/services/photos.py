"""Photos of a visit: uploaded one by one while the visit is being written, attached when it is sent."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import PurePosixPath

from django.core.files.base import ContentFile, File
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from landbureau.accounts.models import User
from landbureau.web.uploads import IMAGES, check_upload, exif_position, exif_time, thumbnail
from supervision.supply.errors import SupplyError
from supervision.supply.models import Event, LandSupply, Photo

MOST_PHOTOS = 30
"""Of one visit."""
MOST_WAITING = 200
"""Of one person in all drafts: more is no work on a site."""


def add_draft_photo(
    *, supply: LandSupply, draft_key: uuid.UUID, actor: User, file: UploadedFile, today: date
) -> Photo:
    """Keep a photo for a visit that is still being written; the same file again is the same photo.

    Position and time come from its EXIF. Raises ``UploadRefused`` (what is wrong with the file),
    ``SupplyError`` (too many).
    """
    checked = check_upload(file, IMAGES)
    drafts = _drafts(actor)
    of_this = drafts.filter(draft_key=draft_key)
    if kept := of_this.filter(sha256=checked.sha256, supply=supply).first():
        return kept
    if of_this.count() >= MOST_PHOTOS:
        raise SupplyError(f"一次巡查最多上传 {MOST_PHOTOS} 张照片。", "photos")
    if drafts.count() >= MOST_WAITING:
        raise SupplyError(f"您还有 {MOST_WAITING} 张照片没有随巡查记录提交，请先提交或移除一部分。", "photos")
    position = exif_position(file)
    photo = Photo(
        supply=supply,
        draft_key=draft_key,
        order=of_this.count(),
        on=today,
        file_name=checked.name,
        mime=checked.mime,
        size=checked.size,
        sha256=checked.sha256,
        taken_at=exif_time(file),
        latitude=str(position[0]) if position else None,
        longitude=str(position[1]) if position else None,
        uploaded_by=actor,
    )
    photo.file.save(f"photo.{checked.extension}", file, save=False)
    try:
        with transaction.atomic():
            photo.save()
    except BaseException as error:
        photo.file.delete(save=False)
        if not isinstance(error, IntegrityError):
            raise
        kept = of_this.filter(sha256=checked.sha256, supply=supply).first()
        if kept is None:
            raise SupplyError("这张照片在另一份草稿中，请重新打开页面。", "photos") from error
        return kept  # the same file, sent twice at once
    small_picture(photo).close()
    return photo


def remove_draft_photo(*, photo: Photo, actor: User) -> None:
    """Take a photo of one's own draft away. Raises ``SupplyError``: it is part of a record by now."""
    removed, _ = _drafts(actor).filter(pk=photo.pk).delete()
    if not removed:
        raise SupplyError("这张照片已随巡查记录提交，不能移除。", "photos")
    remove_files(photo)


def attach_photos(
    *, event: Event, keys: Sequence[int], draft_key: uuid.UUID | None, actor: User
) -> list[Photo]:
    """Make photos of one's own draft part of ``event``, in this order.

    Raises ``SupplyError``: there is none, or one is gone.
    """
    rows = _drafts(actor).filter(pk__in=keys, draft_key=draft_key, supply=event.supply)
    found = {photo.pk: photo for photo in rows.select_for_update()}
    photos = [found[key] for key in dict.fromkeys(keys) if key in found]
    if not photos:
        raise SupplyError("请至少上传一张现场照片。", "photos")
    if len(photos) < len(set(keys)):
        raise SupplyError("有照片已不在草稿中，请重新上传。", "photos")
    for order, photo in enumerate(photos, 1):
        photo.event, photo.order = event, order
    Photo.objects.bulk_update(photos, ["event", "order"])
    return photos


def waiting_photos(*, actor: User, supply: LandSupply, draft_key: uuid.UUID) -> list[Photo]:
    """What ``actor`` has uploaded for a visit that is not sent yet."""
    return list(_drafts(actor).filter(supply=supply, draft_key=draft_key).order_by("order", "pk"))


def _drafts(actor: User) -> QuerySet[Photo]:
    return Photo.objects.filter(event=None, uploaded_by=actor).exclude(draft_key=None)


# --- Small pictures: beside the photo, made when first asked for ---------------------------------------


def small_name(photo: Photo) -> str:
    path = PurePosixPath(photo.file.name or "")
    return str(path.with_name(f"{path.stem}-small.jpg"))


def small_picture(photo: Photo) -> File[bytes]:
    """The small picture of a photo, open. Photos that came another way get theirs here."""
    storage, name = photo.file.storage, small_name(photo)
    if not storage.exists(name):
        with photo.file.open("rb") as file:
            made = storage.save(name, ContentFile(thumbnail(file)))
        if made != name:  # two at once: the other's is as good
            storage.delete(made)
    return storage.open(name)


def remove_files(photo: Photo) -> None:
    """The files of a row that is gone, once that is committed."""
    storage, names = photo.file.storage, (photo.file.name or "", small_name(photo))

    def remove() -> None:
        for name in names:
            storage.delete(name)

    transaction.on_commit(remove)


def clear_drafts(before: datetime) -> int:
    """Remove photos that were uploaded until ``before`` and never sent; how many."""
    left = 0
    for photo in Photo.objects.filter(event=None, uploaded_at__lt=before).exclude(draft_key=None):
        with transaction.atomic():
            gone, _ = Photo.objects.filter(pk=photo.pk, event=None).delete()
            if gone:
                remove_files(photo)
                left += 1
    return left
