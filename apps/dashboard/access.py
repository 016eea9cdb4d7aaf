"""Who may open a page. Every view of the dashboard names one permission."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec
from uuid import UUID

from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django_htmx.http import HttpResponseClientRedirect

from apps.accounts.recency import is_sign_in_recent
from apps.accounts.single_sign_on import sign_on_url
from apps.audit.actions import Action
from apps.audit.domain import record_refusal
from apps.isolation.scope import INSTANCE_TENANT_ID
from apps.telemetry.domain.reports import telemetry
from apps.telemetry.enums import Feature
from apps.tenants.enums import Role
from apps.tenants.rules import INSTANCE_PERMISSIONS, OPEN_WHEN_CLOSED, is_allowed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.http import HttpRequest, HttpResponse

    from apps.accounts.models import Operator
    from apps.dashboard.request import OperatorRequest
    from apps.tenants.rules import Permission

P = ParamSpec("P")
View = "Callable[Concatenate[OperatorRequest, P], HttpResponse]"


def require_permission(
    permission: Permission,
) -> Callable[[Callable[Concatenate[OperatorRequest, P], HttpResponse]], Callable[..., Any]]:
    """Sends anonymous requests to sign in, answers 403 where the role does not suffice."""

    def decorate(
        view: Callable[Concatenate[OperatorRequest, P], HttpResponse],
    ) -> Callable[..., Any]:
        @wraps(view)
        def guarded(request: OperatorRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not request.user.is_authenticated:
                return ask_to_sign_in(request)
            if not has_permission(request, permission):
                record_denial(request, permission, kwargs)
                raise PermissionDenied
            if not is_open(request, permission):
                return go_to_erasure(request)
            telemetry.capture_client_event(Feature.DASHBOARD)
            response = view(request, *args, **kwargs)
            add_never_cache_headers(response)
            response["Cache-Control"] = "no-store"
            return response

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def has_permission(request: OperatorRequest, permission: Permission) -> bool:
    role = Role(request.membership.role) if request.membership else None
    return is_allowed(permission, operator=request.user, role=role)


def is_open(request: OperatorRequest, permission: Permission) -> bool:
    """Of a tenant that is erased there is one page left, for its owners."""
    is_closed = request.membership is not None and request.tenant.closed_at is not None
    return not is_closed or permission in OPEN_WHEN_CLOSED


def go_to_erasure(request: OperatorRequest) -> HttpResponse:
    target = reverse("dashboard:tenant-erase")
    return HttpResponseClientRedirect(target) if request.htmx else HttpResponseRedirect(target)


def require_recent_sign_in(
    view: Callable[Concatenate[OperatorRequest, P], HttpResponse],
) -> Callable[..., HttpResponse]:
    """Who signed in longer ago than ACCOUNT_REAUTHENTICATION_TIMEOUT proves it is them first.

    Stands below `require_permission`, on a view that answers GET as well: that is how one comes
    back. What was sent is not sent again.
    """

    @wraps(view)
    def guarded(request: OperatorRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if is_sign_in_recent(request):
            return view(request, *args, **kwargs)
        target = request.get_full_path() if request.method == "GET" else request.path
        if way := find_way_to_confirm(request.user, target):
            return HttpResponseClientRedirect(way) if request.htmx else HttpResponseRedirect(way)
        return go_and_return(request, target, reverse("account_reauthenticate"))

    return guarded


def find_way_to_confirm(operator: Operator, target: str) -> str:
    """Single sign-on for who has nothing else; else allauth chooses among what there is."""
    has_own = bool(get_reauthentication_flows(operator))
    return "" if has_own else sign_on_url(target)


def ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """Come back afterwards to what was read; what was sent is not sent again."""
    target = request.get_full_path() if request.method == "GET" else settings.LOGIN_REDIRECT_URL
    return go_and_return(request, target, settings.LOGIN_URL)


def go_and_return(request: HttpRequest, target: str, way: str) -> HttpResponse:
    answer = redirect_to_login(target, way)
    if getattr(request, "htmx", False):
        return HttpResponseClientRedirect(answer.url)
    return answer


def record_denial(
    request: OperatorRequest, permission: Permission, address: Mapping[str, object]
) -> None:
    """In the tenant's trail; in the instance's where there is no tenant or it is above them."""
    is_tenants = request.membership and permission not in INSTANCE_PERMISSIONS
    record_refusal(
        Action.PERMISSION_USE,
        tenant_id=request.tenant.id if is_tenants else INSTANCE_TENANT_ID,
        by=request.actor,
        target_id=next((part for part in address.values() if isinstance(part, UUID)), None),
        needs=permission,
    )
