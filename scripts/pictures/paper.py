"""Every kind of document page by page, as it was issued in the demo: ``docs/documents/``."""

from __future__ import annotations

from landbureau.documents.models import Document
from landbureau.documents.pictures import page_png
from pictures import ROOT, Demo
from pictures.documents import wait_for_pdfs

PAPER = ROOT / "docs" / "documents"
WIDTH = 620  # pixels of a page
SHOWN = {  # which document of the demo stands for a kind, where not the newest does
    "letter": {"matter": "函告供后监管情况"},
    "letter-long": {"matter": "供后监管核查情况"},
    "notice": {"matter": "设置信息公示牌"},
    "payment_reminder": {"kind__code": "payment_reminder", "addressee__contains": "喆堃"},
    "payment_demand": {"kind__code": "payment_demand", "addressee__contains": "昌茂"},
    "tracking_card": {"kind__code": "tracking_card", "matter__contains": "竣工"},
    "service_receipt": {"kind__code": "service_receipt", "addressee__contains": "白榆"},
}


def photograph(demo: Demo) -> None:
    wait_for_pdfs()
    PAPER.mkdir(exist_ok=True)
    for old in PAPER.glob("*.png"):
        old.unlink()
    for name, conditions in SHOWN.items():
        print_pages(name, conditions)
    others = Document.objects.filter(sha256__gt="").exclude(kind__code__in=SHOWN)
    for code in others.order_by("kind").values_list("kind__code", flat=True).distinct():
        print_pages(code, {"kind__code": code})


def print_pages(name: str, conditions: dict[str, str]) -> None:
    document = Document.objects.filter(sha256__gt="", **conditions).latest("pk")
    data = document.pdf.read()
    for number in range(1, (document.pages or 0) + 1):
        path = PAPER / f"{name}-{number}.png"
        path.write_bytes(page_png(data, number, WIDTH))
        print(path.relative_to(ROOT), flush=True)
