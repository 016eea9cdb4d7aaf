"""Purging chosen memories: one page shows what will go, then the progress, then the result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect

from apps.common.errors import DomainError, Invalid
from apps.dashboard.access import require_permission, require_recent_sign_in
from apps.dashboard.forms.purges import ChooseForm, PurgeForm
from apps.dashboard.presenters.purges import purge_page
from apps.dashboard.render import render_page
from apps.isolation.scope import tenant_scope
from apps.memories.queries.entities import get_entity
from apps.privacy.domain.purging import choose_memories, get_purge, preview_purge, start_purge
from apps.privacy.enums import PurgeState
from apps.tenants.rules import Permission

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from apps.dashboard.request import OperatorRequest
    from apps.memories.models import Entity
    from apps.privacy.models import Purge

UNCONFIRMED = {PurgeState.CHOSEN, PurgeState.BLOCKED}


@require_permission(Permission.MEMORY_PURGE)
def entity_purge(request: OperatorRequest, entity_id: UUID) -> HttpResponse:
    """Keeps what was chosen on the entity's page, and shows it."""
    with tenant_scope(request.tenant.id):
        get_entity(entity_id)
    form = ChooseForm(request.POST)
    if request.method != "POST" or not form.is_valid():
        return redirect("dashboard:entity-detail", entity_id)
    ids: Any = {"tenant_id": request.tenant.id, "entity_id": entity_id}
    try:
        purge = choose_memories(**ids, choice=form.read_choice(), by=request.actor)
    except Invalid as error:
        messages.error(request, error.detail)
        return redirect("dashboard:entity-detail", entity_id)
    return redirect("dashboard:purge-detail", purge.id)


@require_permission(Permission.MEMORY_PURGE)
def purge_detail(request: OperatorRequest, purge_id: UUID) -> HttpResponse:
    with tenant_scope(request.tenant.id):
        purge = get_purge(purge_id)
        entity = get_entity(purge.subject_id)
    if purge.state in UNCONFIRMED:
        answer: HttpResponse = confirm_purge(request, purge, entity)
        return answer
    return render_purge(request, purge, entity)


@require_recent_sign_in
def confirm_purge(request: OperatorRequest, purge: Purge, entity: Entity) -> HttpResponse:
    form = PurgeForm(request.POST or None, expected=entity.external_id)
    if form.is_valid():
        try:
            start_purge(tenant_id=request.tenant.id, purge_id=purge.id, by=request.actor)
            return redirect("dashboard:purge-detail", purge.id)
        except DomainError as error:
            form.add_error(None, error.detail)
    return render_purge(request, purge, entity, form=form)


def render_purge(
    request: OperatorRequest, purge: Purge, entity: Entity, *, form: PurgeForm | None = None
) -> HttpResponse:
    with tenant_scope(request.tenant.id):
        preview = preview_purge(purge) if form else None
    page = purge_page(purge, entity=entity, preview=preview)
    parts = {"work": "dashboard/purges/_work.html"}
    context = {"page": page, "form": form}
    return render_page(request, "dashboard/purges/show.html", context, parts=parts)
