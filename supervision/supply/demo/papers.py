"""Supplies whose documents the demo of documents holds already: what those say is what is told here."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from landbureau.documents.models import Document
from supervision.supply.demo.story import DAY, Finding, Kind, Story
from supervision.supply.models import Event, LandSupply

BUILT = {"在建": Finding.UNDER_WAY, "停工": Finding.STOPPED, "已竣工": Finding.COMPLETED}


class Papers:
    """The demo's documents by the number of the contract, or the supervision number where they name none."""

    def __init__(self) -> None:
        self.found: dict[str, list[Document]] = {}
        kinds = ("payment_reminder", "payment_demand", "tracking_card")
        for document in Document.objects.filter(kind__code__in=kinds).select_related("kind").order_by("pk"):
            values = document.content["values"]
            for name in ("合同编号", "电子监管号"):
                if key := values.get(name):
                    self.found.setdefault(key, []).append(document)

    def of(self, contract_number: str, supervision_number: str) -> list[Document]:
        """Each once, oldest first."""
        both = self.found.get(contract_number, []) + self.found.get(supervision_number, [])
        return sorted({document.pk: document for document in both}.values(), key=lambda one: one.pk)

    def link(self, supplies: list[LandSupply]) -> None:
        """The documents belong to their supplies from now on."""
        for supply in supplies:
            keys = [one.pk for one in self.of(supply.contract_number, supply.supervision_number)]
            instalments = {one.seq: one for one in supply.instalments.all()}
            for document in Document.objects.filter(pk__in=keys, object_id=None):
                seq = int(document.content["values"].get("期次") or 0)
                document.subject = instalments.get(seq) or _visit_of(document) or supply
                document.save(update_fields=["content_type", "object_id"])


def tell(story: Story, documents: list[Document], how: str) -> None:
    """A life as the documents say; ``how``: ``paid`` before the demand was served, or what was paid in part.

    Without documents it is a life without trouble.
    """
    notices = [one.content["values"] for one in documents if "应缴日期" in one.content["values"]]
    card = next((one for one in documents if one.kind.code == "tracking_card"), None)
    seen = card.content["values"] if card else {}
    if not notices:
        story.agree(signed=story.worked(story.day(-330)))
        story.live(started=False, prepaid=True)
        return
    last = notices[-1]
    signed = date.fromisoformat(last["签订日期"])
    story.price, story.area = Decimal(last["成交价款"]), Decimal(last["面积"])
    story.parcel |= {"location": last["宗地坐落"], "area": story.area}
    story.agree(
        signed=signed,
        start=_day(seen.get("约定开工日期")),
        completion=_day(seen.get("约定竣工日期")),
        start_after=15,
        months=(1, 11),
    )
    story.contract["payment_rate"] = Decimal(rate) if (rate := last["违约金千分比"]) else None
    told = {int(one["期次"]): date.fromisoformat(one["应缴日期"]) for one in notices}
    for seq, due_on in told.items():
        story.instalments[seq][0] = due_on
    story.live(unpaid=set(told), started=False, looked=not seen)
    if seen:
        _see(story, seen, card)
    _demands(story, documents)
    if how == "paid":
        story.pay(2, story.worked(story.due(2) + 5 * DAY))
    elif part := Decimal(how):
        story.pay(2, story.worked(story.due(2) + 8 * DAY), part)


def _see(story: Story, seen: dict[str, Any], card: Document | None) -> None:
    """What the tracking card says."""
    started, on = _day(seen["实际开工日期"]), date.fromisoformat(seen["巡查日期"])
    on = min(on, story.today)
    if started:
        story.happen(Kind.START, started, by="officer", remark="桩基施工完毕")
    if stopped := _day(seen["停工起始日期"]):
        story.happen(Kind.STOP, stopped, by="officer", remark="工人撤场")
    if seen["建设状况"] == "已竣工":
        story.happen(Kind.COMPLETION, on - DAY, by="officer", remark="已通过规划核实")
    story.visit(
        on,
        BUILT.get(seen["建设状况"], Finding.NOT_STARTED),
        document=card,
        developed_area=Decimal(seen["已动工面积"] or 0),
        invested=Decimal(seen["已投资额"] or 0),
        remark=seen["偏差情况"] if seen["偏差情况"] != "无" else "",
    )
    story.rounds_until = on - timedelta(days=1)


def _demands(story: Story, documents: list[Document]) -> None:
    """Demands that were served."""
    for document in documents:
        served = document.served_on
        if document.kind.code == "payment_demand" and served and served <= story.today:
            seq = int(document.content["values"]["期次"])
            story.happen(Kind.DEMAND, served, by="officer", seq=seq, document=document)


def _visit_of(document: Document) -> Event | None:
    return Event.objects.filter(document=document, kind=Kind.VISIT).first()


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
