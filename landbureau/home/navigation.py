"""The navigation of the desk, by work; what a person may not open is not there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from landbureau.accounts.selectors import scopes_for
from landbureau.imports.services import kinds_for, may_import
from supervision.supply.transitions import TRANSITIONS


@dataclass(frozen=True)
class Entry:
    """A line of the navigation: ``permission`` None is open to every member of the staff; any of several.

    ``allowed``: asked of the person where no permission alone says who may open the page.
    ``covers``: further addresses during which the line is the active one, besides ``url_name``.
    ``query``: the line opens a list with these conditions, and is the active one while they are all there is;
    ``queries``: others that are shown under it. A page may set ``request.navigation_query`` to say under
    which conditions it is shown.
    """

    title: str
    url_name: str
    permission: str | tuple[str, ...] | None = None
    allowed: Callable[[Any], bool] | None = None
    icon: str = ""
    query: str = ""
    queries: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()
    children: tuple[Entry, ...] = ()


OF_DOCUMENTS = ("view_document", "view_notice", "serve_document", "serve_notice")
WHO_DRAFT_OR_APPROVE = (
    "create_document",
    "create_notice",
    "approve_document",
    "approve_notice",
    "sign_document",
    "approve_termination",
)


def may_import_supplies(user: Any) -> bool:
    """Whether this person may import the ledger of supplies; who registers none is not asked about."""
    return bool(scopes_for(user, "create_supply")) and "supplies" in kinds_for(user)


OF_VISITS = (
    "supply:visit",
    "supply:visit_after",
    "supply:visit_detail",
    "supply:tracking_card",
    "supply:blank_card",
    "supply:sign_board",
)
OF_SUPPLY = (
    "supply:supply",
    "supply:new",
    "supply:correct",
    "supply:instalments",
    "supply:correct_event",
    "supply:withdraw_event",
    *(f"supply:{name}" for name in TRANSITIONS),
)

NAVIGATION = (
    Entry("工作台", "home:desk", icon="clipboard-check", covers=("home:search",)),
    Entry(
        "供后监管",
        "supply:supplies",
        icon="building-community",
        children=(
            Entry("供地列表", "supply:supplies", "view_supply", covers=OF_SUPPLY),
            Entry("到期日历", "supply:calendar", "view_supply"),
            Entry(
                "今日通知",
                "supply:notices",
                "view_notice",
                covers=("supply:review", "supply:redraft", "supply:start_notice"),
            ),
            Entry("监管概览", "supply:overview", "view_supply", covers=("supply:behind",)),
            Entry("我的巡查", "supply:my_visits", "create_visit", covers=OF_VISITS),
            Entry(
                "检查名单",
                "supply:check_lists",
                "view_supply",
                covers=("supply:check_list", "supply:draw"),
            ),
            Entry(
                "用地单位",
                "supply:land_users",
                "view_supply",
                covers=(
                    "supply:land_user",
                    "supply:correct_land_user",
                    "supply:duplicates",
                    "supply:merge",
                ),
            ),
            Entry(
                "台账导入",
                "imports:imports",
                allowed=may_import_supplies,
                query="kind=supplies",
                queries=("kind=events",),
                covers=("imports:session",),
            ),
        ),
    ),
    Entry(
        "期限与日历",
        "workdays:deadlines",
        icon="calendar-due",
        children=(
            Entry(
                "期限台账",
                "workdays:deadlines",
                "view_deadline",
                covers=(
                    "workdays:register",
                    "workdays:deadline",
                    "workdays:settle",
                    "workdays:correct",
                    "workdays:tell",
                ),
            ),
            Entry(
                "工作日历",
                "workdays:calendar",
                "view_calendar",
                covers=("workdays:year", "workdays:day", "home:calendar_change"),
            ),
            Entry("期限计算", "workdays:calculator", "view_calendar"),
            Entry("法定时限表", "workdays:limits", "view_calendar"),
        ),
    ),
    Entry(
        "文书",
        "documents:documents",
        icon="file-text",
        children=(
            Entry("待批准", "documents:documents", WHO_DRAFT_OR_APPROVE, query="state=submitted"),
            Entry("待送达", "documents:documents", OF_DOCUMENTS, query="state=unserved"),
            Entry(
                "全部文书",
                "documents:documents",
                OF_DOCUMENTS,
                covers=(
                    "documents:new",
                    "documents:draft",
                    "documents:document",
                    "documents:edit",
                    "documents:act",
                ),
            ),
            Entry("编号登记", "documents:numbers", OF_DOCUMENTS),
            Entry("用印登记簿", "documents:seals", OF_DOCUMENTS),
            Entry(
                "批量打印",
                "documents:batches",
                OF_DOCUMENTS,
                covers=("documents:new_batch", "documents:batch"),
            ),
            Entry(
                "文书种类",
                "documents:kinds",
                (*OF_DOCUMENTS, "update_config"),
                covers=("documents:kind", "documents:wording", "documents:edit_wording"),
            ),
        ),
    ),
    Entry(
        "单位与人员",
        "people:staff",
        icon="users",
        children=(
            Entry(
                "人员",
                "people:staff",
                "view_staff",
                covers=(
                    "people:new",
                    "people:person",
                    "people:edit",
                    "people:move",
                    "people:leave",
                    "people:reinstate",
                    "people:reset_password",
                    "people:phone",
                    "people:work",
                    "people:access",
                    "people:grant",
                    "people:end_grant",
                ),
            ),
            Entry("国土所与村居", "people:offices", "view_round", covers=("people:office",)),
            Entry("外出委托", "people:absences", covers=("people:new_absence", "people:cancel_absence")),
            Entry("谁能做什么", "people:who", "view_staff"),
            Entry("角色", "people:roles", "view_staff", covers=("people:role",)),
            Entry("我的权限", "people:my_access"),
            Entry("单位与科室", "people:bureau", "view_config", covers=("people:edit_bureau",)),
        ),
    ),
    Entry(
        "系统管理",
        "home:status",
        icon="settings",
        children=(
            Entry("系统状态", "home:status", "view_jobs"),
            Entry("后台任务", "jobs:runs", "view_jobs", covers=("jobs:run",)),
            Entry("表格导入", "imports:imports", allowed=may_import, covers=("imports:session",)),
            Entry("审计记录", "audit:entries", "view_audit", covers=("audit:person", "audit:object")),
            Entry("系统配置", "admin:index", "update_config"),
        ),
    ),
)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The lines that this person sees, the current one marked; a group leads to its first line."""
    here = request.resolver_match.view_name if request.resolver_match else ""
    shown = []
    for entry in NAVIGATION:
        children = [child for child in entry.children if _may_open(request, child)]
        if children or not entry.children:
            shown.append((entry, children))
    lines_of_pages = [line for entry, children in shown for line in (children or [entry])]
    query = getattr(request, "navigation_query", request.META.get("QUERY_STRING", ""))
    active = _active(lines_of_pages, here, query)
    lines = []
    for entry, children in shown:
        below = [_line(child, child is active) for child in children]
        line = _line(entry, active is not None and active in (children or [entry]))
        if below:
            line["url"] = below[0]["url"]
        lines.append(line | {"icon": entry.icon, "children": below})
    return lines


def _may_open(request: HttpRequest, entry: Entry) -> bool:
    if entry.allowed is not None:
        return entry.allowed(request.user)
    asked = (entry.permission,) if isinstance(entry.permission, str) else entry.permission
    return asked is None or any(request.user.has_perm(f"accounts.{codename}") for codename in asked)


def _active(entries: Sequence[Entry], here: str, query: str) -> Entry | None:
    """The line of the page ``here``; of several for one list, the one with its conditions."""
    found = [entry for entry in entries if here in (entry.url_name, *entry.covers)]
    exact = [entry for entry in found if entry.query and query in (entry.query, *entry.queries)]
    plain = [entry for entry in found if not entry.query]
    return next(iter(exact + plain), None)


def _line(entry: Entry, active: bool) -> dict[str, Any]:
    query = f"?{entry.query}" if entry.query else ""
    return {"title": entry.title, "url": reverse(entry.url_name) + query, "active": active}
