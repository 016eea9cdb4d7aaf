"""Marking what a copy leaves out: the person's memories as they will stand in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse

from apps.common.errors import DomainError
from apps.dashboard.access import require_permission, require_recent_sign_in
from apps.dashboard.forms.redactions import RedactForm
from apps.dashboard.presenters.redactions import Marked, redaction_page
from apps.dashboard.presenters.requests import is_redactable
from apps.dashboard.queries.memories import list_of_entity
from apps.dashboard.render import render_page
from apps.dashboard.views.entities import CURSORS, read_uuid, say_place
from apps.isolation.scope import tenant_scope
from apps.memories.domain.reads import record_revealed
from apps.privacy.domain.redacting import redact_copy
from apps.privacy.queries import read_request
from apps.tenants.rules import Permission

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from apps.dashboard.presenters.redactions import RedactionPage
    from apps.dashboard.request import OperatorRequest
    from apps.privacy.models import Request


@require_permission(Permission.REQUEST_HANDLE)
def request_redact(request: OperatorRequest, request_id: UUID) -> HttpResponse:
    found = read_request(tenant_id=request.tenant.id, request_id=request_id)
    if not is_redactable(found):
        messages.error(request, "Passages are redacted before the copy of a request is written.")
        return redirect("dashboard:request-detail", request_id)
    answer: HttpResponse = mark(request, found)
    return answer


@require_recent_sign_in
def mark(request: OperatorRequest, found: Request) -> HttpResponse:
    """Save what is marked, or show the texts of this page with it, which is an event."""
    saved = Marked.of(found)
    form = RedactForm(request.POST or None, initial={"passages": "\n".join(saved.passages)})
    marked = saved.change(form) if form.is_bound else saved
    if request.POST.get("do") == "save" and save(request, found, form, marked):
        here = reverse("dashboard:request-redact", args=[found.id])
        return redirect(f"{here}{say_place(request)}")
    page = read_page(request, found, marked, reveals=request.POST.get("do") == "reveal")
    context = {"page": page, "form": form}
    return render_page(request, "dashboard/requests/redact.html", context)


def save(request: OperatorRequest, found: Request, form: RedactForm, marked: Marked) -> bool:
    try:
        redact_copy(
            tenant_id=request.tenant.id,
            request_id=found.id,
            passages=marked.passages,
            records=list(marked.records),
            by=request.actor,
        )
    except DomainError as error:
        form.add_error("passages", error.detail)
        return False
    messages.success(request, "Redactions saved")
    return True


def read_page(
    request: OperatorRequest, found: Request, marked: Marked, *, reveals: bool
) -> RedactionPage:
    before, after = (read_uuid(request.GET.get(name)) for name in CURSORS)
    assert found.subject_id is not None  # is_redactable
    with tenant_scope(request.tenant.id):
        rows = list_of_entity(found.subject_kind, found.subject_id, before=before, after=after)
        if reveals:
            count = len(rows.rows)
            record_revealed(entity_id=found.subject_id, count=count, by=request.actor)
        return redaction_page(found, rows, marked, reveals=reveals)
