"""Where the link of an invitation leads: open to whoever has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from apps.common.actor import SYSTEM, Actor, ActorKind
from apps.common.errors import DomainError, NotFound
from apps.dashboard.forms.operators import JoinForm
from apps.dashboard.forms.refusals import add_refusal
from apps.dashboard.middleware import TENANT_KEY
from apps.dashboard.presenters.operators import role_label
from apps.tenants.domain.invitations import (
    create_invited_operator,
    find_invitation,
    join_invited,
)

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from apps.tenants.models import Invitation


@never_cache
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Who is signed in joins with that account, others make one. Opening it uses nothing up."""
    try:
        found = find_invitation(token)
        if request.user.is_authenticated:
            return join(request, found, token)
        return make_account(request, found, token)
    except NotFound:
        return render(request, "account/invitation_gone.html", status=404)


def join(request: HttpRequest, found: Invitation, token: str) -> HttpResponse:
    error = ""
    if request.method == "POST":
        operator = request.user
        by = Actor(ActorKind.OPERATOR, operator.pk)
        try:
            tenant = join_invited(token=token, operator=operator, by=by)  # type: ignore[arg-type]
        except NotFound:
            raise
        except DomainError as refused:
            error = refused.detail
        else:
            request.session[TENANT_KEY] = str(tenant.id)
            messages.success(request, f"You are in {tenant}")
            return redirect("dashboard:overview")
    context = {**describe(found), "error": error}
    return render(request, "account/invitation_join.html", context)


def make_account(request: HttpRequest, found: Invitation, token: str) -> HttpResponse:
    form = JoinForm(request.POST or None)
    if form.is_valid():
        try:
            create_invited_operator(token=token, by=SYSTEM, **form.cleaned_data)
        except NotFound:
            raise
        except DomainError as error:
            add_refusal(form, error)
        else:
            return render(request, "account/invitation_accepted.html", describe(found))
    context = {**describe(found), "form": form}
    return render(request, "account/invitation.html", context)


def describe(found: Invitation) -> dict[str, object]:
    return {"invitation": found, "role": role_label(found.role)}
