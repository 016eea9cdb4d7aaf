from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from apps.dashboard.access import require_permission
from apps.dashboard.presenters.text import counted
from apps.dashboard.presenters.vectors import renewal_rows
from apps.dashboard.queries.telemetry import name_tenants
from apps.dashboard.render import render_page
from apps.memories.domain.embedding_models import recorded_model
from apps.memories.domain.renewing import plan_renewals
from apps.memories.models import Renewal
from apps.tenants.rules import Permission

if TYPE_CHECKING:
    from django.http import HttpResponse

    from apps.dashboard.request import OperatorRequest


@require_permission(Permission.VECTORS_RENEW)
def vector_list(request: OperatorRequest) -> HttpResponse:
    renewals = Renewal.objects.select_related("model").order_by("-started_at", "tenant_id")
    context = {"model": recorded_model(), "renewals": renewal_rows(renewals, name_tenants())}
    return render_page(request, "dashboard/vectors/list.html", context)


@require_permission(Permission.VECTORS_RENEW)
@require_POST
def vectors_renew(request: OperatorRequest) -> HttpResponse:
    if planned := plan_renewals(by=request.actor):
        messages.success(request, f"Memories of {counted(planned, 'tenant')} are embedded anew")
    else:
        messages.success(request, "All memories are embedded by the current model")
    return redirect("dashboard:vector-list")
