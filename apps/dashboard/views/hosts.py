from __future__ import annotations

from typing import TYPE_CHECKING

from apps.dashboard.access import require_permission
from apps.dashboard.presenters.hosts import host_rows
from apps.dashboard.render import render_page
from apps.telemetry.queries import list_hosts
from apps.tenants.rules import Permission

if TYPE_CHECKING:
    from django.http import HttpResponse

    from apps.dashboard.request import OperatorRequest


@require_permission(Permission.HOSTS_VIEW)
def host_list(request: OperatorRequest) -> HttpResponse:
    """Those that were called for the tenant at hand, and no others."""
    hosts = host_rows(list_hosts([request.tenant.id]), {request.tenant.id: request.tenant.name})
    return render_page(request, "dashboard/hosts/list.html", {"hosts": hosts})
