"""Memories to look around with, by one button, and their removal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from apps.common.errors import DomainError
from apps.dashboard.access import require_permission, require_recent_sign_in
from apps.dashboard.presenters.confirmations import Confirmation
from apps.dashboard.presenters.text import counted
from apps.dashboard.render import render_confirmation
from apps.operations.domain.demo import load_demo, remove_demo
from apps.tenants.rules import Permission

if TYPE_CHECKING:
    from django.http import HttpResponse

    from apps.dashboard.request import OperatorRequest

OVERVIEW = "dashboard:overview"


@require_permission(Permission.MEMORY_CHANGE)
@require_POST
def demo_load(request: OperatorRequest) -> HttpResponse:
    try:
        count = load_demo(tenant_id=request.tenant.id, by=request.actor)
        messages.success(request, f"{counted(count, 'memory', 'memories')} added for the app demo")
    except DomainError as error:
        messages.error(request, error.detail)
    return redirect(OVERVIEW)


@require_permission(Permission.MEMORY_DELETE)
@require_recent_sign_in
def demo_remove(request: OperatorRequest) -> HttpResponse:
    if request.method != "POST":
        return render_confirmation(request, confirm_removal())
    try:
        count = remove_demo(tenant_id=request.tenant.id, by=request.actor)
        messages.success(request, f"{counted(count, 'memory', 'memories')} of the demo deleted")
    except DomainError as error:
        messages.error(request, error.detail)
    return redirect(OVERVIEW)


def confirm_removal() -> Confirmation:
    return Confirmation(
        room="Overview",
        href=reverse(OVERVIEW),
        heading="Remove the demo data?",
        sentences=(
            "Every memory that names the app demo is deleted.",
            "The audit trail keeps that they were there.",
        ),
        act="Remove the demo data",
        keep="Keep it",
    )
