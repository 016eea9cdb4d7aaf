"""The operator's own account: name, theme, password, second factors, sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from apps.accounts.domain.operators import rename_operator
from apps.accounts.domain.sessions import end_sessions
from apps.accounts.queries import list_factors, list_sessions
from apps.common.errors import NotFound
from apps.dashboard.access import require_permission
from apps.dashboard.forms.account import NameForm
from apps.dashboard.presenters.account import factors, session_row
from apps.dashboard.presenters.text import counted
from apps.dashboard.render import render_page
from apps.tenants.rules import Permission

if TYPE_CHECKING:
    from django.http import HttpResponse

    from apps.dashboard.request import OperatorRequest

ROOM = "dashboard:account"


@require_permission(Permission.ACCOUNT_USE)
def account(request: OperatorRequest) -> HttpResponse:
    """By POST the name is changed."""
    operator = request.user
    form = NameForm(request.POST or None, initial={"name": operator.name})
    if form.is_valid():
        rename_operator(operator=operator, name=form.cleaned_data["name"], by=request.actor)
        messages.success(request, "Name saved")
        return redirect(ROOM)
    own_key = request.session.session_key
    sessions = [session_row(one, own_key=own_key) for one in list_sessions(operator)]
    context = {
        "form": form,
        "has_password": operator.has_usable_password(),
        "factors": factors(list_factors(operator)),
        "sessions": sessions,
        "has_others": any(not one.is_current for one in sessions),
    }
    return render_page(request, "dashboard/account/show.html", context)


@require_permission(Permission.ACCOUNT_USE)
@require_POST
def session_end(request: OperatorRequest, session_id: int) -> HttpResponse:
    """Not the own one: that is signing out."""
    own_key = request.session.session_key
    mine = [one for one in list_sessions(request.user) if one.session_key != own_key]
    chosen = [one for one in mine if one.pk == session_id]
    if not chosen:
        raise NotFound("No other session has this id.")
    end_sessions(operator=request.user, sessions=chosen, by=request.actor)
    messages.success(request, "That browser is signed out")
    return redirect(ROOM)


@require_permission(Permission.ACCOUNT_USE)
@require_POST
def sessions_end(request: OperatorRequest) -> HttpResponse:
    own_key = request.session.session_key
    others = [one for one in list_sessions(request.user) if one.session_key != own_key]
    end_sessions(operator=request.user, sessions=others, by=request.actor)
    messages.success(request, f"{counted(len(others), 'other browser')} signed out")
    return redirect(ROOM)
