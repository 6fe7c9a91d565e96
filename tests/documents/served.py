"""What is written on receipts, and documents registered as served."""

from __future__ import annotations

from datetime import time
from typing import Any

from landbureau.documents.models import Document, ServiceMethod, ServiceRecord
from landbureau.documents.services import register_service
from tests.documents.office import TODAY, Office

DIRECT = {
    "place": "寻寨镇振兴路8号",
    "received_on": TODAY,
    "received_at": time(10, 40),
    "receiver": "高志远",
    "relation": "法定代表人",
    "first_server": "王海燕",
}
POSTED = {"place": "寻寨镇", "posted_on": TODAY, "posting_number": "1234567890123", "first_server": "王海燕"}
PUBLISHED = {
    "posted_on": TODAY,
    "posting_number": "县政府网站",
    "remark": "下落不明",
    "first_server": "王海燕",
}


def method(code: str) -> ServiceMethod:
    return ServiceMethod.objects.get(code=code)


def register(office: Office, document: Document, code: str = "direct", **lines: Any) -> ServiceRecord:
    lines = lines or {"direct": DIRECT, "post": POSTED, "public": PUBLISHED}[code]
    return register_service(
        document=document,
        actor=office.officer,
        today=TODAY,
        method=method(code),
        request_key=f"key-{document.pk}",
        **lines,
    )
