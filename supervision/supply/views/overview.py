"""The section head's page, the lists behind its figures, and its charts as pictures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from landbureau.accounts.models import Township
from landbureau.accounts.requests import DeskRequest
from landbureau.web.access import desk_page
from landbureau.web.exports import FORMATS, export_response
from supervision.supply import charts
from supervision.supply.exports_office import overview_sheet
from supervision.supply.models import Indicator, LandSupply
from supervision.supply.selectors import behind, overview
from supervision.supply.selectors.arrears import total
from supervision.supply.selectors.facts import regime
from supervision.supply.selectors.supervised import officers_of
from supervision.supply.selectors.sweeps import last_run
from supervision.supply.templatetags.supply_office import floor_to_tenth, wan
from supervision.supply.templatetags.supply_office import percent as rate_in_words

PAGE_SIZE = 50
TITLES = {
    "overdue": "逾期未缴出让金",
    "collection": "截至当日应缴的出让金",
    "start": "应开工的项目",
    "completion": "应竣工的项目",
    "visits": "应巡查的项目",
    "boards": "已交地的项目",
    "due": "30 天内到期",
}
FORMULAS = {
    "overdue": "逾期未缴＝应缴日期（逢休息日顺延）已过而未缴清的余额；"
    "违约金＝欠款 × 合同千分比 × 逾期天数，分段计算",
    "due": "到期日在当日起 30 天内、尚未办结的缴款、开工和竣工",
    "late": "有一期缴款逾期，或者约定开工、竣工日期已过而没有开工、竣工的在管供地",
}
"""How a figure is counted, where no indicator of the regime says so."""
RATES = {
    "collection": ("缴款率", "万元"),
    "start": ("按期开工率", "宗"),
    "completion": ("按期竣工率", "宗"),
    "visits": ("巡查完成率", "次"),
    "boards": ("公示牌悬挂率", "宗"),
}
OF_INDICATOR = {
    "collection": "collection",
    "start": "start_on_time",
    "completion": "completion_on_time",
    "visits": "visits",
    "boards": "boards",
}


@dataclass(frozen=True)
class Scope:
    """What the page is about: whose supplies, as of which day; ``query`` keeps the choice in addresses."""

    supplies: QuerySet[LandSupply]
    on: date
    today: date
    year: int
    township: Township | None

    @property
    def query(self) -> str:
        chosen: dict[str, Any] = {}
        if self.township:
            chosen["township"] = self.township.pk
        if self.year != self.today.year:
            chosen["year"] = self.year
        return urlencode(chosen)


def _scope(request: DeskRequest) -> Scope:
    """A wrong year or township is a 404: links only offer right ones."""
    today = timezone.localdate()
    supplies: QuerySet[LandSupply] = LandSupply.objects.visible_to(request.user)
    year = request.GET.get("year") or str(today.year)
    if len(year) != 4 or not year.isdecimal() or not 2000 <= int(year) <= today.year:
        raise Http404
    township = None
    if key := request.GET.get("township"):
        if not key.isdecimal() or len(key) > 18:
            raise Http404
        township = get_object_or_404(Township, pk=int(key))
        supplies = supplies.filter(parcel__township=township)
    on = today if int(year) == today.year else date(int(year), 12, 31)
    return Scope(supplies, on, today, int(year), township)


@require_safe
@desk_page("view_supply")
def page(request: DeskRequest) -> HttpResponseBase:
    """What is overdue, due, kept and visited, in the person's own scope; ``?export=``: its figures."""
    scope = _scope(request)
    found = overview.overview(scope.supplies, scope.on)
    if "export" in request.GET:
        return _export(request, scope, found)
    balance, damages = total(found.late)
    shown = found.debtors[: overview.SHOWN]
    rest = found.debtors[overview.SHOWN :]
    context = {
        "scope": scope,
        "found": found,
        "regime": regime(),
        "years": range(scope.today.year, overview.first_year(found.first, scope.today) - 1, -1),
        "townships": Township.objects.order_by("order", "name"),
        "figures": _figures(scope, found, balance, damages),
        "last_run": last_run(),
        "exports": [(name, form.word) for name, form in FORMATS.items()],
        "lists": {name: _list_address(name, scope) for name in ("overdue", "soon")},
        "overdue": [
            (word, found.overdue[kind], _list_address(OVERDUE_OF[kind], scope))
            for kind, word in overview.KINDS.items()
        ],
        "urls": {name: _address(name, scope) for name in behind.BEHIND}
        | {"open_visits": _address("visits", scope, only_open=True)},
        "balance": balance,
        "damages": damages,
        "values": {name: found.counted.values()[code][1] for name, code in OF_INDICATOR.items()},
        "required": {name: found.measures.get(code) for name, code in OF_INDICATOR.items()},
        "formulas": FORMULAS,
        "debtors": [(debtor, found.names[debtor.supply]) for debtor in shown],
        "rest": rest,
        "rest_instalments": sum(len(debtor.instalments) for debtor in rest),
        "rest_balance": sum((debtor.balance for debtor in rest), Decimal(0)),
        "rest_damages": sum((debtor.damages for debtor in rest), Decimal(0)),
        "weeks": found.weeks,
        "kinds": list(overview.KINDS.values()),
        "bars": _bars(found),
        "lines": _lines(found),
        "townships_visited": _visit_bars(found),
    }
    return render(request, "supply/overview.html", context)


OVERDUE_OF = {"payment": "unpaid", "start": "unstarted", "completion": "uncompleted"}
"""What of a supply is late, and the condition of the list of supplies that shows them (``filters.DUE``)."""


def _list_address(due: str, scope: Scope) -> str:
    """The list of supplies with the same condition; it knows today only: empty for another day."""
    if scope.on != scope.today:
        return ""
    query: dict[str, Any] = {"due": due}
    if scope.township:
        query["township"] = scope.township.pk
    return f"{reverse('supply:supplies')}?{urlencode(query)}"


def _export(request: DeskRequest, scope: Scope, found: overview.Overview) -> HttpResponseBase:
    if request.GET["export"] not in FORMATS:
        raise Http404
    title = "监管概览" + (f"（{scope.township}）" if scope.township else "")
    sheet = overview_sheet(title, found, FORMULAS)
    filters = [f"截至 {scope.on}"] + ([f"乡镇：{scope.township}"] if scope.township else [])
    return export_response(request, request.GET["export"], sheet, today=scope.on, filters=filters)


def _address(name: str, scope: Scope, *, only_open: bool = False) -> str:
    query = "&".join(filter(None, [scope.query, "open=1" if only_open else ""]))
    return reverse("supply:behind", args=[name]) + (f"?{query}" if query else "")


def _figures(
    scope: Scope, found: overview.Overview, balance: Decimal, damages: Decimal
) -> list[dict[str, str]]:
    """The key figures, each with numerator and denominator and the address of its list."""
    late = f"{len(found.debtors)} 宗 {len(found.late)} 期　违约金 {wan(damages)} 万元"
    figures = [
        {
            "label": "逾期未缴",
            "value": wan(balance),
            "unit": "万元",
            "note": late,
            "url": _address("overdue", scope),
            "colour": "red" if balance else "",
        }
    ]
    for name, (label, unit) in RATES.items():
        measure = found.measures.get(OF_INDICATOR[name])
        value = found.counted.values()[OF_INDICATOR[name]][1]
        of = (
            f"{wan(value.done)} / {wan(value.all)}" if name == "collection" else f"{value.done} / {value.all}"
        )
        required = measure.indicator.required if measure else None
        before = found.before.get(OF_INDICATOR[name])
        percent = value.percent
        figures.append(
            {
                "label": label,
                "value": "—" if percent is None else str(floor_to_tenth(percent)),
                "unit": "" if percent is None else "%",
                "note": f"{of} {unit}"
                + (f"　要求 {required.normalize():f}%" if required is not None else "")
                + (f"　上年同期 {rate_in_words(before)}" if before else ""),
                "url": _address(name, scope),
                "colour": "orange" if measure and measure.met is False else "",
            }
        )
    return figures


def _visit_bars(found: overview.Overview) -> list[tuple[overview.TownshipVisits, str, str]]:
    """Each township with the width of its bar and the place of the mark, of 100."""
    most = max((one.value.all for one in found.townships), default=Decimal(1))
    return [
        (one, f"{one.value.done * 99 / most:.1f}", f"{one.value.all * 99 / most:.1f}")
        for one in found.townships
    ]


def _bars(found: overview.Overview) -> charts.Bars:
    weeks = found.weeks
    return charts.stacked_bars(
        [(f"{week.first:%m-%d}", f"至 {week.last:%m-%d}") for week in weeks], [week.counts for week in weeks]
    )


def _lines(found: overview.Overview) -> charts.Lines:
    measure = found.measures.get("start_on_time")
    required = measure.indicator.required if measure else None
    return charts.percent_lines(
        [_month_word(place, month.last.month) for place, month in enumerate(found.months)],
        [
            [_float(month.start.percent) for month in found.months],
            [_float(month.completion.percent) for month in found.months],
        ],
        _float(required),
    )


def _month_word(place: int, month: int) -> str:
    """Twelve of them have little room."""
    return f"{month}月" if place == 0 or month == 1 else str(month)


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


CHARTS = {"due": ("30天内到期", "due.svg"), "on-time": ("按期开工率与竣工率", "on_time.svg")}


@require_safe
@desk_page("view_supply")
def chart(request: DeskRequest, name: str) -> HttpResponse:
    """A chart as a picture to keep (SVG)."""
    if name not in CHARTS:
        raise Http404
    scope = _scope(request)
    found = overview.overview(scope.supplies, scope.on)
    title, template = CHARTS[name]
    context = {
        "bars": _bars(found),
        "lines": _lines(found),
        "kinds": list(overview.KINDS.values()),
        "standalone": True,
        "title": f"{title}（截至 {scope.on}）",
    }
    response = render(request, f"supply/charts/{template}", context, content_type="image/svg+xml")
    file_name = urlencode({"f": f"{title}-{scope.on:%Y%m%d}.svg"})[2:]
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{file_name}"
    return response


@require_safe
@desk_page("view_supply")
def rows_behind(request: DeskRequest, name: str) -> HttpResponse:
    """The list behind a figure; ``?open=1`` shows only what is not done."""
    scope = _scope(request)
    if name not in behind.BEHIND:
        raise Http404
    rows = behind.rows_behind(name, scope.supplies, scope.on)
    still_open = [row for row in rows if row.is_open]
    only_open = bool(request.GET.get("open"))
    pages = Paginator(still_open if only_open else rows, PAGE_SIZE)
    page_obj = pages.get_page(request.GET.get("page"))
    keys = {row.supply for row in page_obj}
    names, people = overview.named(keys), officers_of(keys)
    measure = OF_INDICATOR.get(name)
    context = {
        "scope": scope,
        "name": name,
        "title": TITLES[name],
        "rows": [(row, names[row.supply], people.get(row.supply)) for row in page_obj],
        "page_obj": page_obj,
        "count": len(rows),
        "open_count": len(still_open),
        "supplies": len({row.supply for row in rows}),
        "only_open": only_open,
        "has_both": name not in ("overdue", "due"),
        "with_money": name in ("overdue", "collection", "due"),
        "indicator": Indicator.objects.filter(code=measure).first() if measure else None,
        "formula": FORMULAS.get(name),
    }
    return render(request, "supply/overview_rows.html", context)
