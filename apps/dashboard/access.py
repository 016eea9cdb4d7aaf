"""Who may open a page. Every view of the dashboard names one permission."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec
from uuid import UUID

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.utils.cache import add_never_cache_headers
from django_htmx.http import HttpResponseClientRedirect

from apps.audit.actions import Action
from apps.audit.domain import record_refusal
from apps.isolation.scope import INSTANCE_TENANT_ID
from apps.telemetry.domain.reports import telemetry
from apps.telemetry.enums import Feature
from apps.tenants.rules import INSTANCE_PERMISSIONS, is_allowed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.http import HttpRequest, HttpResponse

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
            role = request.membership and request.membership.role
            if not is_allowed(permission, operator=request.user, role=role):  # type: ignore[arg-type]
                record_denial(request, permission, kwargs)
                raise PermissionDenied
            telemetry.capture_client_event(Feature.DASHBOARD)
            response = view(request, *args, **kwargs)
            add_never_cache_headers(response)
            response["Cache-Control"] = "no-store"
            return response

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def may(request: OperatorRequest, permission: Permission) -> bool:
    """Whether the page may offer this."""
    role = request.membership and request.membership.role
    return is_allowed(permission, operator=request.user, role=role)  # type: ignore[arg-type]


def ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """Come back afterwards to what was read; what was sent is not sent again."""
    target = request.get_full_path() if request.method == "GET" else settings.LOGIN_REDIRECT_URL
    answer = redirect_to_login(target)
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
