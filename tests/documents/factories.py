"""Makers of kinds and documents: rows as the services leave them, without going through the services."""

from __future__ import annotations

from datetime import date
from typing import Any

import factory

from landbureau.documents.content import Content
from landbureau.documents.models import Document, Kind, Series, ServiceMethod, Wording
from tests.factories import SectionFactory


class SeriesFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Series

    code = factory.Sequence(lambda n: f"series{n}")
    name = factory.Sequence(lambda n: f"测试系列{n}")
    mark = factory.Sequence(lambda n: f"测{n}")


class KindFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Kind

    code = factory.Sequence(lambda n: f"kind{n}")
    title = factory.Sequence(lambda n: f"测试通知{n}")
    family = Kind.Family.DOCUMENT
    layout = Kind.Layout.NOTICE
    approval = Kind.Approval.SECTION_HEAD
    series = factory.SubFactory(SeriesFactory)


class WordingFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Wording
        django_get_or_create = ("kind", "number")

    kind = factory.SubFactory(KindFactory)
    number = 1
    text = "现通知你单位，请于{日期}前办理{事项}。"


class ServiceMethodFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ServiceMethod

    code = factory.Sequence(lambda n: f"method{n}")
    title = factory.Sequence(lambda n: f"测试送达{n}")
    date_rule = ServiceMethod.DateRule.SIGNED
    source = "测试"


def content(**changes: Any) -> Content:
    """A small notice as its content stands before issue."""
    base: Content = {
        "version": 1,
        "layout": "notice",
        "issuer": "新河县国土资源局",
        "title": "测试通知",
        "addressee": "邢台测试有限公司",
        "blocks": [
            {"type": "paragraph", "level": 0, "head": "", "text": "现通知你单位，请按期办理。"},
            {"type": "paragraph", "level": 1, "head": "一、办理事项。", "text": "缴纳第2期出让价款。"},
        ],
        "form": [],
        "attachments": [],
        "copies_to": [],
        "note": "",
        "contact": {"section": "测试股", "person": "张测", "phone": "0319-0000000"},
        "receipt": {
            "matter": "测试事由",
            "title": "测试通知",
            "addressee": "邢台测试有限公司",
            "place": "寻寨镇测试路1号",
            "two_servers": True,
            "methods": ["直接送达", "留置送达", "邮寄送达"],
        },
        "values": {},
    }
    return {**base, **changes}  # type: ignore[typeddict-item]


def receipt_of(kind: Kind) -> Any:
    """As the kind wants it."""
    receipt = content()["receipt"]
    return {**receipt, "two_servers": kind.two_servers} if kind.needs_service and receipt else None


class DocumentFactory(factory.django.DjangoModelFactory):
    """A draft; ``make_issued`` and so on set the days."""

    class Meta:
        model = Document

    kind = factory.SubFactory(KindFactory)
    family = factory.SelfAttribute("kind.family")
    title = factory.SelfAttribute("kind.title")
    addressee = "邢台测试有限公司"
    matter = "测试事由"
    content = factory.LazyAttribute(lambda draft: content(receipt=receipt_of(draft.kind)))
    needs_seal = factory.SelfAttribute("kind.needs_seal")
    needs_service = factory.SelfAttribute("kind.needs_service")
    two_servers = factory.SelfAttribute("kind.two_servers")
    wording = factory.SubFactory(WordingFactory, kind=factory.SelfAttribute("..kind"))
    section = factory.SubFactory(SectionFactory)
    drafted_on = date(2026, 11, 2)


def make_issued(*, on: date = date(2026, 11, 5), **fields: Any) -> Document:
    """An issued document with a number of its own, not yet rendered."""
    kind = fields.pop("kind", None) or KindFactory()
    sequence = Document.objects.filter(series=kind.series).count() + 1
    number = f"新国土资{kind.series.mark}〔{on.year}〕{sequence}号"
    code = f"{kind.pk:04d}{sequence:08d}"
    stamp = {"number": number, "date": on.isoformat(), "code": code, "address": f"http://localhost/V/{code}"}
    values: dict[str, Any] = {
        "submitted_on": on,
        "approved_on": on,
        "issued_on": on,
        "organ_code": "新国土资",
        "series": kind.series,
        "year": on.year,
        "sequence": sequence,
        "number": number,
        "code": code,
        "content": content(stamp=stamp),
    }
    document: Document = DocumentFactory(kind=kind, **(values | fields))
    return document
