"""Proposals, applications and hand-overs that wait for a decision: told to whom the act would let decide.

The database leaves out what is plainly answered; of the few that remain ``transitions`` says who may.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from landbureau.accounts.models import User
from landbureau.accounts.selectors import scopes_for
from landbureau.home.rules import Todo
from landbureau.home.supply_todos.common import MOST_ALONE, title_of, within
from supervision.supply import access, rules
from supervision.supply.models import Event, LandSupply
from supervision.supply.models.events import KindChoice
from supervision.supply.rules import PaymentState, Track
from supervision.supply.selectors import facts_of, terms
from supervision.supply.selectors.office import ANSWERS, offices_of
from supervision.supply.selectors.supervised import under_supervision
from supervision.supply.transitions import TRANSITIONS, Situation

WORD = {Track.PAYMENT.value: "缴款", Track.START.value: "开工", Track.COMPLETION.value: "竣工"}
WITHOUT_STAGE = (KindChoice.TERMINATION_PROPOSED,)


@dataclass(frozen=True)
class Step:
    """What the line of an act says; ``asked``: the kind of event that it answers."""

    kind: str
    act: str
    many: str
    asked: str


STEPS = {
    "decide_default": Step("违约认定", "审核认定", "违约认定待审核", KindChoice.DETERMINATION_PROPOSED),
    "review_extension": Step("延期审批", "审核", "延期申请待审核", KindChoice.EXTENSION_APPLIED),
    "decide_extension": Step("延期审批", "审批", "延期申请待批准", KindChoice.EXTENSION_APPLIED),
    "decide_termination": Step("解除合同", "批准解除", "解除合同待批准", KindChoice.TERMINATION_PROPOSED),
    "brigade_accept": Step("移送", "接收", "移送待接收", KindChoice.TO_BRIGADE),
}
"""By the names of ``transitions``, which are those of the addresses."""


def step_todos(user: User, today: date) -> list[Todo]:
    """Six queries, however much waits."""
    names = [name for name in STEPS if _may_somewhere(user, name, today)]
    if not names:
        return []
    found: dict[str, list[tuple[Situation, Event]]] = {name: [] for name in names}
    for now in _situations(_waiting(user, names, today), today):
        for name in names:
            found[name] += [(now, step) for step in _for(user, name, now)]
    return [todo for name in names for todo in _told(name, found[name])]


def open_terminations(supplies: Iterable[int], today: date) -> set[int]:
    """Those of the supplies whose termination is proposed and not decided."""
    asked = Event.objects.in_force().filter(
        open_step(KindChoice.TERMINATION_PROPOSED), supply__in=list(supplies)
    )
    rows = LandSupply.objects.filter(pk__in=set(asked.order_by().values_list("supply", flat=True)))
    return {now.supply.pk for now in _situations(rows, today) if now.office.terminations}


def _may_somewhere(user: User, name: str, today: date) -> bool:
    act = TRANSITIONS[name]
    if act.by_brigade:
        return access.is_brigade(user, today)
    return any(scopes_for(user, codename) for codename in act.acts)


def _waiting(user: User, names: Iterable[str], today: date) -> QuerySet[LandSupply]:
    """Supplies where one of these acts may wait for ``user``.

    The few open steps of the bureau first: a condition on the supplies would have the database begin there.
    """
    where, places = Q(pk__in=()), Q(pk__in=())
    for name in names:
        act = TRANSITIONS[name]
        where |= open_step(STEPS[name].asked)
        places |= Q(pk__isnull=False) if act.by_brigade else within(user, *act.acts, at="")
    asked = Event.objects.in_force().filter(where, kind__in={STEPS[name].asked for name in names})
    keys = set(asked.order_by().values_list("supply", flat=True))
    return LandSupply.objects.filter(places, under_supervision("", today), pk__in=keys)


def open_step(kind: str) -> Q:
    """Steps of a kind without those that are plainly answered: of what was corrected more than once, or names
    no stage, ``offices_of`` has to say."""
    answers = Event.objects.in_force().filter(kind__in=ANSWERS[kind])
    later = answers.filter(
        answers=None, supply=OuterRef("supply"), track=OuterRef("track"), on__gte=OuterRef("on")
    )
    if kind not in WITHOUT_STAGE:
        later = later.exclude(track="")
    return Q(  # one by one: each has its index
        ~Exists(answers.filter(answers=OuterRef("pk"))),
        ~Exists(answers.filter(answers=OuterRef("corrects"))),
        ~Exists(later),
        kind=kind,
    )


def _situations(supplies: QuerySet[LandSupply], today: date) -> Iterator[Situation]:
    rows = {row.pk: row for row in supplies.select_related("land_user", "parcel__township").order_by("pk")}
    if not rows:
        return
    numbers, facts = terms(), facts_of(rows.values())
    offices = offices_of(facts)
    for pk, supply in rows.items():
        view = rules.view_of(facts[pk], today, numbers)
        yield Situation(supply, facts[pk], view, offices[pk], today)


def _for(user: User, name: str, now: Situation) -> list[Event]:
    """The steps that ``user`` may answer by this act."""
    act = TRANSITIONS[name]
    if act.refusal(now) or not act.permits(user, now.supply, now.today):
        return []
    return act.steps_for(user, now)


# --- In words -------------------------------------------------------------------------------------------


def _told(name: str, found: Sequence[tuple[Situation, Event]]) -> list[Todo]:
    step = STEPS[name]
    rows = sorted(found, key=lambda pair: (pair[1].on, pair[1].pk))
    if len(rows) <= MOST_ALONE:
        return [_todo(name, now, row) for now, row in rows]
    now, first = rows[0]
    title = f"{len(rows)} 项{step.many}"
    why = f"“{now.supply.land_user}”等，最早 {first.on} 提出。"
    return [Todo(step.kind, title, why, step.act, _url(name, now, first))]


def _url(name: str, now: Situation, row: Event) -> str:
    return f"{reverse(f'supply:{name}', args=[now.supply.pk])}?step={row.pk}"


def _todo(name: str, now: Situation, row: Event) -> Todo:
    step, url, user = STEPS[name], _url(name, now, row), now.supply.land_user
    track = row.track or Track.START.value
    stage = now.stage(track)
    who = f"{row.on:%m-%d} {row.recorded_by or '台账导入'}"
    match name:
        case "decide_default":
            why = f"{who}提出：{row.get_cause_display()}。{_delay(stage)}"
            return Todo(step.kind, f"{user}　{WORD[track]}", why, step.act, url, stage.due_on)
        case "review_extension" | "decide_extension":
            until = f"由 {stage.due_on} 延至 {row.new_due_on}" if row.new_due_on else f"现约定 {stage.due_on}"
            cause = f"，{row.get_cause_display()}" if row.cause else ""
            why = f"{who}受理，{until}{cause}。{_delay(stage) if stage.days_late else ''}"
            return Todo(step.kind, f"{user}　申请延期{WORD[track]}", why, step.act, url, stage.due_on)
        case "decide_termination":
            late = [one for one in now.view.payment if one.state == PaymentState.TERMINABLE]
            owed = sum((one.balance for one in late), Decimal(0))
            damages = sum((one.damages or Decimal(0) for one in late), Decimal(0))
            why = f"{who}提请：逾期未缴 {owed:,.2f} 元，违约金 {damages:,.2f} 元。"
            return Todo(step.kind, title_of(now.supply), why, step.act, url)
        case _:
            why = f"{who}移送：{WORD.get(row.track, '')}违约。{_delay(stage)}"
            return Todo(step.kind, title_of(now.supply), why, step.act, url)


def _delay(stage: rules.DateView) -> str:
    if stage.due_on is None:
        return "约定日期不明。"
    late = f"逾期 {stage.days_late} 天" if stage.days_late else "尚未逾期"
    damages = f"，违约金 {stage.damages:,.2f} 元" if stage.damages else ""
    return f"约定 {stage.due_on} {WORD[stage.track.value]}，{late}{damages}。"
