"""What a request of an operator carries once the middleware and the permission were passed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    from apps.accounts.models import Operator
    from apps.common.actor import Actor
    from apps.tenants.models import Membership, Tenant


class OperatorRequest(HttpRequest):
    user: Operator
    htmx: HtmxDetails
    memberships: list[Membership]
    membership: Membership | None
    tenant: Tenant
    actor: Actor
