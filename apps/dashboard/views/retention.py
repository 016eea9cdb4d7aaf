from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect

from apps.dashboard.access import require_permission
from apps.dashboard.forms.retention import RetentionForm
from apps.dashboard.render import render_page
from apps.isolation.scope import tenant_scope
from apps.privacy.domain.retention import change_terms, find_expired, read_terms
from apps.tenants.rules import Permission

if TYPE_CHECKING:
    from django.http import HttpResponse

    from apps.dashboard.request import OperatorRequest


@require_permission(Permission.REQUEST_CONFIGURE)
def retention(request: OperatorRequest) -> HttpResponse:
    """How long which kind is kept, with what the next run would remove."""
    with tenant_scope(request.tenant.id):
        terms = read_terms()
        form = RetentionForm(request.POST or None, terms=terms)
        expired = None
        if form.is_valid() and request.POST.get("act") == "preview":
            expired = find_expired(form.terms)
        elif form.is_valid():
            change_terms(terms=form.terms, by=request.actor)
        elif not form.is_bound:
            expired = find_expired(terms)
    if form.is_bound and not form.errors and expired is None:
        messages.success(request, "Retention saved")
        return redirect("dashboard:retention")
    found = expired.entities if expired else {}
    kinds = [(f"Past the term of kind {kind.value}", count) for kind, count in found.items()]
    context = {"form": form, "expired": expired, "kinds": kinds}
    return render_page(request, "dashboard/retention/change.html", context)
