"""What waits for a person, read from the facts of all apps; and the search over them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from landbureau.accounts.models import Absence, Assignment, Section, TownshipOffice, User, Village
from landbureau.accounts.selectors import acting_for, scopes_for
from landbureau.accounts.selectors_people import expiring_certificates
from landbureau.accounts.selectors_signin import emergency_sign_ins
from landbureau.audit.models import Entry
from landbureau.documents.models import Document
from landbureau.documents.selectors import matching
from landbureau.home.document_todos import document_todos
from landbureau.home.rules import Todo
from landbureau.home.supply_desk import due_by_day
from landbureau.home.supply_todos import supply_todos
from landbureau.jobs.selectors import open_failures
from landbureau.workdays.models import Deadline
from landbureau.workdays.selectors import (
    SOON_DAYS,
    awaits_recomputing,
    current_calendar,
    is_announced,
    open_deadlines,
)
from supervision.supply.models import LandSupply, LandUser
from supervision.supply.selectors.lists import matching as matching_supplies

NEXT_YEAR_FROM_MONTH = 11  # the yearly notice on holidays usually comes in November


def todos(user: User, today: date) -> list[Todo]:
    """Everything that waits for ``user`` on ``today``, whoever it waits for originally (deputising).

    A constant number of queries; asked at most once per request for each person.
    """
    cached: list[Todo] | None = getattr(user, "_todos", None)
    if cached is None:
        cached = [
            *_passwords(user),
            *_deadlines(user, today),
            *document_todos(user, today),
            *supply_todos(user, today),
            *_certificates(user, today),
            *_failed_jobs(user),
            *_calendar(user, today),
        ]
        user._todos = cached  # type: ignore[attr-defined]
    return cached


def _passwords(user: User) -> list[Todo]:
    if not user.must_change_password:
        return []
    return [
        Todo(
            "账号",
            "请修改初始密码",
            "首次登录后须换成自己的密码，否则不能办理业务。",
            "修改密码",
            reverse("accounts:password"),
        )
    ]


def _deadlines(user: User, today: date) -> list[Todo]:
    people = [user.pk, *acting_for(user, today)]
    rows = (
        open_deadlines(
            Deadline.objects.filter(owner__in=people, due_on__lte=today + timedelta(days=SOON_DAYS))
        )
        .select_related("limit", "owner")
        .order_by("due_on", "pk")
    )
    return [
        Todo(
            "期限",
            row.title,
            _why_deadline(row, user),
            "办理",
            row.get_absolute_url(),
            row.due_on,
        )
        for row in rows
    ]


def _why_deadline(row: Deadline, user: User) -> str:
    parts = [f"{row.event_on.isoformat()} 起算，{row.span}"]
    if row.limit:
        parts.append(f"依据：{row.limit.source}")
    if row.provisional:
        parts.append("节假日安排未公布，日期暂定")
    if row.owner_id != user.pk:
        parts.append(f"代{row.owner}办理")
    return "；".join(parts) + "。"


def _certificates(user: User, today: date) -> list[Todo]:
    """The own certificate, and those of the people whose record ``user`` may open."""
    found = []
    for person in expiring_certificates(user, today):
        own = person.pk == user.pk
        expired = person.certificate_expires_on is not None and person.certificate_expires_on < today
        found.append(
            Todo(
                "执法证",
                "我的执法证" if own else f"{person}的执法证",
                f"{'已于' if expired else '将于'} {person.certificate_expires_on} 到期；"
                "无有效执法证不得执法检查。请办理换证并更新有效期。",
                "查看",
                reverse("accounts:me") if own else person.get_absolute_url(),
                person.certificate_expires_on,
            )
        )
    return found


def _failed_jobs(user: User) -> list[Todo]:
    if not user.has_perm("accounts.run_jobs"):
        return []
    return [
        Todo(
            "后台任务",
            f"{run.title}没有完成",
            run.error or "原因见任务记录。",
            "查看并重试",
            run.get_absolute_url(),
        )
        for run in open_failures()
    ]


def _calendar(user: User, today: date) -> list[Todo]:
    """Next year's holidays are not entered although due; time limits that could be certain by now."""
    if not user.has_perm("accounts.update_calendar"):
        return []
    change, year = reverse("home:calendar_change"), today.year + 1
    found = []
    if today.month >= NEXT_YEAR_FROM_MONTH and not is_announced(year):
        found.append(
            Todo(
                "工作日历",
                f"录入 {year} 年节假日安排",
                f"{year} 年的期限目前按周末和固定节日推算，均标为“暂定”；通知公布后请粘贴全文。",
                "粘贴通知",
                f"{change}?kind=notice&year={year}",
                date(today.year, 12, 31),
            )
        )
    if awaits_recomputing():
        found.append(
            Todo(
                "工作日历",
                "重算暂定的期限",
                "有期限登记时节假日安排尚未公布，现已公布；重算后到期日即可确定。",
                "查看并重算",
                f"{change}?kind=recompute",
            )
        )
    return found


@dataclass(frozen=True)
class ComingDay:
    """A day on the desk: whether it is worked, which of the person's time limits end, what falls due."""

    on: date
    is_workday: bool
    name: str
    deadlines: list[Deadline]
    supplies: str = ""


def next_days(user: User, today: date) -> list[ComingDay]:
    """``today`` and the six days after it."""
    calendar = current_calendar()
    days = [today + timedelta(days=n) for n in range(7)]
    people = [user.pk, *acting_for(user, today)]
    ends: dict[date, list[Deadline]] = {}
    for row in open_deadlines(Deadline.objects.filter(owner__in=people, due_on__range=(days[0], days[-1]))):
        ends.setdefault(row.due_on, []).append(row)
    due = due_by_day(user, days[0], days[-1], today)
    return [
        ComingDay(
            day, calendar.day(day).is_workday, calendar.day(day).name, ends.get(day, []), due.get(day, "")
        )
        for day in days
    ]


def absences_around(user: User, today: date) -> list[Absence]:
    """Own absences and those in which ``user`` deputises, running or to come."""
    return list(
        Absence.objects.filter(Q(user=user) | Q(deputy=user), cancelled_at=None, ends_on__gte=today)
        .select_related("user", "deputy")
        .order_by("starts_on")[:5]
    )


def emergencies(user: User, now: datetime) -> list[Entry]:
    """Sign-ins of the break-glass account within the last week, for those who read the whole record."""
    if not scopes_for(user, "view_audit").everywhere:
        return []
    return list(emergency_sign_ins(now - timedelta(days=7))[:3])


def newly_taken_over(user: User, today: date) -> list[Assignment]:
    """Work that came to ``user`` from somebody else within the last fortnight."""
    return list(
        Assignment.objects.filter(
            user=user,
            ends_on=None,
            starts_on__gt=today - timedelta(days=14),
            taken_over_from__isnull=False,
        )
        .select_related("taken_over_from__user", "content_type")
        .prefetch_related("subject")[:6]
    )


@dataclass(frozen=True)
class Hit:
    """One result of the search."""

    title: str
    detail: str
    url: str


SEARCH_LIMIT = 8


def search(user: User, text: str) -> list[tuple[str, list[Hit]]]:
    """Groups of results that ``user`` may open; at most ``SEARCH_LIMIT`` in each."""
    text = text.strip()
    if not text:
        return []
    groups = [
        ("供地", _supplies(user, text)),
        ("用地单位", _land_users(user, text)),
        ("人员", _people(user, text)),
        ("科室、国土所与村居", _places(user, text)),
        ("文书", _found_documents(user, text)),
        ("期限", _found_deadlines(user, text)),
    ]
    return [(title, hits) for title, hits in groups if hits]


def _supplies(user: User, text: str) -> list[Hit]:
    rows: QuerySet[LandSupply] = LandSupply.objects.visible_to(user)
    found = rows.filter(matching_supplies(text)).select_related("land_user", "parcel__township")
    return [
        Hit(
            str(row.land_user),
            "　".join(
                filter(
                    None,
                    [
                        row.number,
                        str(row.parcel.township or ""),
                        row.parcel.location,
                        f"{row.closed_on} 终止监管" if row.closed_on else "",
                    ],
                )
            ),
            row.get_absolute_url(),
        )
        for row in found.order_by("number")[:SEARCH_LIMIT]
    ]


def _land_users(user: User, text: str) -> list[Hit]:
    rows: QuerySet[LandUser] = LandUser.objects.visible_to(user)
    found = rows.filter(name__icontains=text, merged_into=None).annotate(
        count=Count(
            "supplies", filter=Q(supplies__in=LandSupply.objects.visible_to(user).order_by().values("pk"))
        )
    )
    return [
        Hit(row.name, f"供地 {row.count} 宗", row.get_absolute_url())
        for row in found.order_by("name")[:SEARCH_LIMIT]
    ]


def _people(user: User, text: str) -> list[Hit]:
    found = (
        User.objects.visible_to(user)
        .filter(Q(name__icontains=text) | Q(username__icontains=text) | Q(position__icontains=text))
        .select_related("section", "office")[:SEARCH_LIMIT]
    )
    return [
        Hit(person.name, f"{person.unit or ''}　{person.position}", person.get_absolute_url())
        for person in found
    ]


def _places(user: User, text: str) -> list[Hit]:
    offices = TownshipOffice.objects.visible_to(user)
    hits = []
    if user.has_perm("accounts.view_staff"):
        sections = Section.objects.filter(
            Q(name__icontains=text) | Q(aliases__name__icontains=text)
        ).distinct()
        hits = [
            Hit(section.name, section.get_kind_display(), f"{reverse('people:staff')}?section={section.pk}")
            for section in sections[:SEARCH_LIMIT]
        ]
    found = offices.filter(Q(name__icontains=text) | Q(townships__name__icontains=text)).distinct()
    hits += [
        Hit(office.name, "国土所", reverse("people:office", args=[office.pk]))
        for office in found[:SEARCH_LIMIT]
    ]
    villages = Village.objects.filter(name__icontains=text, township__office__in=offices)
    hits += [
        Hit(
            village.name,
            f"{village.township}　{village.township.office}",
            reverse("people:office", args=[village.township.office_id]),
        )
        for village in villages.select_related("township__office")[:SEARCH_LIMIT]
    ]
    return hits


def _found_deadlines(user: User, text: str) -> list[Hit]:
    found = Deadline.objects.visible_to(user).filter(title__icontains=text).select_related("owner")
    return [
        Hit(row.title, f"{row.due_on} 到期　{row.owner or ''}", row.get_absolute_url())
        for row in found[:SEARCH_LIMIT]
    ]


def _found_documents(user: User, text: str) -> list[Hit]:
    found = Document.objects.visible_to(user).filter(matching(text)).defer("content")
    return [
        Hit(
            row.number or row.title,
            "　".join(
                filter(
                    None,
                    [row.title if row.number else "", row.addressee, "已作废" if row.voided_on else ""],
                )
            ),
            row.get_absolute_url(),
        )
        for row in found[:SEARCH_LIMIT]
    ]
