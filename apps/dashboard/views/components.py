from __future__ import annotations

from typing import TYPE_CHECKING

from apps.dashboard.access import require_permission
from apps.dashboard.presenters import specimens
from apps.dashboard.render import render_page
from apps.tenants.rules import Permission

if TYPE_CHECKING:
    from django.http import HttpResponse

    from apps.dashboard.request import OperatorRequest


@require_permission(Permission.COMPONENTS_VIEW)
def component_list(request: OperatorRequest) -> HttpResponse:
    return render_page(request, "dashboard/components/show.html", specimens.everything())
