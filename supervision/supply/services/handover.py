"""From the contract to the site: briefing, handover, the sign board and its photos."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import date

from django.core.files.base import File
from django.db import transaction

from landbureau.accounts.models import User
from landbureau.web.uploads import IMAGES, Checked, UploadRefused, check_upload, exif_position, exif_time
from supervision.supply.errors import SupplyError
from supervision.supply.models import Event, LandSupply, Photo
from supervision.supply.models.events import KindChoice
from supervision.supply.services.acts import begin, require_text
from supervision.supply.services.photos import MOST_PHOTOS


@transaction.atomic
def record_briefing(
    *,
    supply: LandSupply,
    on: date,
    receiver: str,
    actor: User,
    today: date,
    remark: str = "",
    with_paper: bool = True,
    request_key: uuid.UUID | None = None,
) -> Event:
    """The land user was told what the contract asks for (供后告知). Raises ``SupplyError``."""
    begun = begin("briefing", supply=supply, actor=actor, today=today, request_key=request_key)
    if begun.sent:
        return begun.sent
    receiver = require_text(receiver, "请填写被告知人。", "receiver")
    event = begun.record(
        KindChoice.BRIEFING,
        on=on,
        remark=f"告知 {receiver}" + (f"：{remark}" if remark else ""),
    )
    if with_paper:
        begun.draft("briefing", event)
    return event


@transaction.atomic
def record_handover(
    *,
    supply: LandSupply,
    on: date,
    photos: Sequence[File[bytes]],
    actor: User,
    today: date,
    condition: str = "",
    boundary: str = "",
    remark: str = "",
    with_paper: bool = True,
    request_key: uuid.UUID | None = None,
) -> Event:
    """The land was handed over (交地) in this ``condition``, the ``boundary`` checked; with its confirmation.

    At least one photo shows it; what a ledger says of the past has none. Raises ``SupplyError``.
    """
    begun = begin("handover", supply=supply, actor=actor, today=today, request_key=request_key)
    if begun.sent:
        return begun.sent
    if not photos:
        raise SupplyError("请至少上传一张交地现场的照片。", "photos")
    checked = check_photos(photos)
    event = begun.record(
        KindChoice.HANDOVER,
        on=on,
        remark="；".join(filter(None, [condition, boundary, remark])),
    )
    if with_paper:
        begun.draft(
            "handover_confirmation",
            event,
            extra={"土地条件": condition, "界址核对": boundary, "备注": remark},
        )
    keep_photos(event, checked, actor, today)
    return event


@transaction.atomic
def give_board(
    *,
    supply: LandSupply,
    on: date,
    receiver: str,
    actor: User,
    today: date,
    request_key: uuid.UUID | None = None,
) -> Event:
    """The officer gave the sign board to the land user. Raises ``SupplyError``."""
    begun = begin("board_given", supply=supply, actor=actor, today=today, request_key=request_key)
    if begun.sent:
        return begun.sent
    receiver = require_text(receiver, "请填写接收人。", "receiver")
    return begun.record(
        KindChoice.BOARD_GIVEN,
        on=on,
        remark=f"交给 {receiver}",
    )


@transaction.atomic
def post_board(
    *,
    supply: LandSupply,
    on: date,
    photos: Sequence[File[bytes]],
    actor: User,
    today: date,
    remark: str = "",
    request_key: uuid.UUID | None = None,
) -> Event:
    """The sign board hangs, as at least one photo shows. Raises ``SupplyError``."""
    begun = begin("board", supply=supply, actor=actor, today=today, request_key=request_key)
    if begun.sent:
        return begun.sent
    if not photos:
        raise SupplyError("请至少上传一张公示牌的照片。", "photos")
    handed_over = begun.now.view.handover.actual_on
    if handed_over and on < handed_over:
        raise SupplyError(f"悬挂日期不能早于交地日期 {handed_over}。", "on")
    checked = check_photos(photos)
    event = begun.record(
        KindChoice.BOARD,
        on=on,
        remark=remark,
    )
    keep_photos(event, checked, actor, today)
    return event


def check_photos(files: Iterable[File[bytes]]) -> list[tuple[File[bytes], Checked]]:
    """Raises ``SupplyError``: too many (as in one visit), or it names the file that cannot be kept."""
    checked = []
    for number, file in enumerate(files):
        if number == MOST_PHOTOS:
            raise SupplyError(f"一次最多上传 {MOST_PHOTOS} 张照片。", "photos")
        try:
            checked.append((file, check_upload(file, IMAGES)))
        except UploadRefused as refused:
            raise SupplyError(f"{file.name}：{refused.messages[0]}", "photos") from refused
    return checked


def keep_photos(
    event: Event, photos: Iterable[tuple[File[bytes], Checked]], actor: User, today: date
) -> list[Photo]:
    """Keep checked photos with an event, as they came: the last of what its transaction does.

    The same file twice is one photo.
    """
    kept: dict[str, Photo] = {}
    try:
        for file, checked in photos:
            if checked.sha256 not in kept:
                kept[checked.sha256] = _keep(event, file, checked, actor, today, len(kept) + 1)
    except BaseException:
        for photo in kept.values():
            photo.file.delete(save=False)
        raise
    return list(kept.values())


def _keep(event: Event, file: File[bytes], checked: Checked, actor: User, today: date, order: int) -> Photo:
    position = exif_position(file)
    photo = Photo(
        event=event,
        supply_id=event.supply_id,
        order=order,
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
    photo.save()
    return photo
