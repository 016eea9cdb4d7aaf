from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect

from apps.common.errors import DomainError, Invalid
from apps.dashboard.access import require_permission
from apps.dashboard.forms.hygiene import HygieneForm
from apps.dashboard.forms.refusals import add_refusal
from apps.dashboard.presenters.hygiene import Trial, show_trial
from apps.dashboard.render import render_page
from apps.memories.domain.hygiene import configure_hygiene, read_stored
from apps.memories.hygiene.cleaning import Cleaner
from apps.tenants.rules import Permission

if TYPE_CHECKING:
    from django.http import HttpResponse

    from apps.dashboard.request import OperatorRequest


@require_permission(Permission.HYGIENE_CONFIGURE)
def hygiene(request: OperatorRequest) -> HttpResponse:
    """The policy; with `try` in the form what would become of a text, and nothing is saved."""
    form = HygieneForm(request.POST or None, policy=read_stored(request.tenant.id))
    trial = None
    if form.is_valid():
        if "try" in request.POST:
            trial = try_text(form)
        elif save(request, form):
            messages.success(request, "Saved: in force everywhere within five seconds")
            return redirect("dashboard:hygiene")
    return render_page(request, "dashboard/hygiene/show.html", {"form": form, "trial": trial})


def try_text(form: HygieneForm) -> Trial:
    cleaner = Cleaner(form.policy)
    try:
        text = cleaner.clean(form.cleaned_data["text"], field="The text")
    except Invalid as error:
        return Trial(refusal=error.detail)
    return show_trial(text, cleaner.redacted)


def save(request: OperatorRequest, form: HygieneForm) -> bool:
    try:
        configure_hygiene(tenant_id=request.tenant.id, policy=form.policy, by=request.actor)
    except DomainError as error:
        add_refusal(form, error)
        return False
    return True
