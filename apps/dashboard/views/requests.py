from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import orjson
from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from apps.common.errors import DomainError
from apps.dashboard.access import require_permission, require_recent_sign_in
from apps.dashboard.forms.particulars import ParticularsForm
from apps.dashboard.forms.requests import (
    AssignForm,
    CorrectForm,
    ExtendForm,
    NoteForm,
    OpenForm,
    RefuseForm,
    VerifyForm,
)
from apps.dashboard.presenters import requests as presenter
from apps.dashboard.queries import requests as queries
from apps.dashboard.queries.overview import name_actors
from apps.dashboard.render import render_page
from apps.isolation.scope import tenant_scope
from apps.memories.queries.memories import get_memory
from apps.privacy.domain import handling
from apps.privacy.domain.certificates import get_certificate
from apps.privacy.domain.copies import open_copy
from apps.privacy.domain.links import make_link
from apps.privacy.domain.particulars import change_handling, read_handling
from apps.privacy.domain.requests import open_request
from apps.privacy.domain.values import Correction, NewRequest
from apps.privacy.enums import IdentityCheck, RefusalReason, RequestKind, Via
from apps.tenants.queries import list_handlers
from apps.tenants.rules import Permission

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from django import forms

    from apps.dashboard.request import OperatorRequest
    from apps.memories.models import Memory

FORMS: dict[str, type[forms.Form]] = {
    "verify": VerifyForm,
    "refuse": RefuseForm,
    "extend": ExtendForm,
    "note": NoteForm,
    "assign": AssignForm,
}


@require_permission(Permission.REQUEST_VIEW)
def request_list(request: OperatorRequest) -> HttpResponse:
    asked = request.GET.get("show", "")
    tab = asked if asked in presenter.TABS else presenter.OPEN_TAB
    with tenant_scope(request.tenant.id):
        rows = queries.list_all() if tab == presenter.ALL_TAB else queries.list_open()
        open_count = queries.count_open()
    names = name_actors(row.assignee_id for row in rows if row.assignee_id)
    today = timezone.now().date()
    lines = [presenter.request_row(row, today=today, names=names) for row in rows]
    context = {
        "tabs": presenter.request_tabs(tab, open_count=open_count),
        "rows": lines,
        "board": presenter.make_board(lines) if tab == presenter.BOARD_TAB else (),
    }
    return render_page(request, "dashboard/requests/list.html", context)


@require_permission(Permission.REQUEST_HANDLE)
def request_open(request: OperatorRequest) -> HttpResponse:
    form = OpenForm(request.POST) if request.method == "POST" else OpenForm()
    if form.is_bound and form.is_valid():
        try:
            opened, _ = open_request(
                tenant_id=request.tenant.id, new=make_new(form.cleaned_data), by=request.actor
            )
        except DomainError as error:
            form.add_error(None, error.detail)
        else:
            return redirect("dashboard:request-detail", opened.id)
    return render_page(request, "dashboard/requests/open.html", {"form": form})


@require_permission(Permission.REQUEST_HANDLE)
def memory_correct(request: OperatorRequest, memory_id: UUID) -> HttpResponse:
    """Opens a rectification of this memory, asked for by whom it is about."""
    with tenant_scope(request.tenant.id):
        memory = get_memory(memory_id)
    form = CorrectForm(request.POST or None)
    if form.is_valid():
        try:
            opened, _ = open_request(
                tenant_id=request.tenant.id,
                new=make_correction(memory, form.cleaned_data),
                by=request.actor,
            )
            return redirect("dashboard:request-detail", opened.id)
        except DomainError as error:
            form.add_error(None, error.detail)
    context = {"form": form, "back": reverse("dashboard:memory-detail", args=[memory_id])}
    return render_page(request, "dashboard/memories/correct.html", context)


@require_permission(Permission.REQUEST_VIEW)
def request_detail(request: OperatorRequest, request_id: UUID) -> HttpResponse:
    with tenant_scope(request.tenant.id):
        found = queries.find_request(request_id)
    people = [found.request.assignee_id, *(note.author_id for note in found.notes)]
    names = name_actors(person for person in people if person)
    page = presenter.request_page(
        found.request,
        subject=found.subject,
        needs_approval=found.needs_approval,
        certificate=found.certificate,
        has_copy=found.has_copy,
        notes=found.notes,
        names=names,
        today=timezone.now().date(),
    )
    context = {
        "page": page,
        "forms": {name: form() for name, form in FORMS.items()},
        "handlers": [(one.id, str(one)) for one in list_handlers(request.tenant.id)],
        "assignee_id": found.request.assignee_id,
    }
    parts = {"work": "dashboard/requests/_work.html"}
    return render_page(request, "dashboard/requests/show.html", context, parts=parts)


@require_permission(Permission.REQUEST_HANDLE)
@require_POST
def request_move(request: OperatorRequest, request_id: UUID, move: str) -> HttpResponse:
    """One of the moves of a request; what is wrong is said on its page."""
    form = FORMS[move](request.POST) if move in FORMS else None
    if form is not None and not form.is_valid():
        messages.error(request, next(str(errors[0]) for errors in form.errors.values()))
        return redirect("dashboard:request-detail", request_id)
    ids = {"tenant_id": request.tenant.id, "request_id": request_id, "by": request.actor}
    try:
        MOVES[move](ids, form.cleaned_data if form else {}, request)
    except DomainError as error:
        messages.error(request, error.detail)
    return redirect("dashboard:request-detail", request_id)


@require_permission(Permission.REQUEST_VIEW)
def request_certificate(request: OperatorRequest, request_id: UUID) -> HttpResponse:
    with tenant_scope(request.tenant.id):
        document = get_certificate(request_id).document
    raw = orjson.dumps(document, option=orjson.OPT_INDENT_2)
    headers = {"Content-Disposition": f'attachment; filename="{request_id}.json"'}
    return HttpResponse(raw, content_type="application/json", headers=headers)


@require_permission(Permission.REQUEST_HANDLE)
@require_recent_sign_in
def request_download(request: OperatorRequest, request_id: UUID) -> HttpResponse:
    file, size = open_copy(tenant_id=request.tenant.id, request_id=request_id, by=request.actor)
    response = FileResponse(
        file,
        as_attachment=True,
        filename=f"copy-{str(request_id)[-4:]}.zip",
        content_type="application/zip",
        headers={"Content-Length": str(size)},
    )
    return cast("HttpResponse", response)


@require_permission(Permission.REQUEST_HANDLE)
@require_POST
def request_link(request: OperatorRequest, request_id: UUID) -> HttpResponse:
    """Shows the link once; of it only a hash is kept."""
    token = make_link(tenant_id=request.tenant.id, request_id=request_id, by=request.actor)
    context = {
        "link": request.build_absolute_uri(reverse("person-enter", args=[token])),
        "back": reverse("dashboard:request-detail", args=[request_id]),
        "days": settings.EXPORT_DAYS,
    }
    return render_page(request, "dashboard/requests/link.html", context)


@require_permission(Permission.REQUEST_CONFIGURE)
def request_settings(request: OperatorRequest) -> HttpResponse:
    """The particulars that copies print, and who approves what."""
    with tenant_scope(request.tenant.id):
        form = ParticularsForm(request.POST or None, handling=read_handling())
        if form.is_valid():
            change_handling(handling=form.handling, by=request.actor)
    if form.is_bound and not form.errors:
        messages.success(request, "Particulars saved")
        return redirect("dashboard:request-settings")
    return render_page(request, "dashboard/requests/settings.html", {"form": form})


def make_correction(memory: Memory, given: dict[str, Any]) -> NewRequest:
    """For the first of its entities: a user, where there is one."""
    kind, name = next(iter(memory.entity_names.items()))
    return NewRequest(
        kind=RequestKind.RECTIFICATION,
        subject_kind=kind,
        subject_name=name,
        via=Via.OPERATOR,
        reference=given["reference"],
        corrections=[Correction(memory.id, given["text"])],
    )


def make_new(given: dict[str, Any]) -> NewRequest:
    return NewRequest(
        kind=RequestKind(given["kind"]),
        subject_kind=given["subject_kind"],
        subject_name=given["subject_name"],
        via=Via.OPERATOR,
        reference=given["reference"],
        is_lift=given["is_lift"],
        received_on=given["received_on"],
    )


MOVES: dict[str, Callable[[dict[str, Any], dict[str, Any], OperatorRequest], object]] = {
    "verify": lambda ids, given, _: handling.verify_request(
        **ids, check=IdentityCheck(given["check"])
    ),
    "approve": lambda ids, _, __: handling.approve_request(**ids),
    "start": lambda ids, _, __: handling.start_request(**ids),
    "withdraw": lambda ids, _, __: handling.withdraw_request(**ids),
    "pause": lambda ids, _, __: handling.pause_request(**ids),
    "refuse": lambda ids, given, _: handling.refuse_request(
        **ids, reason=RefusalReason(given["reason"]), explanation=given["explanation"]
    ),
    "extend": lambda ids, given, _: handling.extend_request(**ids, **given),
    "note": lambda ids, given, _: handling.write_note(**ids, **given),
    "assign": lambda ids, given, _: handling.assign_request(**ids, **given),
}
