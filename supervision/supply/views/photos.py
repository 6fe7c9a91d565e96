"""Photos: uploaded one by one while a visit is being written, shown to who may see the visit."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from landbureau.accounts.views.common import viewer
from landbureau.documents.views.common import revalidated, unchanged
from landbureau.web.access import desk_page
from landbureau.web.uploads import UploadRefused, file_response
from supervision.supply.errors import SupplyError
from supervision.supply.models import Photo
from supervision.supply.selectors.visits import photos_visible_to, visitable
from supervision.supply.services.photos import add_draft_photo, remove_draft_photo, small_picture

REFUSED = 422


@require_POST
@desk_page("create_visit")
def visit_photos(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Keep one photo of a draft (``photo``, ``draft_key``); its key and address, or ``error``."""
    user, today = viewer(request), timezone.localdate()
    supply = get_object_or_404(visitable(user, today), pk=pk)
    file = request.FILES.get("photo")
    try:
        draft_key = uuid.UUID(request.POST.get("draft_key", ""))
    except ValueError:
        return JsonResponse({"error": "页面缺少草稿标识，请重新打开。"}, status=REFUSED)
    if file is None:
        return JsonResponse({"error": "没有收到照片，请重新上传。"}, status=REFUSED)
    try:
        photo = add_draft_photo(supply=supply, draft_key=draft_key, actor=user, file=file, today=today)
    except UploadRefused as refused:
        return JsonResponse({"error": refused.messages[0]}, status=REFUSED)
    except SupplyError as error:
        return JsonResponse({"error": error.message}, status=REFUSED)
    kept = {"pk": photo.pk, "name": photo.file_name, "small": reverse("supply:photo_thumb", args=[photo.pk])}
    return JsonResponse(kept, status=201)


@require_POST
@desk_page("create_visit")
def remove_photo(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take a photo of one's own draft away."""
    user = viewer(request)
    photo = get_object_or_404(Photo, pk=pk, uploaded_by=user)
    try:
        remove_draft_photo(photo=photo, actor=user)
    except SupplyError as error:
        return JsonResponse({"error": error.message}, status=REFUSED)
    return JsonResponse({"removed": pk})


@require_safe
@desk_page()
def photo(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The photo as it was uploaded."""
    found = _photo_or_404(request, pk)
    if answer := unchanged(request, found.sha256):
        return answer
    download = "download" in request.GET
    response = file_response(found.file.open("rb"), name=found.file_name, mime=found.mime, download=download)
    return revalidated(response, found.sha256)


@require_safe
@desk_page()
def photo_thumb(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Its small picture."""
    found = _photo_or_404(request, pk)
    etag = f"{found.sha256}-small"
    if answer := unchanged(request, etag):
        return answer
    response = file_response(small_picture(found), name=f"{found.pk}.jpg", mime="image/jpeg")
    return revalidated(response, etag)


def _photo_or_404(request: HttpRequest, pk: int) -> Photo:
    return get_object_or_404(photos_visible_to(viewer(request)), pk=pk)
