"""The last sweep as a reader sees it, and who reviews what it holds back at go-live."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from landbureau.accounts.models import User
from landbureau.accounts.selectors import scopes_for
from supervision.supply.models import Instalment, LandSupply, Milestone, Notice, Sweep
from supervision.supply.rules import NoticeCode
from supervision.supply.selectors.notices import WORDS
from supervision.supply.selectors.supervised import under_supervision

# --- The sweep --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LastSweep:
    """The last run, with what it found in the reader's scope: word and number by kind.

    ``may_repair``: whether the reader enters what is missing anywhere.
    """

    run: Sweep
    counts: list[tuple[str, str, int]]
    gaps: int
    may_repair: bool

    @property
    def created(self) -> int:
        return sum(count for _, _, count in self.counts)


def last_run() -> Sweep | None:
    """The last run that has ended."""
    return Sweep.objects.filter(seconds__isnull=False).select_related("made_by").first()


def last_sweep(user: User, today: date) -> LastSweep | None:
    """None: it never ran. What a review released is not a sweep. Three queries.

    ``counts``: of the notices written on the day of the last run, by whichever run.
    """
    run = last_run()
    if run is None:
        return None
    rows: QuerySet[Notice] = Notice.objects.visible_to(user)
    found = dict(rows.filter(found_on=run.on).order_by().values_list("kind").annotate(count=Count("pk")))
    gaps = rows.open().filter(kind=NoticeCode.DATA_GAP).count()  # type: ignore[attr-defined]
    counts = [(code.value, word, found.get(code.value, 0)) for code, word in WORDS.items()]
    may_repair = bool(scopes_for(user, "update_supply") or scopes_for(user, "create_visit"))
    return LastSweep(run, counts, gaps, may_repair)


def left_out(run: Sweep) -> tuple[int, int]:
    """What a run that has just ended did not follow up, of the whole bureau: data gaps, and what fell due
    before the go-live and waits for its review."""
    gaps = Notice.objects.open().filter(kind__code=NoticeCode.DATA_GAP).count()
    gaps = min(gaps, run.excluded)
    return gaps, run.excluded - gaps


# --- The review at go-live --------------------------------------------------------------------------------

REVIEWERS = ("approve_notice", "update_supply", "create_visit")
"""Who looks through the list: the first confirms, the others enter what was done already."""


def reviewed_by(user: User, codenames: Sequence[str] = REVIEWERS) -> QuerySet[LandSupply]:
    """The supplies on whose matters ``user`` may say something in the review."""
    rows: QuerySet[LandSupply] = LandSupply.objects.none()
    for codename in codenames:
        rows = rows | LandSupply.objects.visible_to(user, codename)
    return rows


def may_be_held(
    user: User, go_live: date | None, today: date, codenames: Sequence[str] = ("approve_notice",)
) -> bool:
    """Whether something that fell due before the go-live may still wait for ``user``'s review.

    A cheap question for pages that only link there: money and dates that are late and were never told.
    ``codenames``: the permissions of which one is needed on the supply.
    """
    if go_live is None or not any(scopes_for(user, codename) for codename in codenames):
        return False
    supplies = reviewed_by(user, codenames).filter(under_supervision("", today)).order_by().values("pk")
    told = Notice.objects.filter(supply=OuterRef("supply"), due_on=OuterRef("due_on"))
    late = Instalment.objects.filter(
        ~Exists(told.filter(kind__code=NoticeCode.PAYMENT_DEMAND, instalment=OuterRef("pk"))),
        supply__in=supplies,
        due_on__lt=go_live,
        effective_due_on__lt=today,
        settled_on=None,
        demanded_on=None,
    )
    rechecks = (NoticeCode.START_RECHECK, NoticeCode.COMPLETION_RECHECK)
    missed = Milestone.objects.filter(
        ~Exists(told.filter(kind__code__in=rechecks, track=OuterRef("track"))),
        Q(until=None) | Q(until__gt=today),
        supply__in=supplies,
        due_on__lt=min(go_live, today),
        known_from__lte=today,
        reached_on=None,
        visited_on=None,
    )
    return late.exists() or missed.exists()
