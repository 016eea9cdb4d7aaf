"""How the pages look to this operator, and which tenant they show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from apps.dashboard.access import require_permission
from apps.dashboard.context_processors import SYSTEM, THEME_COOKIE, THEMES
from apps.dashboard.middleware import TENANT_KEY
from apps.tenants.rules import Permission

if TYPE_CHECKING:
    from apps.dashboard.request import OperatorRequest

YEAR = 365 * 24 * 3600


@require_permission(Permission.ACCOUNT_USE)
@require_POST
def theme_choose(request: OperatorRequest) -> HttpResponse:
    theme = request.POST.get("theme", SYSTEM)
    theme = theme if theme in THEMES else SYSTEM
    response = HttpResponse(status=204) if request.htmx else redirect(read_next(request))
    is_secure = settings.SESSION_COOKIE_SECURE
    response.set_cookie(THEME_COOKIE, theme, YEAR, secure=is_secure, httponly=True, samesite="Lax")
    return trigger_client_event(response, "theme", {"value": theme})


@require_permission(Permission.ACCOUNT_USE)
@require_POST
def tenant_choose(request: OperatorRequest) -> HttpResponse:
    chosen = request.POST.get("tenant")
    if chosen in {str(one.tenant_id) for one in request.memberships}:
        request.session[TENANT_KEY] = chosen
    return redirect("dashboard:overview")


def read_next(request: OperatorRequest) -> str:
    target = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()})
    return target if is_ours else settings.LOGIN_REDIRECT_URL
