"""Which tenant the operator looks at: chosen in the session, checked on every request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse

from apps.common.actor import Actor, ActorKind
from apps.common.errors import Forbidden, NotFound
from apps.dashboard.views.errors import forbidden, not_found
from apps.tenants.models import Membership

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

TENANT_KEY = "tenant_id"


class TenantMiddleware:
    """Sets `memberships`, `membership`, `tenant` and `actor` on requests of the dashboard.

    One statement for a signed-in operator, none for anybody else. Opens no tenant scope.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(reverse("dashboard:overview")):
            attach(request)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Another tenant's id is answered as one that never was; what is refused says why."""
        if not hasattr(request, "memberships"):
            return None
        if isinstance(exception, Forbidden):
            return forbidden(request, exception)
        return not_found(request, exception) if isinstance(exception, NotFound) else None


def attach(request: Any) -> None:
    request.memberships = list_memberships(request)
    request.membership = choose(request.memberships, request.session.get(TENANT_KEY))
    request.tenant = request.membership and request.membership.tenant
    request.actor = Actor(ActorKind.OPERATOR, request.user.pk)


def list_memberships(request: Any) -> list[Membership]:
    if not request.user.is_authenticated:
        return []
    mine = Membership.objects.filter(operator=request.user)
    return list(mine.select_related("tenant").order_by("tenant__name", "tenant_id"))


def choose(memberships: list[Membership], tenant_id: str | None) -> Membership | None:
    """The chosen one; the first when nothing was chosen or the membership has ended."""
    chosen = [one for one in memberships if str(one.tenant_id) == tenant_id]
    return next(iter(chosen or memberships), None)
