from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from apps.dashboard.access import require_permission
from apps.dashboard.presenters.health import describe
from apps.dashboard.render import render_page
from apps.operations.domain.vitals import read_vitals
from apps.tenants.rules import Permission

if TYPE_CHECKING:
    from django.http import HttpResponse

    from apps.dashboard.request import OperatorRequest


@require_permission(Permission.HEALTH_VIEW)
def health(request: OperatorRequest) -> HttpResponse:
    """Takes a second or two: workers are given one to answer, a silent queue two."""
    found = describe(read_vitals(), now=timezone.now())
    return render_page(request, "dashboard/health/show.html", {"health": found})
