"""Documents that wait for a person: few one by one, many as a line for each kind that opens their list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import CharField, Count, F, Min, OuterRef, Q, QuerySet, Subquery, Value, Window
from django.db.models.functions import RowNumber
from django.urls import reverse

from landbureau.accounts.models import User
from landbureau.documents import selectors
from landbureau.documents.access import within
from landbureau.documents.models import Document, Step
from landbureau.home.rules import Todo

MOST_ALONE = 5  # documents of one sort; more are told by kind
COLUMNS = (
    "sort",
    "place",
    "count",
    "of_kind",
    "kind",
    "kind__title",
    "first_on",
    "first_serve_by",
    "pk",
    "title",
    "number",
    "addressee",
    "serve_by",
    "by",
    "on",
    "note",
)


@dataclass(frozen=True)
class Sort:
    """What waits for one act. ``list_query``: of the list of all; ``day``: since when it waits.

    ``bulk``: the act on many of the list.
    """

    kind: str
    many: str
    act: str
    list_query: str
    rows: Callable[[User, date], QuerySet[Document]]
    day: str
    bulk: str = "查看清单"


def _without_proof(user: User, today: date) -> QuerySet[Document]:
    """Of what has no proof, what this person may register: the others can do nothing about it."""
    return selectors.without_proof(user, today).filter(within(user, "correct"))


SORTS = {
    "returned": Sort(
        "文书", "退回，待修改", "修改", "state=draft&mine=true", selectors.returned, "drafted_on"
    ),
    "approve": Sort(
        "文书", "待批准", "审批", "todo=approve", selectors.to_approve, "submitted_on", "批量审批"
    ),
    "issue": Sort("文书", "待印发", "印发", "todo=issue", selectors.to_issue, "approved_on", "批量印发"),
    "seal": Sort("用印", "待用印登记", "登记用印", "todo=seal", selectors.to_seal, "issued_on", "批量登记"),
    "serve": Sort("送达", "待送达", "登记送达", "todo=serve", selectors.to_serve, "issued_on"),
    "slip": Sort("送达", "待登记回执", "登记回执", "todo=slip", selectors.without_slip, "posted_on"),
    "proof": Sort("送达", "缺送达证明", "上传证明", "todo=proof", _without_proof, "served_on"),
}


def document_todos(user: User, today: date) -> list[Todo]:
    """What waits for ``user``, in one query however much it is."""
    first, *others = (_branch(name, sort.rows(user, today), sort.day) for name, sort in SORTS.items())
    found: list[dict[str, Any]] = [
        dict(zip(COLUMNS, row, strict=True)) for row in first.union(*others, all=True)
    ]
    return [_todo(SORTS[row["sort"]], row) for row in found]


def _branch(name: str, rows: QuerySet[Document], day: str) -> Any:
    """All of one sort where they are few, else the first of each kind: those to be served first come first.

    Each with the number of all and of its kind.
    """
    returns = Step.objects.filter(document=OuterRef("pk"), action=Step.Action.RETURNED).order_by("-at", "-pk")
    order = [F("serve_by").asc(nulls_last=True), F("pk").asc()]
    return (
        rows.order_by()
        .annotate(
            sort=Value(name, CharField()),
            place=Window(RowNumber(), partition_by=F("kind"), order_by=order),
            count=Window(Count("pk")),
            of_kind=Window(Count("pk"), partition_by=F("kind")),
            first_on=Window(Min(day), partition_by=F("kind")),
            first_serve_by=Window(Min("serve_by"), partition_by=F("kind")),
            by=F("drafted_by__name"),
            on=F(day),
            note=Subquery(returns.values("reason")[:1]) if name == "returned" else Value("", CharField()),
        )
        .filter(Q(place=1) | Q(count__lte=MOST_ALONE))
        .values_list(*COLUMNS)
    )


def _todo(sort: Sort, row: dict[str, Any]) -> Todo:
    serving = sort.act == "登记送达"
    if row["count"] > MOST_ALONE and row["of_kind"] > 1:
        return Todo(
            sort.kind,
            f"{row['of_kind']} 份{row['kind__title']}{sort.many}",
            f"“{row['addressee'] or row['title']}”等，最早 {row['first_on']:%m-%d}，可在清单中批量办理。",
            sort.bulk,
            f"{reverse('documents:documents')}?{sort.list_query}&kind={row['kind']}",
            row["first_serve_by"] if serving else None,
        )
    return Todo(
        sort.kind,
        "　".join(filter(None, [row["title"], row["addressee"]])),
        _why(sort, row),
        sort.act,
        reverse("documents:document", args=[row["pk"]]),
        row["serve_by"] if serving else None,
    )


def _why(sort: Sort, row: dict[str, Any]) -> str:
    day = f"{row['on']:%m-%d}"
    by = row["by"] or "系统"
    match sort.act:
        case "修改":
            return f"已退回：{row['note']}"
        case "审批":
            return f"{by}拟稿，{day} 送审。"
        case "印发":
            return f"{by}拟稿，{day} 批准；印发后编号并固定正本。"
        case "登记用印":
            return f"{row['number']}，{day} 印发。"
        case "登记送达":
            return f"{row['number']}，{day} 印发。"
        case "登记回执":
            return f"{row['number']}，{day} 交寄；收到回执后登记收件日期。"
        case _:
            return f"{row['number']}，{day} 送达，还没有送达证明。"
