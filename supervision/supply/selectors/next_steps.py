"""What a person can do with a supply now: the next steps, most urgent first, and all acts that are open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from django.urls import reverse

from landbureau.accounts.models import User
from landbureau.documents.models import Document
from landbureau.documents.services import allowed
from supervision.supply import access
from supervision.supply.models import DeviationKind, Event, Instalment, LandSupply, Notice
from supervision.supply.models.events import CauseChoice
from supervision.supply.rules import (
    EXEMPT,
    Cause,
    HandoverState,
    NoticeCode,
    PaymentState,
    StageState,
    Track,
    View,
)
from supervision.supply.rules.money import ZERO
from supervision.supply.selectors.consequences import damages_of, delay, papers, rate_of, yuan
from supervision.supply.selectors.facts import parameter
from supervision.supply.selectors.why_now import why_now
from supervision.supply.transitions import TRACKS, TRANSITIONS, UNPAID, Situation, situation_of

PAPER_STEPS = ("approve", "issue", "seal", "serve", "submit")
"""What is done with a document, in the order of its life; its page leads on."""


@dataclass(frozen=True, slots=True)
class NextStep:
    """``why``: the reason and the computed consequence in words; ``action``: the button.

    ``colour``: of states (grey blue orange red purple green); ``due_on``: by when, if a day is set.
    """

    title: str
    why: str
    action: str
    url: str
    colour: str
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """An act that is open to the person; ``name``: of its address, without ``supply:``."""

    name: str
    title: str


def next_steps(user: User, supply: LandSupply, view: View, today: date) -> list[NextStep]:
    """What ``user`` is expected to do with the supply now, most urgent first. ``view``: as of ``today``."""
    now = situation_of(supply, today, view)
    if view.closed_on is not None:
        return [*_papers(user, now)]
    return [
        *_decisions(user, now),
        *_brigade(user, now),
        *_papers(user, now),
        *_terminable(user, now),
        *_looks(user, now),
        *_defaults(user, now),
        *_extensions(user, now),
        *_late_payments(user, now),
        *_site(user, now),
        *_deviations(user, now),
        *_gaps(user, now),
        *_coming_payments(user, now),
        *_damages(user, now),
        *_rest(user, now),
    ]


def allowed_acts(user: User, supply: LandSupply, view: View, today: date) -> list[Act]:
    """Every act that ``user`` may do now, in the order of the work."""
    now = situation_of(supply, today, view)
    return [
        Act(name, act.title)
        for name, act in TRANSITIONS.items()
        if act.permits(user, supply, today) and not act.refusal(now) and not act.not_for(user, now)
    ]


def _open(user: User, now: Situation, name: str) -> bool:
    act = TRANSITIONS[name]
    return act.permits(user, now.supply, now.today) and not act.refusal(now)


def _url(now: Situation, name: str, **query: Any) -> str:
    address = reverse(f"supply:{name}", args=[now.supply.pk])
    return f"{address}?{urlencode(query)}" if query else address


# --- Decisions of others' proposals --------------------------------------------------------------------


def _decisions(user: User, now: Situation) -> Iterator[NextStep]:
    for name, told in (
        ("decide_termination", _termination),
        ("decide_default", _proposal),
        ("decide_extension", _application),
        ("review_extension", _application),
    ):
        if _open(user, now, name):
            for step in TRANSITIONS[name].steps_for(user, now):
                yield told(now, name, step)


def _who(step: Event) -> str:
    return f"{step.on:%m-%d} {step.recorded_by or '台账导入'}"


def _termination(now: Situation, name: str, step: Event) -> NextStep:
    return NextStep(
        "批准解除合同",
        f"{_who(step)}提请：{step.remark}。{why_now('propose_termination', now)}",
        "批准解除",
        _url(now, name, step=step.pk),
        "red",
    )


def _proposal(now: Situation, name: str, step: Event) -> NextStep:
    track, cause = Track(step.track), Cause(step.cause)
    word = TRACKS[track]
    told = delay(replace(now.stage(track), cause=cause), rate_of(now, track))
    if cause in EXEMPT:
        then = "认定后由本单位提出开工、竣工日期的延期"
    else:
        kind = "start_performance" if track == Track.START else "completion_performance"
        then = f"认定后生成{papers(kind)}，并移送监察大队调查"
    return NextStep(
        f"审核{word}违约认定",
        f"{_who(step)}提出“{CauseChoice(step.cause).label}”。{then}；{word}{told}。",
        "审核认定",
        _url(now, name, step=step.pk),
        "red",
        step.on + timedelta(days=int(parameter("default_propose_days"))),
    )


def _application(now: Situation, name: str, step: Event) -> NextStep:
    track = Track(step.track)
    dates = f"{TRACKS[track]}由 {now.stage(track).due_on} 延至 {step.new_due_on}"
    if step.new_completion_on:
        dates += f"，竣工延至 {step.new_completion_on}"
    review = now.office.reviews.get(step.pk)
    opinion = f"审核意见：{review.remark}。" if review else ""
    title = "批准延期" if name == "decide_extension" else "审核延期申请"
    return NextStep(
        f"{title}（{TRACKS[track]}）",
        f"{_who(step)}受理，{dates}。{opinion}批准之前约定日期不变。",
        "批准" if name == "decide_extension" else "审核",
        _url(now, name, step=step.pk),
        "orange",
    )


def _brigade(user: User, now: Situation) -> Iterator[NextStep]:
    if _open(user, now, "brigade_accept"):
        for step in now.office.handed_over:
            matter = f"{step.get_track_display()}违约，{step.get_cause_display() or '原因未定'}"
            yield NextStep(
                "接收移送",
                f"{_who(step)}移送：{matter}。接收后由监察大队调查。",
                "接收",
                _url(now, "brigade_accept", step=step.pk),
                "red",
            )


# --- Documents: done on their own pages ----------------------------------------------------------------


def _papers(user: User, now: Situation) -> Iterator[NextStep]:
    """The document's next step, where it is this person's."""
    supply = now.supply
    ours = (
        Q(pk__in=Event.objects.in_force().filter(supply=supply, document__isnull=False).values("document"))
        | Q(pk__in=Notice.objects.open().filter(supply=supply, document__isnull=False).values("document"))
        | Q(content_type=ContentType.objects.get_for_model(LandSupply), object_id=supply.pk)
        | Q(
            content_type=ContentType.objects.get_for_model(Instalment),
            object_id__in=Instalment.objects.filter(supply=supply).order_by().values("pk"),
        )
        | Q(
            content_type=ContentType.objects.get_for_model(Event),
            object_id__in=Event.objects.filter(supply=supply).order_by().values("pk"),
        )
    )
    waiting = Q(approved_on=None) | Q(issued_on=None) | Q(needs_seal=True, sealed_on=None)
    waiting |= Q(needs_service=True, served_on=None)
    rows = Document.objects.visible_to(user).filter(ours, waiting, voided_on=None)
    held = set(
        Notice.objects.open()
        .filter(supply=supply, kind__held=True, document__submitted_on=None)
        .values_list("document", flat=True)
    )
    for document in rows.select_related("kind", "section", "township").order_by("drafted_on", "pk"):
        titles = {step.name: step.title for step in allowed(user, document, now.today)}
        name = next((name for name in PAPER_STEPS if name in titles), None)
        if name is None or document.pk in held:
            continue
        yield NextStep(
            f"{titles[name]}《{document.title}》",
            _standing(document),
            titles[name],
            document.get_absolute_url(),
            "red" if document.serve_by and document.serve_by < now.today else "blue",
            document.serve_by,
        )


def _standing(document: Document) -> str:
    number = f"{document.number}　" if document.number else ""
    if document.issued_on:
        return f"{number}{document.issued_on} 印发，送达 {document.addressee}。"
    if document.approved_on:
        return f"{document.approved_on} 已批准，印发后编号。"
    return f"{document.drafted_on} 拟稿，{'待批准' if document.submitted_on else '待送审'}。"


# --- What the states ask for ---------------------------------------------------------------------------


def _terminable(user: User, now: Situation) -> Iterator[NextStep]:
    """Not again where the leader has declined since it could be terminated: that needs a new ground."""
    declined = now.office.declined
    if not _open(user, now, "propose_termination"):
        return
    yield NextStep(
        "提请解除合同",
        why_now("propose_termination", now) + (f"{declined.on} 曾提请，未予批准。" if declined else ""),
        "提请解除",
        _url(now, "propose_termination"),
        "orange" if declined else "red",
    )


def _looks(user: User, now: Situation) -> Iterator[NextStep]:
    """A visit that is due: after the agreed date, or within the stage."""
    if not access.may(user, "create_visit", now.supply):
        return
    rechecks = [stage for stage in now.stages if stage.state == StageState.RECHECK]
    for stage in rechecks:
        word = TRACKS[stage.track]
        yield NextStep(
            f"现场复核是否{word}",
            f"约定 {stage.due_on} {word}，{delay(stage, rate_of(now, stage.track))}，到期后还没有巡查。",
            "现场巡查",
            _url(now, "visit"),
            "orange",
            stage.due_on + timedelta(days=1) if stage.due_on else None,
        )
    due = (
        Notice.objects.open()
        .filter(supply=now.supply, kind__code=NoticeCode.VISIT_DUE)
        .order_by("due_on")
        .first()
    )
    if due is not None and not rechecks:
        stage_word = f"约定 {due.due_on} {TRACKS[Track(due.track)]}" if due.track else "本月应巡查一次"
        yield NextStep(
            "现场巡查",
            f"{stage_word}，本阶段还没有巡查。",
            "现场巡查",
            _url(now, "visit"),
            "blue",
            due.due_on,
        )


def _defaults(user: User, now: Situation) -> Iterator[NextStep]:
    if not _open(user, now, "propose_default"):
        return
    for stage in now.proposable:
        if stage.state != StageState.DEFAULT or stage.cause is not None or stage.version is None:
            continue
        word, seen = TRACKS[stage.track], stage.version.visited_on
        days = int(parameter("default_propose_days"))
        yield NextStep(
            f"提出{word}违约认定",
            f"{seen} 巡查未{word}，{delay(stage, rate_of(now, stage.track))}。写明原因，由股长审核。",
            "提出认定",
            _url(now, "propose_default", track=stage.track.value),
            "red",
            seen + timedelta(days=days) if seen else None,
        )


def _extensions(user: User, now: Situation) -> Iterator[NextStep]:
    """A default that is not the land user's: the office proposes the extension itself."""
    if not _open(user, now, "apply_extension"):
        return
    for stage in now.extendable:
        if stage in now.late_stages and stage.cause in EXEMPT and stage.cause is not None:
            word = TRACKS[stage.track]
            yield NextStep(
                f"提出{word}延期",
                f"已认定为{CauseChoice(stage.cause.value).label}，不计违约金。由本单位提出开工、竣工日期的延期。",
                "提出延期",
                _url(now, "apply_extension", track=stage.track.value),
                "orange",
            )


def _late_payments(user: User, now: Situation) -> Iterator[NextStep]:
    if not _open(user, now, "payment"):
        return
    for one in now.view.payment:
        if one.state in UNPAID:
            damages = f"，违约金计至今天 {yuan(one.damages)}" if one.damages is not None else ""
            demanded = f"{one.demanded_on} 已催缴送达。" if one.demanded_on else "尚未催缴送达。"
            yield NextStep(
                f"登记第 {one.seq} 期缴款",
                f"逾期 {one.days_late} 天，欠 {yuan(one.balance)}{damages}。{demanded}",
                "登记缴款",
                _url(now, "payment", seq=one.seq),
                "red",
                one.effective_due_on,
            )


def _site(user: User, now: Situation) -> Iterator[NextStep]:
    handover = now.view.handover
    soon = handover.agreed_on and handover.agreed_on <= now.today + timedelta(days=30)
    if handover.state == HandoverState.AWAITING_HANDOVER and soon and _open(user, now, "handover"):
        late = handover.agreed_on is not None and handover.agreed_on < now.today
        yield NextStep(
            "登记交地",
            why_now("handover", now),
            "登记交地",
            _url(now, "handover"),
            "red" if late else "blue",
            handover.agreed_on,
        )
    if handover.state != HandoverState.HANDED_OVER:
        return
    for name in ("board_given", "board"):
        if _open(user, now, name):
            title = TRANSITIONS[name].title
            yield NextStep(title, why_now(name, now), title, _url(now, name), "orange")
            return


def _deviations(user: User, now: Situation) -> Iterator[NextStep]:
    if not now.office.deviations or not _open(user, now, "follow_up"):
        return
    kinds = {kind.code: kind for kind in DeviationKind.objects.all()}
    for step in now.office.deviations:
        kind = kinds.get(step.deviation)
        yield NextStep(
            f"处理：{kind.title if kind else '发现的问题'}",
            f"{_who(step)}发现。{f'{kind.measure}。' if kind else step.remark}",
            "登记处理",
            _url(now, "follow_up", step=step.pk),
            "orange",
        )


def _gaps(user: User, now: Situation) -> Iterator[NextStep]:
    """Facts that are missing: without them nothing is reminded of."""
    if not access.may(user, "update_supply", now.supply):
        return
    for notice in Notice.objects.open().filter(supply=now.supply, kind__code=NoticeCode.DATA_GAP):
        of_instalments = notice.gap.startswith("instalment")
        yield NextStep(
            f"补录资料：{_gap_word(notice)}",
            "缺了这一项就算不出到期日，也不会提醒。",
            "补录",
            _url(now, "instalments" if of_instalments else "correct"),
            "orange",
        )


def _gap_word(notice: Notice) -> str:
    words = {
        "start_date": "约定开工日期",
        "completion_date": "约定竣工日期",
        "instalment_date": "应缴日期",
        "instalments": "分期缴款",
        "type_b_tests": "已开发面积、已投资额",
    }
    name, _, seq = notice.gap.partition("-")
    return f"第 {seq} 期{words.get(name, '')}" if seq else words.get(name, notice.gap)


def _coming_payments(user: User, now: Situation) -> Iterator[NextStep]:
    if not _open(user, now, "payment"):
        return
    for one in now.view.payment:
        if one.state == PaymentState.REMINDER:
            yield NextStep(
                f"登记第 {one.seq} 期缴款",
                f"应缴 {one.due_on}，尚欠 {yuan(one.balance)}。",
                "登记缴款",
                _url(now, "payment", seq=one.seq),
                "blue",
                one.effective_due_on,
            )


def _damages(user: User, now: Situation) -> Iterator[NextStep]:
    """Damages that do not grow any more: what they are for is paid, started or completed."""
    if not _open(user, now, "damages_payment"):
        return
    grown = {
        Track.PAYMENT: bool(now.view.payment) and not now.balance,
        Track.START: now.view.start.state == StageState.REACHED,
        Track.COMPLETION: now.view.completion.state == StageState.REACHED,
    }
    for track, (owed, paid) in damages_of(now).items():
        if grown[track] and owed - paid > ZERO:
            yield NextStep(
                f"登记缴{TRACKS[track]}违约金",
                f"应缴 {yuan(owed)}，已缴 {yuan(paid)}，还欠 {yuan(owed - paid)}。",
                "登记缴违约金",
                _url(now, "damages_payment", track=track.value),
                "orange",
            )


def _rest(user: User, now: Situation) -> Iterator[NextStep]:
    if now.view.completion.state == StageState.REACHED and _open(user, now, "acceptance"):
        yield NextStep(
            "复核验收",
            f"{why_now('acceptance', now)}复核验收后监管终止。",
            "复核验收",
            _url(now, "acceptance"),
            "green",
        )
    if (
        now.office.briefed is None
        and now.view.start.state == StageState.WAITING
        and _open(user, now, "briefing")
    ):
        yield NextStep(
            "供后告知", "告知用地单位应当履行的约定和期限。", "供后告知", _url(now, "briefing"), "grey"
        )
