from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect

from apps.dashboard.access import require_permission
from apps.dashboard.forms.search import FindForm, SearchForm
from apps.dashboard.presenters import entities as presenter
from apps.dashboard.render import render_page
from apps.isolation.scope import tenant_scope
from apps.memories import queries
from apps.memories.enums import EntityKind
from apps.tenants.rules import Permission

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from apps.dashboard.request import OperatorRequest


@require_permission(Permission.ENTITY_VIEW)
def entity_index(request: OperatorRequest) -> HttpResponse:  # noqa: ARG001
    return redirect("dashboard:entity-list", EntityKind.USER)


@require_permission(Permission.ENTITY_VIEW)
def entity_list(request: OperatorRequest, kind: EntityKind) -> HttpResponse:
    form = FindForm(request.POST)
    with tenant_scope(request.tenant.id):
        listing = find_listing(kind, form) if form.text else read_listing(request, kind)
    parts = {"results": "dashboard/entities/_rows.html"}
    context = {"listing": listing, "error": form.error}
    return render_page(request, "dashboard/entities/list.html", context, parts=parts)
