"""Open notices in words: why, computed as of the day, until when, and the one act that they ask for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from landbureau.accounts.models import User
from landbureau.documents.access import may as may_document
from landbureau.documents.display import state_word
from landbureau.documents.models import Document, Kind, PrintItem
from landbureau.documents.rules import Status
from landbureau.documents.selectors import ON_THE_WAY, REGISTERED, with_status
from supervision.supply import access
from supervision.supply.models import (
    Instalment,
    Notice,
    NoticeKind,
)
from supervision.supply.rules import Gap, NoticeCode, Track
from supervision.supply.rules.matters import subject_of
from supervision.supply.selectors.arrears import Unpaid, unpaid
from supervision.supply.selectors.facts import terms
from supervision.supply.selectors.indicators import end_of_month
from supervision.supply.selectors.supervised import officers_of
from supervision.supply.selectors.undrafted import is_undrafted
from supervision.supply.words import Word

DAY = timedelta(days=1)
WORDS = {
    NoticeCode.PAYMENT_REMINDER: "缴款提醒",
    NoticeCode.PAYMENT_DEMAND: "催缴",
    NoticeCode.START_REMINDER: "开工提醒",
    NoticeCode.START_RECHECK: "开工复核",
    NoticeCode.COMPLETION_REMINDER: "竣工提醒",
    NoticeCode.COMPLETION_RECHECK: "竣工复核",
    NoticeCode.VISIT_DUE: "巡查",
    NoticeCode.DATA_GAP: "资料缺失",
}
GOALS = {Track.START.value: "开工", Track.COMPLETION.value: "竣工"}
OF_MONEY = (NoticeCode.PAYMENT_REMINDER, NoticeCode.PAYMENT_DEMAND)
REDRAFT = "重新起草"
ON_SITE = (NoticeCode.START_RECHECK, NoticeCode.COMPLETION_RECHECK, NoticeCode.VISIT_DUE)
GAPS = {
    Gap.START_DATE: "没有约定开工日期，也没有交地日期，无法计算开工期限",
    Gap.COMPLETION_DATE: "没有约定竣工日期，无法计算竣工期限",
    Gap.INSTALMENT_DATE: "{seq}没有应缴日期，无法提醒和催缴",
    Gap.INSTALMENTS: "有成交价款而没有分期缴款，无法提醒和催缴",
    Gap.TYPE_B_TESTS: "停工已满一年，已开发面积和已投资额都不明，无法判断是否闲置",
}


def short_word(code: str, title: str = "") -> str:
    """What a kind is called where there is little room."""
    return WORDS.get(NoticeCode(code), title) if code in list(NoticeCode) else title


def gap_of(notice: Notice) -> tuple[Gap, int | None]:
    """What is missing, and of which instalment."""
    name, _, seq = notice.gap.partition("-")
    return Gap(name), int(seq) if seq else None


# --- A notice as a line -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """``by``: the last day for what is asked; ``act``: of this person; ``state``: of the document.

    ``printed``: it was in a batch for the printer; None: there is nothing to print.
    """

    notice: Notice
    kind: str
    colour: str
    why: str
    by: date | None
    act: str
    url: str
    officer: User | None
    state: Word | None
    document: Document | None
    printed: bool | None = None


def lines(notices: Sequence[Notice], user: User, today: date) -> list[Line]:
    """The notices (with ``kind``, ``supply`` and its land user, parcel and township) in words.

    Nine queries at most.
    """
    money, times = money_of(notices, today), times_of(notices)
    documents = _documents([row.document_id for row in notices if row.document_id], user, today)
    people = officers_of({row.supply_id for row in notices})
    found = []
    for row in notices:
        document = documents.get(row.document_id) if row.document_id else None
        act, url = act_for(row, user, document)
        found.append(
            Line(
                notice=row,
                kind=short_word(row.kind_id, row.kind.title),
                colour=colour_of(row, today),
                why=why(row, money.get(row.instalment_id or 0), today, times.get(row.pk, 1)),
                by=last_day(row, money.get(row.instalment_id or 0)),
                act=act,
                url=url,
                officer=people.get(row.supply_id),
                state=_document_word(document, today) if document else None,
                document=document,
                printed=document.printed if document and _is_to_print(document) else None,
            )
        )
    return found


def money_of(notices: Collection[Notice], today: date) -> dict[int, Unpaid]:
    """What is unpaid of the instalments that the notices concern, by instalment."""
    keys = {row.instalment_id for row in notices if row.instalment_id and row.kind_id in OF_MONEY}
    if not keys:
        return {}
    found = unpaid(Instalment.objects.filter(pk__in=keys), today, terms())
    return {one.instalment: one for one in found}


def times_of(notices: Collection[Notice]) -> dict[int, int]:
    """The how many-th each repeated notice is, by its key: one more than those told before.

    Rounds count the periods that have passed; told is what was written, and where the kind has a document,
    issued. One query, where there are repeated ones.
    """
    repeated = [row for row in notices if row.round > 1 and row.pk]
    if not repeated:
        return {}
    rows = Notice.objects.filter(supply__in={row.supply_id for row in repeated}).filter(
        Q(kind__document_kind=None) | Q(document__issued_on__isnull=False, document__voided_on=None)
    )
    told: dict[tuple[int, str], list[int]] = defaultdict(list)
    for supply, key, of_round in rows.order_by().values_list("supply", "key", "round"):
        told[supply, subject_of(key)].append(of_round)
    return {
        row.pk: 1 + sum(before < row.round for before in told[row.supply_id, subject_of(row.key)])
        for row in repeated
    }


def _documents(keys: Collection[int], user: User, today: date) -> dict[int, Any]:
    """Those of the documents that ``user`` sees, with their states."""
    if not keys:
        return {}
    rows: QuerySet[Document] = Document.objects.visible_to(user).filter(pk__in=keys)
    found = with_status(rows, today).select_related("kind", "township").annotate(printed=PRINTED)
    return {row.pk: row for row in found.defer("content")}


def _is_to_print(document: Any) -> bool:
    return document.state in (Status.ISSUED, Status.SEALED) and document.needs_service and not document.sent


def _document_word(document: Any, today: date) -> Word:
    return state_word(Status(document.state), document, document.sent)


def colour_of(notice: Notice, today: date) -> str:
    """As the state of what it is about (screens.md)."""
    match notice.kind_id:
        case NoticeCode.PAYMENT_DEMAND:
            return "red"
        case NoticeCode.START_RECHECK | NoticeCode.COMPLETION_RECHECK | NoticeCode.DATA_GAP:
            return "orange"
        case NoticeCode.VISIT_DUE:
            by = act_by(notice.kind_id, notice.track, notice.due_on)
            return "red" if by and by < today else "orange"
        case _:
            return "blue"


def act_by(kind: str, track: str, due_on: date | None) -> date | None:
    """The last day for what a notice asks; None: it has none.

    A visit of a stage may be made on the day after its date, one of a month (no ``track``) until its end.
    """
    if due_on is None or kind != NoticeCode.VISIT_DUE:
        return due_on
    return due_on + DAY if track else end_of_month(due_on)


def last_day(notice: Notice, money: Unpaid | None) -> date | None:
    """As ``act_by``; of money the day to which it was rolled."""
    return money.effective_due_on if money else act_by(notice.kind_id, notice.track, notice.due_on)


def why(notice: Notice, money: Unpaid | None, today: date, times: int = 1) -> str:
    """The reason with what was computed. ``money``: of the instalment that it concerns; ``times``: as in
    ``times_of``."""
    due_on = notice.due_on
    again = f"第 {times} 次。" if times > 1 else ""
    if notice.kind_id == NoticeCode.DATA_GAP:
        gap, seq = gap_of(notice)
        return GAPS[gap].format(seq=f"第{seq}期") + "。"
    if due_on is None:
        return ""
    if notice.kind_id in OF_MONEY:
        return again + _why_money(notice, money)
    if notice.kind_id == NoticeCode.VISIT_DUE:
        return _why_visit(notice, due_on)
    goal = GOALS.get(notice.track, "")
    if notice.kind_id in (NoticeCode.START_RECHECK, NoticeCode.COMPLETION_RECHECK):
        return f"{again}约定 {due_on} {goal}，已过 {(today - due_on).days} 天，须现场复核是否{goal}。"
    return f"约定 {due_on} {goal}，{_until(due_on, today)}。"


def _until(due_on: date, today: date) -> str:
    days = (due_on - today).days
    return f"还有 {days} 天" if days > 0 else "今天到期" if days == 0 else f"已过 {-days} 天"


def _why_money(notice: Notice, money: Unpaid | None) -> str:
    if money is None:
        return "已缴清或者已不在管。"
    one = f"第{money.seq}期应缴 {money.due_on}"
    if money.effective_due_on != money.due_on:
        one += f"（顺延至 {money.effective_due_on}）"
    if not money.days_late:
        return f"{one}，尚欠 {money.balance:,.2f} 元。"
    damages = f"违约金 {money.damages:,.2f} 元" if money.damages is not None else "合同未约定违约金"
    return f"{one}，逾期 {money.days_late} 天，欠 {money.balance:,.2f} 元，{damages}。"


def _why_visit(notice: Notice, due_on: date) -> str:
    if not notice.track:
        return f"{due_on:%Y} 年 {due_on.month} 月须巡查一次，当月还没有巡查记录。"
    goal = GOALS[notice.track]
    return f"约定 {due_on} {goal}，{goal}阶段须巡查一次，{due_on + DAY} 前完成。"


def act_for(notice: Notice, user: User, document: Document | None) -> tuple[str, str]:
    """What ``user`` can do about it, and where: one button."""
    supply = notice.supply
    if notice.closed_on is not None:
        return "查看", supply.get_absolute_url()
    if notice.kind_id in ON_SITE:
        if access.may(user, "create_visit", supply):
            return notice.kind.act, reverse("supply:visit", args=[supply.pk])
        return "查看", supply.get_absolute_url()
    if notice.kind_id == NoticeCode.DATA_GAP:
        return repair_of(notice, user)
    if is_undrafted(notice, timezone.now()) and access.may(user, "create_notice", supply):
        return REDRAFT, reverse("supply:redraft", args=[notice.pk])
    if document is not None and document.voided_on is None:
        return _document_act(document, user), document.get_absolute_url()
    return "查看", supply.get_absolute_url()


def _document_act(document: Any, user: User) -> str:
    """What ``user`` may do next with the document; its page asks again."""
    if document.state == Status.DRAFT:
        act, word = ("approve", "审批") if document.submitted_on else ("draft", "补全送审")
        if act == "approve" and document.kind.approval == Kind.Approval.LEADER:
            act = "sign"
        return word if may_document(user, act, document) else "查看文书"
    if document.state == Status.APPROVED:
        return "印发" if may_document(user, "draft", document) else "查看文书"
    if document.state == Status.ISSUED and document.needs_seal:
        return "登记用印" if may_document(user, "seal", document) else "查看文书"
    waits = document.state in (Status.ISSUED, Status.SEALED) and document.needs_service and not document.sent
    return "登记送达" if waits and user.has_perm("accounts.serve_notice") else "查看文书"


def repair_of(notice: Notice, user: User) -> tuple[str, str]:
    """Where the fact that is missing can be entered."""
    supply = notice.supply
    gap, _ = gap_of(notice)
    if gap == Gap.TYPE_B_TESTS:
        if access.may(user, "create_visit", supply):
            return "现场核查", reverse("supply:visit", args=[supply.pk])
    elif access.may(user, "update_supply", supply):
        page = "supply:instalments" if gap in (Gap.INSTALMENT_DATE, Gap.INSTALMENTS) else "supply:correct"
        return "补录资料", reverse(page, args=[supply.pk])
    return "查看", supply.get_absolute_url()


# --- Sets of notices --------------------------------------------------------------------------------------


def notices_for(user: User) -> QuerySet[Notice]:
    """Those that ``user`` sees, with what a line names; the longest due first."""
    rows: QuerySet[Notice] = Notice.objects.visible_to(user)
    related = ("kind", "sweep", "supply__land_user", "supply__parcel__township__office")
    return rows.select_related(*related).order_by(F("due_on").asc(nulls_last=True), "pk")


def counts_by_kind(rows: QuerySet[Notice]) -> list[tuple[str, str, int]]:
    """Code, word and number of each kind that there is, in the order of the bureau's list."""
    found: dict[str, int] = dict(rows.order_by().values_list("kind").annotate(count=Count("pk")))
    kinds = NoticeKind.objects.order_by("order", "pk").values_list("code", "title")
    return [(code, short_word(code, title), found[code]) for code, title in kinds if code in found]


PRINTED = Exists(PrintItem.objects.filter(document=OuterRef("pk")))
TO_HAND_OVER = ON_THE_WAY & ~Q(REGISTERED)
"""Issued documents that are still to be served and not posted yet: what is printed and carried out."""


def handed_over_today(rows: QuerySet[Notice]) -> QuerySet[Notice]:
    """Of these notices those whose document is to be printed or served, what is not printed yet first.

    ``printed`` says so of each.
    """
    documents = Document.objects.filter(TO_HAND_OVER).order_by().values("pk")
    printed = Exists(PrintItem.objects.filter(document=OuterRef("document")))
    return (
        rows.filter(document__in=documents)
        .annotate(printed=printed)
        .order_by("printed", F("due_on").asc(nulls_last=True), "pk")
    )


@dataclass(frozen=True, slots=True)
class ToPrint:
    """Documents in sight that are to be served and were never printed; ``unready``: without their PDF yet."""

    ready: int
    unready: int


def to_print(rows: QuerySet[Notice], user: User) -> QuerySet[Document]:
    """The documents of these notices that ``user`` sees, are to be served, and were never printed."""
    wanted = rows.order_by().values("document")
    visible: QuerySet[Document] = Document.objects.visible_to(user).filter(TO_HAND_OVER, pk__in=wanted)
    return visible.filter(~PRINTED)


def count_to_print(rows: QuerySet[Notice], user: User) -> ToPrint:
    """In one query; ``ready``: exactly those that ``printing.printable`` lets through."""
    unready = Q(sha256="")
    found = to_print(rows, user).order_by().aggregate(all=Count("pk"), unready=Count("pk", filter=unready))
    return ToPrint(found["all"] - found["unready"], found["unready"])
