"""The pages of an import: choose a file, and the five steps of one."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import PurePath
from tempfile import SpooledTemporaryFile
from typing import IO, Any, cast

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.core.files.base import ContentFile, File
from django.core.paginator import Paginator
from django.db.models import Case, Value, When
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from landbureau.audit.models import Entry
from landbureau.audit.services import record
from landbureau.imports import display, services, workbooks
from landbureau.imports.errors import ImportRefused
from landbureau.imports.forms import AnswerForm, CellForm, ColumnsForm, FileForm, RowForm
from landbureau.imports.models import ImportSession
from landbureau.imports.reading import a_place
from landbureau.imports.report import Report
from landbureau.imports.targets import Target
from landbureau.jobs.selectors import worker_is_alive
from landbureau.web.access import View, desk_page
from landbureau.web.exports import export_response
from landbureau.web.uploads import file_response

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LISTED = 20  # imports on a page of the list
State = ImportSession.State


def import_page(view: View) -> View:
    """A page for those who may import at least one table; others get 403."""

    @desk_page()
    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not services.may_import(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return wrapper


def _own(request: HttpRequest, pk: int) -> ImportSession:
    """404 for another person's, and for one of tables that the person may not import any more."""
    own = ImportSession.objects.visible_to(request.user).select_related("run", "actor")
    session = get_object_or_404(own, pk=pk)
    kinds = {sheet["kind"] for sheet in session.counts} | {session.kind}
    if kinds - services.kinds_for(request.user).keys() - {""}:
        raise Http404
    return session


def _page(session: ImportSession, report: Report | None) -> display.ImportPage:
    """404 without a report: there is nothing to decide about."""
    if report is None:
        raise Http404
    return display.ImportPage(session, report)


# --- The list, and a new one ------------------------------------------------------------------------------


@import_page
def imports(request: HttpRequest) -> HttpResponse:
    """One's own imports, those under way first, and the form that begins one."""
    kinds = services.kinds_for(request.user)
    form = FileForm(
        request.POST or None,
        request.FILES or None,
        kinds=kinds,
        initial={"kind": request.GET.get("kind", "")},
    )
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(
                services.begin(
                    file=form.cleaned_data["file"],
                    kind=form.cleaned_data["kind"],
                    actor=request.user,
                    today=timezone.localdate(),
                )
            )
        except ImportRefused as refused:
            form.add_error("file", str(refused))
    is_over = Case(When(state=State.DONE, then=Value(1)), default=Value(0))
    own = ImportSession.objects.visible_to(request.user).select_related("run")
    rows = Paginator(own.order_by(is_over, "-created_at", "-pk"), LISTED).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "tables": [_table(target) for target in kinds.values()],
        "page": rows,
        "rows": [display.Listed(session) for session in rows],
        "days": settings.IMPORTS_KEEP_OPEN_DAYS,
    }
    return render(request, "imports/imports.html", context)


def _table(target: type[Target]) -> dict[str, str]:
    """A class cannot go into a template: it would be called."""
    return {
        "name": target.name,
        "title": target.title,
        "url": reverse(target.list_url) if target.list_url else "",
    }


def _kind(request: HttpRequest, kind: str) -> type[Target]:
    try:
        return services.kinds_for(request.user)[kind]
    except KeyError:
        raise Http404 from None


@require_safe
@import_page
def empty_table(request: HttpRequest, kind: str) -> FileResponse:
    """A table to be filled in."""
    target = _kind(request, kind)
    content = ContentFile(workbooks.template(target))
    return file_response(content, name=f"{target.title}（空表）.xlsx", mime=XLSX, download=True)


@require_safe
@import_page
def table(request: HttpRequest, kind: str) -> FileResponse:
    """All rows of a table as the system has them, to be changed and imported again."""
    target = _kind(request, kind)
    today = timezone.localdate()
    rows = target(actor=request.user, today=today).export_rows()  # type: ignore[arg-type]
    return export_response(request, "xlsx", workbooks.table_out(target, rows), today=today)


# --- The five steps ---------------------------------------------------------------------------------------


@require_safe
@import_page
def session(request: HttpRequest, pk: int) -> HttpResponse:
    """One import: where it stands, what was found, what would be or was written."""
    session = _own(request, pk)
    kinds = [session.kind, *(sheet["kind"] for sheet in session.counts)]
    request.navigation_query = f"kind={next(filter(None, kinds), '')}"  # type: ignore[attr-defined]
    report = session.get_report()
    if session.state in (State.CHECKING, State.WRITING, State.REFUSED) or report is None:
        return render(request, "imports/waiting.html", _waiting(session))
    return render(request, "imports/session.html", _context(request, session, report))


def _waiting(session: ImportSession) -> dict[str, Any]:
    return {
        "session": session,
        "run": session.run,
        "steps": display.waiting_steps(session),
        "counts": display.Listed(session).counts,
        "is_writing": session.waits and session.state == State.WRITING,
        "is_stuck": session.waits and not worker_is_alive(timezone.now()),
    }


def _context(
    request: HttpRequest, session: ImportSession, report: Report, form: ColumnsForm | None = None
) -> dict[str, Any]:
    page = display.ImportPage(session, report)
    kinds = services.kinds_for(request.user)
    params = request.GET
    show = params.get("show", "") if params.get("show") in display.FILTERS else ""
    tab = params["tab"] if params.get("tab") in display.TABS else page.comparison.first_tab()
    return {
        "session": session,
        "page": page,
        "steps": page.steps(),
        "form": form or _columns_form(request, session, report),
        "filters": [
            {"name": name, "title": title, "count": len(page.check.shown(name)), "active": name == show}
            for name, title in display.FILTERS.items()
        ],
        "lines": display.Panel(page.check.shown(show), "page", params),
        "tabs": [
            {"name": name, "title": title, "count": page.comparison.count(name), "active": name == tab}
            for name, title in display.TABS.items()
        ],
        "tab": tab,
        "rows": display.Panel(page.comparison.rows(tab), "rows", params),
        "tables": [_table(kinds[kind]) for kind in page.kinds if kind in kinds],
    }


def _columns_form(request: HttpRequest, session: ImportSession, report: Report) -> ColumnsForm:
    kinds = services.kinds_for(request.user)
    if session.kind:
        kinds = {name: target for name, target in kinds.items() if name == session.kind}
    data = request.POST if request.method == "POST" else None
    return ColumnsForm(data, report=report, choices=session.get_choices(), kinds=kinds)


@require_safe
@import_page
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The part that changes while a job has the file, asked for every two seconds; then the whole page."""
    session = _own(request, pk)
    if not session.waits:
        return HttpResponseClientRefresh() if _is_htmx(request) else redirect(session)
    return render(request, "imports/parts/progress.html", _waiting(session))


progress.passive = True  # type: ignore[attr-defined]  # does not keep an idle session alive


def _is_htmx(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False))


# --- Decisions --------------------------------------------------------------------------------------------


def _decide(
    request: HttpRequest,
    session: ImportSession,
    act: Callable[[], Any] = lambda: None,
    *,
    check: bool = False,
) -> HttpResponseRedirect:
    """Do it, and show what follows from it: at once if that is quick, or if ``check``."""
    try:
        act()
        if check or session.rows <= settings.IMPORTS_AT_ONCE:
            services.check(session=session, today=timezone.localdate())
    except ImportRefused as refused:
        messages.error(request, str(refused))
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    return HttpResponseRedirect(f"{session.get_absolute_url()}{query}#check")


@require_POST
@import_page
def columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Which table each sheet is, and what each column."""
    session = _own(request, pk)
    report = session.get_report()
    page = _page(session, report)
    form = _columns_form(request, session, page.report)
    if not form.is_valid():
        raise BadRequest("no such column")
    kinds, columns = form.decisions()
    if not kinds:
        messages.info(request, "没有改动。")
        return redirect(session)
    return _decide(
        request,
        session,
        lambda: services.decide(session=session, kinds=kinds, columns=columns),
        check=True,
    )


@require_POST
@import_page
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """The answer to a question."""
    session = _own(request, pk)
    page = _page(session, session.get_report())
    form = AnswerForm(request.POST)
    if not form.is_valid():
        raise BadRequest("no answer")
    line = page.check.question(form.cleaned_data["question"])
    if line is None or line.finding is None:
        raise Http404
    text = form.cleaned_data["answer"]
    if line.finding.options and text not in dict(line.finding.options):
        raise BadRequest("no such option")
    return _decide(request, session, lambda: services.decide(session=session, answers={line.key: text}))


@require_POST
@import_page
def cell(request: HttpRequest, pk: int) -> HttpResponse:
    """Another text for a cell with an error, and for those like it; the file itself is not changed."""
    session = _own(request, pk)
    page = _page(session, session.get_report())
    form = CellForm(request.POST)
    if not form.is_valid():
        raise BadRequest("no cell")
    sheet, index = form.cleaned_data["sheet"], form.cleaned_data["index"]
    line = page.check.cell(sheet, form.cleaned_data["row"], index)
    if line is None:
        raise Http404
    cells = {(sheet, row, index): form.cleaned_data["text"] for row in line.rows}
    return _decide(request, session, lambda: services.decide(session=session, cells=cells))


@require_POST
@import_page
def leave_out(request: HttpRequest, pk: int) -> HttpResponse:
    """A row with an error, and those with the same one, stay out of this import."""
    session = _own(request, pk)
    page = _page(session, session.get_report())
    form = RowForm(request.POST)
    if not form.is_valid():
        raise BadRequest("no row")
    sheet = form.cleaned_data["sheet"]
    line = page.check.error(sheet, form.cleaned_data["row"])
    if line is None:
        raise Http404
    rows = [(sheet, row) for row in line.rows]
    return _decide(request, session, lambda: services.decide(session=session, rows=rows))


@require_POST
@import_page
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """All open questions as proposed."""
    session = _own(request, pk)
    return _decide(request, session, lambda: services.accept_proposals(session=session))


@require_POST
@import_page
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Once more: with what was decided, or after a job that failed."""
    session = _own(request, pk)
    if session.is_over or session.waits:
        return redirect(session)
    return _decide(request, session, check=True)


# --- The end ----------------------------------------------------------------------------------------------


@require_POST
@import_page
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Write what was shown."""
    session = _own(request, pk)
    try:
        services.confirm(session=session, seen=request.POST.get("seen", ""), today=timezone.localdate())
    except ImportRefused as refused:
        now = ImportSession.objects.filter(pk=pk).first()
        if now is None or now.told != str(refused):  # else the page itself says it
            messages.error(request, str(refused))
        if now is None:
            return redirect("imports:imports")
    return redirect(session)


@require_POST
@import_page
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Give it up: nothing of it stays."""
    session = _own(request, pk)
    try:
        services.leave(session=session)
    except ImportRefused as refused:
        messages.error(request, str(refused))
        return redirect(session)
    messages.success(request, f"已取消导入“{session.name}”，没有写入任何数据。")
    return redirect("imports:imports")


@require_safe
@import_page
def result(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file's rows with what became of each, or would."""
    session = _own(request, pk)
    if not (session.file and session.report):
        raise Http404
    # The response that sends the file closes it.
    file = cast(IO[bytes], SpooledTemporaryFile(max_size=5 * 1024**2))  # noqa: SIM115
    try:
        with a_place():
            workbooks.result(session, file)
    except ImportRefused as refused:
        messages.error(request, str(refused))
        return redirect(session)
    file.seek(0)
    word = "导入结果" if session.is_over else "检查结果"
    return _download(request, session, File(file), word)


@require_safe
@import_page
def restore(request: HttpRequest, pk: int) -> FileResponse:
    """The changed rows as they were before: imported, it undoes the changes."""
    session = _own(request, pk)
    if not session.restore:
        raise Http404
    return _download(request, session, session.restore.open("rb"), "导入前的数据")


def _download(request: HttpRequest, session: ImportSession, file: File[bytes], word: str) -> FileResponse:
    """It holds personal data: who took it is on the record."""
    name = f"{PurePath(session.name).stem}-{word}.xlsx"
    actor: Any = request.user
    record(
        Entry.Action.DOWNLOAD,
        actor=actor,
        text=f"下载{word}：{session.name}",
        data={"file": name, "rows": session.rows},
    )
    return file_response(file, name=name, mime=XLSX, download=True)
