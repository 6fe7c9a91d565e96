"""The notices of the sweep: what each is about, its document, and the sweep itself."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.decorators.http import require_POST

from landbureau.accounts.models import Bureau, User
from landbureau.accounts.requests import DeskRequest
from landbureau.accounts.views.common import viewer
from landbureau.documents.errors import DocumentError
from landbureau.documents.services import printing
from landbureau.documents.views.bulk import acts_of
from landbureau.web.access import desk_page
from landbureau.web.lists import ListPage
from landbureau.web.tables import DeskTable
from supervision.supply.exports_office import NoticeResource
from supervision.supply.filters_office import OPEN, TODAY, NoticeFilter
from supervision.supply.models import Notice
from supervision.supply.selectors import notices
from supervision.supply.selectors.sweeps import REVIEWERS, last_sweep, left_out, may_be_held
from supervision.supply.services.jobs import daily_sweep

MAY_SWEEP = ("approve_supply", "approve_notice", "run_jobs")
TABS: tuple[tuple[str, dict[str, str], bool], ...] = (
    ("待打印、待送达", {"state": TODAY}, True),
    ("未了结", {"state": OPEN}, True),
    ("今天新增", {"found": "today", "state": "all"}, True),
    ("拟稿未成", {"state": "failed"}, True),
    ("已了结", {"state": "done"}, False),
)
"""Title, conditions, whether they are counted."""


class NoticeTable(DeskTable):
    """Its rows are written by the page's own template, from ``selectors.notices.lines``."""

    class Meta(DeskTable.Meta):
        model = Notice
        fields: tuple[str, ...] = ()


class NoticeList(ListPage):
    """What is to be printed and served today, then all open notices, with the acts on their documents."""

    permission = "view_notice"
    title = "今日通知"
    unit = "项"
    template_name = "supply/notices.html"
    table_class = NoticeTable
    filterset_class = NoticeFilter
    resource_class = NoticeResource
    default_order = "最早到期在前"

    @cached_property
    def today(self) -> Any:
        return timezone.localdate()

    def get_queryset(self) -> QuerySet[Notice]:
        return notices.notices_for(viewer(self.request))

    def get_context(self, rows: QuerySet[Notice]) -> dict[str, Any]:
        user = viewer(self.request)
        own: QuerySet[Notice] = Notice.objects.visible_to(user)
        return {
            "today": self.today,
            "shown": self._filter(self.request.GET, own).shown,
            "tabs": self._tabs(own),
            "kinds": self._kinds(own),
            "to_print": notices.count_to_print(rows, user),
            "acts": [act for act in acts_of(user) if act.name in ("approve", "issue", "print")],
            "last": last_sweep(user, self.today),
            "may_sweep": _may_sweep(user),
            "held": may_be_held(user, _go_live(), self.today, REVIEWERS),
            "may_confirm": user.has_perm("accounts.approve_notice"),
        }

    def _table(self, rows: QuerySet[Any]) -> DeskTable:
        """The page's rows with what is told of them."""
        table = super()._table(rows)
        shown = [row.record for row in table.page.object_list]
        table.lines = notices.lines(shown, viewer(self.request), self.today)
        return table

    def _tabs(self, own: QuerySet[Notice]) -> list[dict[str, Any]]:
        here = {name: value for name, value in self.request.GET.items() if name in ("found", "state")}
        here = here or {"state": self._filter(self.request.GET, own).shown}
        tabs = []
        for title, query, counted in TABS:
            rows = self._filter(QueryDict(urlencode(query)), own).qs
            tabs.append(
                {
                    "title": title,
                    "query": urlencode(query),
                    "count": rows.order_by().count() if counted else None,
                    "active": here == query,
                }
            )
        return [tab for tab in tabs if tab["count"] != 0 or tab["title"] != "拟稿未成" or tab["active"]]

    def _filter(self, data: QueryDict, rows: QuerySet[Notice]) -> NoticeFilter:
        found = NoticeFilter(data, rows, request=self.request)
        found.form.is_valid()
        return found

    def _kinds(self, own: QuerySet[Notice]) -> list[dict[str, Any]]:
        """The kinds within the tab that is open, each with its number."""
        data = self.request.GET.copy()
        data["state"] = self._filter(data, own).shown  # without its kind it shows the same tab
        for name in ("kind", "page", "size"):
            data.pop(name, None)
        rows = NoticeFilter(data, own, request=self.request).qs
        chosen = self.request.GET.get("kind", "")
        return [
            {"code": code, "word": word, "count": count, "active": code == chosen}
            for code, word, count in notices.counts_by_kind(rows)
        ]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Merge what is not printed yet of all notices that the filters show, in route order."""
        user = viewer(request)
        rows = NoticeFilter(request.GET, self.get_queryset(), request=request).qs
        fit, unfit = printing.printable(actor=user, documents=notices.to_print(rows, user))
        if not fit:
            told = f"：{printing.named(unfit)}" if unfit else ""
            messages.warning(
                request,
                f"没有还未打印的文书{told}。文书印发并生成正本后再打印；要再印一次的，勾选后批量打印。",
            )
            return redirect(request.get_full_path())
        try:
            batch = printing.create_batch(actor=user, documents=fit, with_receipts=True, duplex=False)
        except DocumentError as error:
            messages.error(request, error.message)
            return redirect(request.get_full_path())
        if unfit:
            messages.warning(request, f"没有列入这次打印：{printing.named(unfit)}。")
        return redirect(batch)


def _go_live() -> Any:
    return Bureau.objects.values_list("go_live_on", flat=True).first()


def _may_sweep(user: User) -> bool:
    return any(user.has_perm(f"accounts.{codename}") for codename in MAY_SWEEP)


@require_POST
@desk_page()
def run_sweep(request: DeskRequest) -> HttpResponse:
    """The sweep of today, now: what the nightly job does."""
    user, today = request.user, timezone.localdate()
    if not _may_sweep(user):
        raise PermissionDenied
    run = daily_sweep(on=today, today=today, actor=user).run
    created = [f"{notices.short_word(code)} {count}" for code, count in run.created.items() if count]
    gaps, held = left_out(run)
    told = [
        f"已扫描 {today}。",
        f"新增 {sum(run.created.values())} 项：{'，'.join(created)}。" if created else "没有新增。",
        f"原有 {run.already} 项不变。" if run.already else "",
        f"{gaps} 项缺少资料，无法计算，列在“资料缺失”。" if gaps else "",
        f"{held} 项在启用日期以前就已到期，等待核实，没有生成通知。" if held else "",
        "需要文书的随后自动拟稿。" if created else "",
    ]
    messages.success(request, "".join(told))
    return redirect("supply:notices" if user.has_perm("accounts.view_notice") else "jobs:runs")
