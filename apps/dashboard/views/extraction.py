from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from apps.common.errors import DomainError
from apps.dashboard.access import has_permission, require_permission
from apps.dashboard.forms.extraction import HostsForm, TryForm
from apps.dashboard.forms.refusals import add_refusal
from apps.dashboard.presenters import extraction as presenter
from apps.dashboard.queries.extraction import count_tokens_today
from apps.dashboard.render import render_page
from apps.isolation.scope import tenant_scope
from apps.memories.domain.trying import try_extraction
from apps.memories.extractors import has_extractor
from apps.tenants.domain.tenants import choose_outside_hosts
from apps.tenants.rules import Permission

if TYPE_CHECKING:
    from django.http import HttpResponse

    from apps.dashboard.request import OperatorRequest


@require_permission(Permission.EXTRACTION_VIEW)
def extraction(request: OperatorRequest) -> HttpResponse:
    return show(request, TryForm())


@require_permission(Permission.EXTRACTION_CONFIGURE)
@require_POST
def extraction_hosts(request: OperatorRequest) -> HttpResponse:
    form = HostsForm(request.POST)
    if form.is_valid():
        is_forbidden = form.cleaned_data["outside"] == "forbidden"
        choose_outside_hosts(tenant=request.tenant, is_forbidden=is_forbidden, by=request.actor)
        messages.success(request, f"Hosts outside are {form.cleaned_data['outside']} from now on")
    return redirect("dashboard:extraction")


@require_permission(Permission.EXTRACTION_CONFIGURE)
@require_POST
def extraction_try(request: OperatorRequest) -> HttpResponse:
    """Answers the page with what was found; it stands at no address and nowhere else."""
    form = TryForm(request.POST)
    found = None
    if form.is_valid():
        try:
            found = try_extraction(tenant_id=request.tenant.id, text=form.cleaned_data["text"])
        except DomainError as error:
            add_refusal(form, error)
    return show(request, form, trial=presenter.trial(found) if found else None)


def show(request: OperatorRequest, form: TryForm, **more: Any) -> HttpResponse:
    with tenant_scope(request.tenant.id):
        asked, answered = count_tokens_today()
    outside = "forbidden" if request.tenant.forbids_outside_hosts else "allowed"
    context = {
        "extraction": presenter.extraction_provider(),
        "embedding": presenter.embedding_provider(),
        "limits": presenter.list_limits(),
        "asked": asked,
        "answered": answered,
        "hosts": HostsForm(initial={"outside": outside}),
        "outside": outside,
        "form": form,
        "trial": None,
        "has_extractor": has_extractor(),
        "can_configure": has_permission(request, Permission.EXTRACTION_CONFIGURE),
    }
    return render_page(request, "dashboard/extraction/show.html", context | more)
