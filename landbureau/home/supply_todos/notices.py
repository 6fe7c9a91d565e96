"""Open notices: what the section does about them, what is looked at on the site, what lacks its document."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils import timezone

from landbureau.accounts.models import User
from landbureau.accounts.selectors import acting_for, scopes_for
from landbureau.home.rules import Todo
from landbureau.home.supply_todos.common import MOST_ALONE, title_of, within
from supervision.supply import access
from supervision.supply.models import Notice, NoticeKind
from supervision.supply.rules import NoticeCode
from supervision.supply.selectors.arrears import Unpaid
from supervision.supply.selectors.notices import (
    ON_SITE,
    REDRAFT,
    last_day,
    money_of,
    repair_of,
    short_word,
    times_of,
    why,
)
from supervision.supply.selectors.supervised import supervised_by, supervisions
from supervision.supply.selectors.undrafted import (
    is_undrafted,
    missing_start_notices,
    undrafted,
    unsent,
)


def notice_todos(user: User, today: date) -> list[Todo]:
    return [*_notices(user, today), *_start_notices(user, today)]


def _alone(rows: QuerySet[Any], by: Any, order: Sequence[Any]) -> Any:
    """The first few of each sort, each with the number of all (``many``)."""
    return rows.annotate(
        place=Window(RowNumber(), partition_by=by, order_by=order),
        many=Window(Count("pk"), partition_by=by),
    ).filter(place__lte=MOST_ALONE)


def _told(rows: Iterable[Any]) -> list[Any]:
    """Those that stand for a line: each of few, of many the first."""
    return [row for row in rows if row.many <= MOST_ALONE or row.place == 1]


def _notices(user: User, today: date) -> list[Todo]:
    rows: Any = Notice.objects.open().filter(_for_section(user) | _for_officer(user, today)).order_by()
    shown = _told(
        _alone(rows, F("kind"), [F("due_on").asc(nulls_last=True), F("pk").asc()])
        .select_related("kind", "sweep", "document", "supply__land_user", "supply__parcel__township")
        .order_by("kind", "place")
    )
    money, times = money_of(shown, today), times_of(shown)
    return [
        _notice(row, user, money.get(row.instalment_id or 0), times.get(row.pk, 1), today) for row in shown
    ]


def _for_section(user: User) -> Q:
    """What the section does: where no document is on its way, where one is missing, or where the system's
    draft waits for a hand.

    A document that is still to be drafted by the next task is not waited for.
    """
    mine = within(user, "create_notice", "approve_notice")
    missing = undrafted(timezone.now()) & within(user, "create_notice")
    no_paper = Q(document=None, kind__document_kind=None)
    draft = Q(
        Q(kind__held=False) | ~Q(error="") | unsent(),
        document__isnull=False,
        document__drafted_by=None,
        document__submitted_on=None,
        document__approved_on=None,
    )
    waits = no_paper | draft | Q(document__voided_on__isnull=False)
    gaps = Q(kind=NoticeCode.DATA_GAP)
    section = Q(kind__doer=NoticeKind.Doer.SECTION)
    return missing | (section & ((~gaps & waits & mine) | (gaps & within(user, "update_supply"))))


def _for_officer(user: User, today: date) -> Q:
    """What is looked at on the site: one's own, and what is nobody's in the section or the office."""
    people = [user.pk, *acting_for(user, today)]
    own = Q(supply__in=supervised_by(people))
    nobodys = ~Q(supply__in=supervisions().values("object_id"))
    free = nobodys & within(user, "create_visit", "create_notice")
    return Q(kind__doer=NoticeKind.Doer.OFFICER) & (own | free)


def _notice(row: Any, user: User, money: Unpaid | None, times: int, today: date) -> Todo:
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
    reason = why(row, money, today, times)
    if act == REDRAFT:
        reason += f"文书没有拟成：{row.error}" if row.error else "文书至今没有拟出。"
    elif row.error:
        reason += row.error
    elif row.document_id and row.document.voided_on is None:
        reason += "文书已拟好，待补全送审。"
    elif row.kind.doer == NoticeKind.Doer.OFFICER and act == "指派人员":
        reason += "这宗供地没有监管人员。"
    return Todo(word, title_of(row.supply, money), reason, act, url, by)


def _list_of(row: Any, user: User) -> str:
    if row.kind_id in ON_SITE and scopes_for(user, "create_visit"):
        return reverse("supply:my_visits")
    failed = "&state=failed" if is_undrafted(row, timezone.now()) else ""
    return f"{reverse('supply:notices')}?kind={row.kind_id}{failed}"


def _act(row: Any, user: User) -> tuple[str, str]:
    supply = row.supply
    if row.kind_id == NoticeCode.DATA_GAP:
        return repair_of(row, user)
    if is_undrafted(row, timezone.now()) and access.may(user, "create_notice", supply):
        return REDRAFT, reverse("supply:redraft", args=[row.pk])
    if row.kind.doer == NoticeKind.Doer.OFFICER:
        if access.may(user, "create_visit", supply):
            return row.kind.act, reverse("supply:visit", args=[supply.pk])
        return "指派人员", supply.get_absolute_url()
    if row.document_id and row.document.voided_on is None:
        return "补全送审", row.document.get_absolute_url()
    return row.kind.act, supply.get_absolute_url()


def _start_notices(user: User, today: date) -> list[Todo]:
    """《开工通知书》 that a visit called for and nobody has drafted."""
    if not scopes_for(user, "create_notice"):
        return []
    rows: Any = missing_start_notices(today).filter(within(user, "create_notice")).order_by()
    first = rows.annotate(many=Window(Count("pk"))).select_related("supply__land_user")
    found = list(first.order_by("due_on", "pk")[:MOST_ALONE])
    if found and found[0].many > MOST_ALONE:
        one = found[0]
        return [
            Todo(
                "开工通知",
                f"{one.many} 份开工通知书没有拟出",
                f"“{one.supply.land_user}”等，巡查发现未开工；请逐宗重新起草。",
                REDRAFT,
                reverse("supply:start_notice", args=[one.supply_id]),
            )
        ]
    return [
        Todo(
            "开工通知",
            title_of(row.supply),
            f"约定 {row.due_on} 开工，{row.visited_on} 巡查发现未开工，开工通知书没有拟出。",
            REDRAFT,
            reverse("supply:start_notice", args=[row.supply_id]),
        )
        for row in found
    ]
