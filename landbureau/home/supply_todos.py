"""What waits for a person in the supervision of supplies: notices, proposals, contracts to be ended, checks.

Few one by one, many as one line that opens their list. A notice whose document is on its way is the to-do
of the document (``document_todos``), not shown twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Case, CharField, Count, Exists, F, OuterRef, Q, QuerySet, Value, When, Window
from django.db.models.functions import RowNumber
from django.urls import reverse

from landbureau.accounts.models import Bureau, User
from landbureau.accounts.selectors import acting_for, scopes_for
from landbureau.home.rules import Todo
from supervision.supply import access, rules
from supervision.supply.models import Event, Instalment, LandSupply, Notice, NoticeKind
from supervision.supply.models.events import KindChoice
from supervision.supply.rules import NoticeCode, PaymentState, Track
from supervision.supply.selectors import facts_of, terms
from supervision.supply.selectors.arrears import Unpaid, total, unpaid
from supervision.supply.selectors.notices import (
    ON_SITE,
    last_day,
    may_be_held,
    money_of,
    repair_of,
    short_word,
    why,
)
from supervision.supply.selectors.office import ANSWERS
from supervision.supply.selectors.overview import debtors, named
from supervision.supply.selectors.supervised import supervised_by, supervisions, under_supervision
from supervision.supply.selectors.visits import entries_for

MOST_ALONE = 5  # of one kind; more are told as one line
WORD = {Track.PAYMENT.value: "缴款", Track.START.value: "开工", Track.COMPLETION.value: "竣工"}


def supply_todos(user: User, today: date) -> list[Todo]:
    """What waits for ``user``; a number of queries that does not grow. Who sees no supply has none."""
    if not scopes_for(user, "view_supply"):
        return []
    return [
        *_terminable(user, today),
        *_steps(user, today),
        *_notices(user, today),
        *_checks(user, today),
        *_review(user, today),
    ]


def _within(user: User, *codenames: str, at: str = "supply__") -> Q:
    """Condition: where ``user`` holds one of these permissions. ``at``: the way to the supply."""
    where = Q(pk__in=())
    for codename in codenames:
        scopes = scopes_for(user, codename)
        if scopes.everywhere:
            return Q()
        if scopes.sections:
            where |= Q(**{f"{at}section__in": scopes.sections})
        if scopes.offices:
            where |= Q(**{f"{at}parcel__township__office__in": scopes.offices})
    return where


def _alone(rows: QuerySet[Any], by: str, order: Sequence[Any]) -> Any:
    """The first few of each sort (the column ``by``), each with the number of all (``many``)."""
    return rows.annotate(
        place=Window(RowNumber(), partition_by=F(by), order_by=order),
        many=Window(Count("pk"), partition_by=F(by)),
    ).filter(place__lte=MOST_ALONE)


def _told(rows: Iterable[Any]) -> list[Any]:
    """Those that stand for a line: each of few, of many the first."""
    return [row for row in rows if row.many <= MOST_ALONE or row.place == 1]


# --- Notices --------------------------------------------------------------------------------------------


def _notices(user: User, today: date) -> list[Todo]:
    rows: Any = Notice.objects.open().filter(_for_section(user) | _for_officer(user, today)).order_by()
    shown = _told(
        _alone(rows, "kind", [F("due_on").asc(nulls_last=True), F("pk").asc()])
        .select_related("kind", "document", "supply__land_user", "supply__parcel__township")
        .order_by("kind", "place")
    )
    money = money_of(shown, today)
    return [_notice(row, user, money.get(row.instalment_id or 0), today) for row in shown]


def _for_section(user: User) -> Q:
    """What the section does: where no document is on its way, or the system's draft waits for a hand.

    A document that is still to be drafted by the next task is not waited for; one that failed is.
    """
    no_paper = Q(document=None) & (Q(kind__document_kind=None) | ~Q(error=""))
    draft = Q(
        Q(kind__held=False) | ~Q(error=""),
        document__isnull=False,
        document__drafted_by=None,
        document__submitted_on=None,
        document__approved_on=None,
    )
    waits = no_paper | draft | Q(document__voided_on__isnull=False)
    mine = _within(user, "create_notice", "approve_notice")
    gaps = Q(kind=NoticeCode.DATA_GAP)
    section = Q(kind__doer=NoticeKind.Doer.SECTION)
    return section & ((~gaps & waits & mine) | (gaps & _within(user, "update_supply")))


def _for_officer(user: User, today: date) -> Q:
    """What is looked at on the site: one's own, and what is nobody's in the section or the office."""
    people = [user.pk, *acting_for(user, today)]
    own = Q(supply__in=supervised_by(people))
    nobodys = ~Q(supply__in=supervisions().values("object_id"))
    free = nobodys & _within(user, "create_visit", "create_notice")
    return Q(kind__doer=NoticeKind.Doer.OFFICER) & (own | free)


def _notice(row: Any, user: User, money: Unpaid | None, today: date) -> Todo:
    word = short_word(row.kind_id, row.kind.title)
    by = last_day(row, money)
    if row.many > MOST_ALONE:
        return Todo(
            word,
            f"{row.many} 项{word}",
            f"“{row.supply.land_user}”等，可在清单中逐项办理。",
            "查看清单",
            _list_of(row, user),
            by,
        )
    act, url = _act(row, user)
    reason = why(row, money, today)
    if row.error:
        reason += row.error
    elif row.document_id and row.document.voided_on is None:
        reason += "文书已拟好，待补全送审。"
    elif row.kind.doer == NoticeKind.Doer.OFFICER and act == "指派人员":
        reason += "这宗供地没有监管人员。"
    return Todo(word, _title(row.supply, money), reason, act, url, by)


def _title(supply: LandSupply, money: Unpaid | None = None) -> str:
    return f"{supply.land_user}　第{money.seq}期出让金" if money else f"{supply.land_user}　{supply.number}"


def _list_of(row: Any, user: User) -> str:
    if row.kind_id in ON_SITE and scopes_for(user, "create_visit"):
        return reverse("supply:my_visits")
    return f"{reverse('supply:notices')}?kind={row.kind_id}"


def _act(row: Any, user: User) -> tuple[str, str]:
    supply = row.supply
    if row.kind_id == NoticeCode.DATA_GAP:
        return repair_of(row, user)
    if row.kind.doer == NoticeKind.Doer.OFFICER:
        if access.may(user, "create_visit", supply):
            return row.kind.act, reverse("supply:visit", args=[supply.pk])
        return "指派人员", supply.get_absolute_url()
    if row.document_id and row.document.voided_on is None:
        return "补全送审", row.document.get_absolute_url()
    return row.kind.act, supply.get_absolute_url()


# --- Proposals and applications that wait for a decision ------------------------------------------------


@dataclass(frozen=True)
class Step:
    """An act (by the name of its address) that answers a step of the office; ``permission``: of who may."""

    kind: str
    act: str
    many: str
    permission: str


STEPS = {
    "decide_default": Step("违约认定", "审核认定", "违约认定待审核", "approve_default"),
    "review_extension": Step("延期审批", "审核", "延期申请待审核", "approve_extension"),
    "decide_extension": Step("延期审批", "审批", "延期申请待批准", "decide_extension"),
    "decide_termination": Step("解除合同", "批准解除", "解除合同待批准", "approve_termination"),
    "brigade_accept": Step("移送", "接收", "移送待接收", access.VIEW_DEFAULT),
}


def _answered(kinds: Iterable[str], *more: Q) -> Exists:
    """Whether an event in force answers the row: by name, or entered later without saying what it answers."""
    rows = Event.objects.in_force().filter(*more, kind__in=list(kinds))
    named = Q(answers=OuterRef("pk")) | Q(answers=OuterRef("corrects"))
    later = Q(answers=None, supply=OuterRef("supply"), track=OuterRef("track"), on__gte=OuterRef("on"))
    return Exists(rows.filter(named | later))


def _open_steps(kind: str) -> Q:
    return Q(kind=kind) & ~Q(_answered(ANSWERS[kind]))


def _steps(user: User, today: date) -> list[Todo]:
    branches = _branches(user, today)
    if not branches:
        return []
    where = Q(pk__in=())
    for condition in branches.values():
        where |= condition
    rows = (
        Event.objects.in_force()
        .filter(where, under_supervision("supply__", today), kind__in=list(ANSWERS))
        .annotate(
            sort=Case(
                *(When(condition, then=Value(name)) for name, condition in branches.items()),
                default=Value(""),
                output_field=CharField(),
            )
        )
        .order_by()
    )
    shown = _told(
        _alone(rows, "sort", [F("on").asc(), F("pk").asc()])
        .select_related("recorded_by", "supply__land_user", "supply__parcel__township")
        .order_by("sort", "place")
    )
    if not shown:
        return []
    numbers = terms()
    facts = facts_of({row.supply_id: row.supply for row in shown}.values())
    return [
        _step(row, facts[row.supply_id], today, numbers) for row in shown if not _is_own(user, row, today)
    ]


def _branches(user: User, today: date) -> dict[str, Q]:
    """What ``user`` may decide, by the name of the act: never on what is one's own proposal or review."""
    of_others = ~Q(recorded_by=user)
    applied = _open_steps(KindChoice.EXTENSION_APPLIED) & of_others
    reviewed = Q(_answered([KindChoice.EXTENSION_REVIEWED]))
    by_me = Q(_answered([KindChoice.EXTENSION_REVIEWED], Q(recorded_by=user)))
    waiting = {
        "decide_default": _open_steps(KindChoice.DETERMINATION_PROPOSED) & of_others,
        "review_extension": applied & ~reviewed,
        "decide_extension": applied & reviewed & ~by_me,
        "decide_termination": _open_steps(KindChoice.TERMINATION_PROPOSED) & of_others,
    }
    branches = {
        name: where & _within(user, STEPS[name].permission)
        for name, where in waiting.items()
        if scopes_for(user, STEPS[name].permission)
    }
    if access.is_brigade(user, today):
        branches["brigade_accept"] = _open_steps(KindChoice.TO_BRIGADE)
    return branches


def _is_own(user: User, row: Any, today: date) -> bool:
    """A deputy does not decide on the work of whom one deputises for, but by a permission of one's own."""
    if row.sort == "brigade_accept":  # nobody of the brigade has written what it takes over
        return False
    authors = [row.recorded_by_id]
    return access.not_separate(user, [STEPS[row.sort].permission], row.supply, authors, today)


def _step(row: Any, facts: rules.Facts, today: date, numbers: rules.Terms) -> Todo:
    step = STEPS[row.sort]
    url = f"{reverse(f'supply:{row.sort}', args=[row.supply_id])}?step={row.pk}"
    if row.many > MOST_ALONE:
        title = f"{row.many} 项{step.many}"
        return Todo(step.kind, title, f"“{row.supply.land_user}”等，最早 {row.on} 提出。", step.act, url)
    view = rules.view_of(facts, today, numbers)
    track = row.track or _stage_of(facts, row)
    stage = view.start if track == Track.START else view.completion
    who = f"{row.on:%m-%d} {row.recorded_by or '台账导入'}"
    match row.sort:
        case "decide_default":
            told = f"{who}提出：{row.get_cause_display()}。{_delay(stage)}"
            return Todo(
                step.kind, f"{row.supply.land_user}　{WORD[track]}", told, step.act, url, stage.due_on
            )
        case "review_extension" | "decide_extension":
            until = f"由 {stage.due_on} 延至 {row.new_due_on}" if row.new_due_on else f"现约定 {stage.due_on}"
            cause = f"，{row.get_cause_display()}" if row.cause else ""
            told = f"{who}受理，{until}{cause}。{_delay(stage) if stage.days_late else ''}"
            return Todo(
                step.kind,
                f"{row.supply.land_user}　申请延期{WORD[track]}",
                told,
                step.act,
                url,
                stage.due_on,
            )
        case "decide_termination":
            late = [one for one in view.payment if one.state == PaymentState.TERMINABLE]
            owed = sum((one.balance for one in late), Decimal(0))
            damages = sum((one.damages or Decimal(0) for one in late), Decimal(0))
            told = f"{who}提请：逾期未缴 {owed:,.2f} 元，违约金 {damages:,.2f} 元。"
            return Todo(step.kind, _title(row.supply), told, step.act, url)
        case _:
            told = f"{who}移送：{WORD.get(track, '')}违约。{_delay(stage)}"
            return Todo(step.kind, _title(row.supply), told, step.act, url)


def _stage_of(facts: rules.Facts, row: Any) -> str:
    """The stage that an event from a ledger concerns."""
    found = next((event for event in facts.events if event.order == row.pk), None)
    stage = facts.stage_of(found) if found else None
    return stage.value if stage else Track.START.value


def _delay(stage: rules.DateView) -> str:
    if stage.due_on is None:
        return "约定日期不明。"
    late = f"逾期 {stage.days_late} 天" if stage.days_late else "尚未逾期"
    damages = f"，违约金 {stage.damages:,.2f} 元" if stage.damages else ""
    return f"约定 {stage.due_on} {WORD[stage.track.value]}，{late}{damages}。"


# --- Contracts that may be terminated -------------------------------------------------------------------


def _terminable(user: User, today: date) -> list[Todo]:
    """For the section head: late beyond the agreed days, demanded, and neither proposed nor declined."""
    if not scopes_for(user, "approve_supply"):
        return []
    numbers = terms()
    decided = Event.objects.in_force().filter(supply=OuterRef("supply"))
    proposed = decided.filter(_open_steps(KindChoice.TERMINATION_PROPOSED))
    declined = decided.filter(kind=KindChoice.TERMINATION_DECLINED, on__gte=OuterRef("terminable_from"))
    rows = Instalment.objects.filter(
        ~Exists(proposed),
        ~Exists(declined),
        _within(user, "approve_supply"),
        terminable_from__lte=today,
        demanded_on__lte=today,
    )
    late = [one for one in unpaid(rows, today, numbers) if one.state == PaymentState.TERMINABLE]
    found = debtors(late)
    if not found:
        return []
    if len(found) > MOST_ALONE:
        balance, damages = total(late)
        return [
            Todo(
                "解除合同",
                f"{len(found)} 宗可以提请解除合同",
                f"逾期超过 {numbers.terminable_days} 天且已催缴，共欠 {balance:,.2f} 元，"
                f"违约金 {damages:,.2f} 元。",
                "查看清单",
                f"{reverse('supply:supplies')}?payment=TERMINABLE",
                min(one.effective_due_on for one in late),
            )
        ]
    names = named([debtor.supply for debtor in found])
    return [
        Todo(
            "解除合同",
            _title(names[debtor.supply], debtor.instalments[0]),
            f"逾期超过 {numbers.terminable_days} 天且已催缴，可以解除合同。欠 {debtor.balance:,.2f} 元，"
            f"违约金 {debtor.damages:,.2f} 元。请决定是否呈报局领导。",
            "提请解除",
            reverse("supply:propose_termination", args=[debtor.supply]),
            debtor.instalments[0].effective_due_on,
        )
        for debtor in found
    ]


# --- Checks and the review at go-live -------------------------------------------------------------------


def _checks(user: User, today: date) -> list[Todo]:
    rows: Any = entries_for(user, today).order_by()
    columns = ("check_list", "check_list__title", "check_list__kind", "check_list__due_on")
    found = rows.values_list(*columns).annotate(count=Count("pk"))
    return [
        Todo(
            "检查",
            title,
            f"{'交叉巡查' if kind == 'cross' else '随机抽查'}名单中还有 {count} 宗由您检查。",
            "去检查",
            f"{reverse('supply:check_list', args=[pk])}?own=1",
            due_on,
        )
        for pk, title, kind, due_on, count in found
    ]


def _review(user: User, today: date) -> list[Todo]:
    if not scopes_for(user, "approve_notice"):
        return []
    go_live = Bureau.objects.values_list("go_live_on", flat=True).first()
    if not may_be_held(user, go_live, today):
        return []
    return [
        Todo(
            "上线核实",
            "核实启用前已到期的事项",
            f"启用日期 {go_live} 以前到期的催缴、复核、巡查不自动发出，核实确认后才生成通知。",
            "去核实",
            reverse("supply:review"),
        )
    ]
