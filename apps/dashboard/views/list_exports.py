"""Exports of lists: which there are, one as it is confirmed, written, downloaded and removed."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse
from django.shortcuts import redirect
from django.utils import timezone

from apps.common.errors import Conflict, DomainError
from apps.dashboard.access import require_permission, require_recent_sign_in
from apps.dashboard.forms.memories import MemoryFilterForm
from apps.dashboard.presenters.list_exports import confirm_removal, export_view
from apps.dashboard.queries.memories import select_filtered
from apps.dashboard.queries.overview import name_actors
from apps.dashboard.render import render_confirmation, render_page
from apps.dashboard.views.memories import show_list
from apps.isolation.scope import tenant_scope
from apps.memories.domain.reads import record_search
from apps.privacy.domain import list_exports as domain
from apps.privacy.enums import ListState
from apps.privacy.queries import list_exports
from apps.tenants.rules import Permission

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from apps.dashboard.request import OperatorRequest
    from apps.privacy.models import ListExport

MOST_SHOWN = 100
ROOM, PAGE = "dashboard:export-list", "dashboard:export-detail"


@require_permission(Permission.REQUEST_HANDLE)
def list_export(request: OperatorRequest) -> HttpResponse:
    """Keeps which memories the list has that was sent, and leads to where that is confirmed."""
    form = MemoryFilterForm(request.POST)
    if request.method != "POST" or not form.is_valid() or form.query:
        return redirect("dashboard:memory-list")
    try:
        export = choose(request, form)
    except DomainError as error:
        messages.error(request, error.detail)
        return show_list(request, reveals=False)
    return redirect(PAGE, export.id)


@require_permission(Permission.REQUEST_HANDLE)
def export_list(request: OperatorRequest) -> HttpResponse:
    with tenant_scope(request.tenant.id):
        exports = list(list_exports()[:MOST_SHOWN])
    names = name_actors(one.operator_id for one in exports if one.operator_id)
    rows = [export_view(one, names=names) for one in exports]
    return render_page(request, "dashboard/exports/list.html", {"rows": rows})


@require_permission(Permission.REQUEST_HANDLE)
def export_detail(request: OperatorRequest, export_id: UUID) -> HttpResponse:
    export = find(request, export_id)
    if export.state == ListState.CHOSEN:
        answer: HttpResponse = confirm_export(request, export)
        return answer
    return render_export(request, export)


@require_recent_sign_in
def confirm_export(request: OperatorRequest, export: ListExport) -> HttpResponse:
    if request.method == "POST":
        ids: Any = {"tenant_id": request.tenant.id, "export_id": export.id}
        with suppress(Conflict):  # the button was pressed twice
            domain.start_list_export(**ids, by=request.actor)
        return redirect(PAGE, export.id)
    return render_export(request, export)


@require_permission(Permission.REQUEST_HANDLE)
def export_download(request: OperatorRequest, export_id: UUID) -> HttpResponse:
    """What is not there is not found, before a sign-in is asked for."""
    export = find(request, export_id)
    answer: HttpResponse = send_document(request, export)
    return answer


@require_recent_sign_in
def send_document(request: OperatorRequest, export: ListExport) -> HttpResponse:
    ids: Any = {"tenant_id": request.tenant.id, "export_id": export.id}
    try:
        file, size = domain.open_list_export(**ids, by=request.actor)
    except Conflict as error:
        messages.error(request, error.detail)
        return redirect(ROOM)
    answer = FileResponse(
        file,
        as_attachment=True,
        filename=f"memories-{str(export.id)[-4:]}.json",
        content_type="application/json",
        headers={"Content-Length": str(size)},
    )
    return cast("HttpResponse", answer)


@require_permission(Permission.REQUEST_HANDLE)
def export_remove(request: OperatorRequest, export_id: UUID) -> HttpResponse:
    export = find(request, export_id)
    if request.method != "POST":
        return render_confirmation(request, confirm_removal(export))
    ids: Any = {"tenant_id": request.tenant.id, "export_id": export.id}
    domain.remove_list_export(**ids, by=request.actor)
    messages.success(request, "Export removed")
    return redirect(ROOM)


def choose(request: OperatorRequest, form: MemoryFilterForm) -> ListExport:
    """A filter of what is sealed tells what the memories hold, so it is recorded as a search."""
    today = timezone.now().date()
    with tenant_scope(request.tenant.id):
        rows = select_filtered(form.filters, form.chosen_state, today=today)
        export = domain.choose_list(rows, by=request.actor)
        if form.asks_sealed:
            record_search(entity_id=None, count=export.total, by=request.actor)
        return export


def find(request: OperatorRequest, export_id: UUID) -> ListExport:
    with tenant_scope(request.tenant.id):
        return domain.get_list_export(export_id)


def render_export(request: OperatorRequest, export: ListExport) -> HttpResponse:
    names = name_actors([export.operator_id] if export.operator_id else [])
    context = {"export": export_view(export, names=names), "days": settings.EXPORT_DAYS}
    parts = {"work": "dashboard/exports/_work.html"}
    return render_page(request, "dashboard/exports/show.html", context, parts=parts)
