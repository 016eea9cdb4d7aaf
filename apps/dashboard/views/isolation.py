from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from apps.common.errors import Conflict
from apps.dashboard.access import require_permission
from apps.dashboard.presenters.isolation import isolation_page, say_proved
from apps.dashboard.render import render_page
from apps.isolation.row_security import read_role, read_tables
from apps.operations.domain.isolation import prove_isolation
from apps.operations.queries import get_last_proof
from apps.tenants.rules import Permission

if TYPE_CHECKING:
    from django.http import HttpResponse

    from apps.dashboard.request import OperatorRequest


@require_permission(Permission.ISOLATION_VIEW)
def isolation(request: OperatorRequest) -> HttpResponse:
    page = isolation_page(get_last_proof(), role=read_role(), tables=read_tables())
    return render_page(request, "dashboard/isolation/show.html", {"isolation": page})


@require_permission(Permission.ISOLATION_PROVE)
@require_POST
def isolation_prove(request: OperatorRequest) -> HttpResponse:
    """Answers when it is done: a proof takes about a second."""
    try:
        proof = prove_isolation(by=request.actor)
    except Conflict as error:
        messages.error(request, error.detail)
    else:
        tell = messages.success if proof.is_ok else messages.error
        tell(request, say_proved(proof))
    return redirect("dashboard:isolation")
