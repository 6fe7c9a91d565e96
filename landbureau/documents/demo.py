"""The demo's documents: invented, brought to where they stand by the services that people use.

A row of ``fixtures/demo/documents-<bureau>.csv`` is a document. Its column 经过 tells what happened to it:
``58拟稿 57送审 57批准 55送达:direct`` are acts with the number of days before today, moved back to a day that
is worked, and what the act needs. The acts of all documents are done in the order of their time.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from landbureau.accounts.catalogue import read_table
from landbureau.accounts.models import Bureau, Township, User, Village
from landbureau.documents import clock, services
from landbureau.documents.amounts import money
from landbureau.documents.demo_photos import receipt_photo
from landbureau.documents.models import (
    Document,
    Kind,
    KindField,
    ServiceMethod,
    ServiceRecord,
)
from landbureau.documents.rules import DateRule
from landbureau.documents.selectors import TO_RENDER
from landbureau.documents.services.proofs import add_proof
from landbureau.documents.services.rendering import render, render_later
from landbureau.documents.services.service import (
    complete_service,
    correct_service,
    register_service,
)
from landbureau.workdays.selectors import current_calendar

Row = dict[str, str]
HOURS = {  # the usual time of day of an act
    "拟稿": time(8, 40), "修改": time(9, 10), "送审": time(9, 30), "撤回": time(9, 40), "退回": time(10, 20),
    "批准": time(10, 30), "印发": time(11, 10), "用印": time(14, 40), "交办": time(15, 10),
    "证明": time(15, 30), "送达": time(15, 40), "回执": time(16, 10), "更正": time(16, 30),
    "作废": time(16, 40), "弃稿": time(16, 40), "重拟": time(17, 10),
}  # fmt: skip
APART = timedelta(minutes=11)  # at least, between two acts on a document
CENTRE = {"xinhe": (37.526, 115.247), "hongjiang": (27.113, 109.998)}  # of the county, degrees
OF_MANY_LINES = (KindField.Type.LONG, KindField.Type.TABLE)
DUE = "应缴日期"
TURNS = (-4.0, 2.5, -1.5, 3.5)


@transaction.atomic
def load(today: date, address: str) -> dict[str, int]:
    """All documents of the demo, or none where there are documents already: their numbers follow their days.

    ``address``: where the demo runs, for the bureau that has not said where the public reaches it.
    """
    Bureau.objects.filter(public_url="").update(public_url=address)
    if Document.objects.exists():
        return {"documents": 0}
    rows = read_table(settings.FIXTURES_DIR / "demo" / f"documents-{settings.BUREAU}.csv")
    office = _Office(today)
    for act in sorted(office.acts_of(rows), key=lambda act: act.at):
        office.do(act)
    keys = [document.pk for document in office.documents.values()]
    waiting = Document.objects.filter(TO_RENDER, pk__in=keys)
    render_later(list(waiting.values_list("pk", flat=True)), None)  # by the worker: a start should be short
    return {"documents": len(office.documents)}


@dataclass(frozen=True)
class _Act:
    row: Row
    name: str
    argument: str
    at: datetime

    @property
    def day(self) -> date:
        return timezone.localdate(self.at)


@dataclass
class _Office:
    """The people of the bureau at work."""

    today: date
    documents: dict[str, Document] = field(default_factory=dict)
    keys: count[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        self.people = {user.username: user for user in User.objects.filter(is_active=True)}
        self.kinds = {kind.code: kind for kind in Kind.objects.prefetch_related("fields")}
        self.methods = {method.code: method for method in ServiceMethod.objects.all()}
        self.bureau, self.calendar = Bureau.objects.get(), current_calendar()
        self.keeper = User.objects.get(position="主任", section__name__endswith="办公室")
        self.acts: dict[str, Callable[[_Act], Any]] = {
            "拟稿": self._draft,
            "重拟": self._redraft,
            "修改": self._edit,
            "送审": lambda act: services.submit(**self._of(act, "拟稿人")),
            "撤回": lambda act: services.withdraw(**self._of(act, "拟稿人")),
            "批准": lambda act: services.approve(**self._of(act, "批准人")),
            "退回": lambda act: services.return_document(**self._of(act, "批准人"), reason=act.argument),
            "印发": lambda act: services.issue(**self._of(act, "拟稿人"), render=False),
            "用印": self._seal,
            "交办": lambda act: services.hand_to(
                **self._of(act, "拟稿人"), server=self._person(act, "送达人")
            ),
            "送达": self._serve,
            "回执": self._complete,
            "更正": self._correct,
            "证明": self._prove,
            "作废": lambda act: services.void(**self._of(act, "批准人"), reason=act.argument),
            "弃稿": lambda act: services.discard(**self._of(act, "拟稿人"), reason=act.argument),
        }

    def acts_of(self, rows: list[Row]) -> list[_Act]:
        """What is to be done: each at its usual time, and after what was done with the document before."""
        acts = []
        for number, row in enumerate(rows):
            minutes = timedelta(minutes=number * 7 % 19)
            last = None
            for word in row["经过"].split():
                days, name, argument = re.fullmatch(r"(\d+)([^:]+):?(.*)", word).groups()  # type: ignore[union-attr]
                at = timezone.make_aware(datetime.combine(self._worked(days), HOURS[name])) + minutes
                last = max(at, last + APART) if last else at
                acts.append(_Act(row, name, argument, last))
        return acts

    def _worked(self, days: int | str) -> date:
        """So many days ago, or the last day before on which people worked."""
        day = self.today - timedelta(days=int(days))
        while not self.calendar.day(day).is_workday:
            day -= timedelta(days=1)
        return day

    def do(self, act: _Act) -> None:
        """Do it as at its time."""
        with clock.at(act.at):
            self.acts[act.name](act)

    def _person(self, act: _Act, column: str) -> User:
        return self.people[act.row[column]]

    def _of(self, act: _Act, column: str) -> dict[str, Any]:
        """Which document, who, when: what every service asks for."""
        document = self.documents[act.row["编号"]]
        return {"document": document, "actor": self._person(act, column), "today": act.day}

    def _words(self, row: Row) -> dict[str, Any]:
        """What is filled in on a draft."""
        village = Village.objects.filter(township__name=row["乡镇"], name=row["村居"]).first()
        return {
            "addressee": row["受送达人"],
            "values": self._values(row),
            "title": row["标题"],
            "matter": row["事由"],
            "place": row["送达地点"],
            "township": Township.objects.filter(name=row["乡镇"]).first(),
            "village": village,
            "attachments": row["附件"].splitlines(),
            "copies_to": row["抄送"].splitlines(),
            "note": row["附注"],
        }

    def _values(self, row: Row) -> dict[str, Any]:
        """Lines ``名称：值``; long texts and tables go on in the lines below."""
        fields = {one.name: one for one in self.kinds[row["种类"]].fields.all()}
        texts: dict[str, list[str]] = {}
        name = ""
        for line in row["栏目"].splitlines():
            begins, _, value = line.partition("：")
            if name in fields and fields[name].type in OF_MANY_LINES and begins not in fields:
                texts[name].append(line)
            else:
                name = begins
                texts[name] = [value] if value else []
        values = {name: self._value(fields[name], lines) for name, lines in texts.items()}
        return values | (_lateness(values) if "逾期天数" in fields else {})

    def _value(self, filled: KindField, lines: list[str]) -> Any:
        if filled.type == KindField.Type.DATE:
            days = -int("".join(lines))
            if filled.name == DUE:  # lateness counts from the day that is rolled over days off
                return self._worked(days)
            return self.today - timedelta(days=days)
        if filled.type == KindField.Type.TABLE:
            return [line.split("|") for line in lines]
        return "\n".join(lines)

    def _draft(self, act: _Act) -> None:
        drafter = self._person(act, "拟稿人")
        section = drafter.section or self._person(act, "批准人").section  # an officer drafts for a section
        given: dict[str, Any] = {"section": section, "drafter": drafter, "today": act.day}
        self.documents[act.row["编号"]] = services.draft_document(
            kind=self.kinds[act.row["种类"]], **given, **self._words(act.row)
        )

    def _redraft(self, act: _Act) -> None:
        voided = self.documents[act.argument]
        drafter = self._person(act, "拟稿人")
        self.documents[act.row["编号"]] = services.redraft(document=voided, drafter=drafter, today=act.day)

    def _edit(self, act: _Act) -> None:
        document = self.documents[act.row["编号"]]
        services.edit_draft(version=document.version, **self._of(act, "拟稿人"), **self._words(act.row))

    def _seal(self, act: _Act) -> None:
        self._print(act)
        services.seal(
            **self._of(act, "拟稿人"),
            sealed_on=act.day,
            seal=f"{self.bureau.name}公章",
            keeper=self.keeper.name,
            copies=2,
        )

    def _print(self, act: _Act) -> None:
        """What is sealed or served has been written before."""
        render(self.documents[act.row["编号"]].pk)

    def _serve(self, act: _Act) -> None:
        self._print(act)
        method = self.methods[act.argument]
        register_service(
            **self._of(act, "送达人"), method=method, request_key=self._key(), **self._receipt(act, method)
        )

    def _complete(self, act: _Act) -> None:
        given = self._of(act, "送达人")
        receiver, _, relation = act.row["签收人"].partition("，")
        complete_service(
            record=_record(given.pop("document")),
            **given,
            request_key=self._key(),
            received_on=act.day,
            receiver=receiver,
            relation=relation,
        )

    def _correct(self, act: _Act) -> None:
        days, _, reason = act.argument.partition(":")
        given = self._of(act, "送达人")
        correct_service(
            record=_record(given.pop("document")),
            **given,
            request_key=self._key(),
            reason=reason,
            received_on=self._worked(days),
        )

    def _key(self) -> str:
        return f"demo-{next(self.keys)}"

    def _receipt(self, act: _Act, method: ServiceMethod) -> dict[str, Any]:
        """The lines of the receipt as this method wants them."""
        row = act.row
        who, _, role = row["签收人"].partition("，")
        common = {
            "first_server": self._person(act, "送达人").name,
            "second_server": row["同行"],
            "place": row["送达地点"],
        }
        there = {"received_on": act.day, "received_at": act.at.time().replace(second=0)}
        lines: dict[str, dict[str, Any]] = {
            DateRule.SIGNED: {**there, "receiver": who, "relation": role},
            DateRule.LEFT: {**there, "refusal": "负责人称须请示股东，拒绝签收", "witness": row["签收人"]},
            DateRule.RETURNED: {"posted_on": act.day, "posting_number": f"演示{act.day:%m%d}0043"},
            DateRule.ARRIVED: {
                **there,
                "place": "office@example.com",
                "consent": "电子送达地址确认书（示例）",
            },
            DateRule.PUBLISHED: {"posted_on": act.day, "posting_number": "县区门户网站公告栏（示例）"},
        }
        remarks = {
            "public": "原厂址已搬空，电话无人接听，直接、邮寄送达均未成，有现场照片为证",
            "entrusted": "委托项目所在园区管理机构送达，委托函（示例）〔2026〕3号",
        }
        return common | lines[method.date_rule] | {"remark": remarks.get(method.code, "")}

    def _prove(self, act: _Act) -> None:
        given = self._of(act, "送达人")
        document: Document = given["document"]
        number = len(document.number or "") + document.pk
        latitude, longitude = CENTRE.get(settings.BUREAU, CENTRE["xinhe"])
        lines = [
            ("事由", document.matter),
            ("文书字号", document.number or ""),
            ("受送达人", document.addressee),
            ("送达地点", act.row["送达地点"]),
            ("收件人", act.row["签收人"]),
            ("送达时间", f"{act.day.year}年{act.day.month}月{act.day.day}日"),
            ("送达人", f"{given['actor'].name}　{act.row['同行']}"),
        ]
        add_proof(
            document=document,
            actor=given["actor"],
            file=receipt_photo(
                lines,
                taken=timezone.localtime(act.at),
                position=(latitude + number % 9 * 0.006, longitude + number % 7 * 0.008),
                turn=TURNS[number % len(TURNS)],
            ),
        )


def _lateness(values: dict[str, Any]) -> dict[str, Any]:
    """Days late and damages at the day up to which a demand counts (domain.md C.4)."""
    days = (values["计算截止日期"] - values[DUE]).days
    damages = Decimal(values["欠缴金额"]) * Decimal(values["违约金千分比"]) / 1000 * days
    return {"逾期天数": days, "违约金": money(damages)}


def _record(document: Document) -> ServiceRecord:
    """The registration that counts."""
    record: ServiceRecord = document.service_records.get(corrected_by=None)
    return record
