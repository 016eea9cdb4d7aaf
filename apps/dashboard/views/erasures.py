"""Erasing an entity from its page: what will go, the id typed back, then the request's page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from apps.common.errors import DomainError
from apps.dashboard.access import require_permission, require_recent_sign_in
from apps.dashboard.forms.requests import EraseForm, ExportForm
from apps.dashboard.presenters.requests import Count
from apps.dashboard.queries.requests import list_copies
from apps.dashboard.render import render_page
from apps.isolation.scope import tenant_scope
from apps.memories.enums import EntityKind
from apps.memories.queries.entities import get_entity
from apps.privacy.domain import handling
from apps.privacy.domain.moves import is_approval_needed
from apps.privacy.domain.particulars import read_handling
from apps.privacy.domain.requests import open_request
from apps.privacy.domain.values import NewRequest
from apps.privacy.enums import IdentityCheck, RequestKind, Via
from apps.privacy.subjects import Subject, count_rows
from apps.tenants.rules import Permission

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from apps.dashboard.request import OperatorRequest
    from apps.memories.models import Entity


@require_permission(Permission.REQUEST_HANDLE)
def entity_erase(request: OperatorRequest, entity_id: UUID) -> HttpResponse:
    """What is not there is not found, before a sign-in is asked for."""
    with tenant_scope(request.tenant.id):
        entity = get_entity(entity_id)
    answer: HttpResponse = confirm_erasure(request, entity)
    return answer


@require_permission(Permission.REQUEST_HANDLE)
def entity_export(request: OperatorRequest, entity_id: UUID) -> HttpResponse:
    with tenant_scope(request.tenant.id):
        entity = get_entity(entity_id)
    answer: HttpResponse = confirm_export(request, entity)
    return answer


@require_recent_sign_in
def confirm_export(request: OperatorRequest, entity: Entity) -> HttpResponse:
    """The copy is written as one for the person is, on the page of its request."""
    form = ExportForm(request.POST or None)
    if form.is_valid():
        kind = RequestKind(form.cleaned_data["kind"])
        try:
            check = IdentityCheck(form.cleaned_data["check"])
            return redirect("dashboard:request-detail", ask_at_once(request, entity, kind, check))
        except DomainError as error:
            form.add_error(None, error.detail)
    back = reverse("dashboard:entity-detail", args=[entity.id])
    context = {"entity": entity, "form": form, "back": back}
    return render_page(request, "dashboard/entities/export.html", context)


@require_recent_sign_in
def confirm_erasure(request: OperatorRequest, entity: Entity) -> HttpResponse:
    with tenant_scope(request.tenant.id):
        found = count_rows(Subject(EntityKind(entity.kind), entity.id))
        copies = list_copies(entity.id)
    form = EraseForm(request.POST or None, expected=entity.external_id)
    if form.is_valid():
        try:
            return redirect("dashboard:request-detail", erase(request, entity, form))
        except DomainError as error:
            form.add_error(None, error.detail)
    context = {
        "entity": entity,
        "form": form,
        "counts": [Count(label.rpartition(".")[2], count) for label, count in found.items()],
        "total": sum(found.values()),
        "copies": copies,
        "back": reverse("dashboard:entity-detail", args=[entity.id]),
    }
    return render_page(request, "dashboard/entities/erase.html", context)


@require_permission(Permission.REQUEST_HANDLE)
@require_POST
def entity_hold(request: OperatorRequest, entity_id: UUID) -> HttpResponse:
    ids: Any = {"tenant_id": request.tenant.id, "entity_id": entity_id, "by": request.actor}
    try:
        if request.POST.get("hold") == "lift":
            handling.release_subject(**ids)
            messages.success(request, "The legal hold is lifted")
        else:
            handling.hold_subject(**ids)
            messages.success(request, "Nothing of this entity can be deleted now")
    except DomainError as error:
        messages.error(request, error.detail)
    return redirect("dashboard:entity-detail", entity_id)


def erase(request: OperatorRequest, entity: Entity, form: EraseForm) -> UUID:
    check = IdentityCheck(form.cleaned_data["check"])
    return ask_at_once(request, entity, RequestKind.ERASURE, check)


def ask_at_once(
    request: OperatorRequest, entity: Entity, kind: RequestKind, check: IdentityCheck
) -> UUID:
    """Open, verify and start; where a second person has to approve, it waits for them."""
    new = NewRequest(kind, EntityKind(entity.kind), entity.external_id, via=Via.OPERATOR)
    opened, _ = open_request(tenant_id=request.tenant.id, new=new, by=request.actor)
    ids: Any = {"tenant_id": request.tenant.id, "request_id": opened.id, "by": request.actor}
    verified = handling.verify_request(**ids, check=check)
    with tenant_scope(request.tenant.id):
        needs_approval = is_approval_needed(verified, read_handling())
    if not needs_approval:
        handling.start_request(**ids)
    return opened.id
