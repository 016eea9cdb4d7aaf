"""How far a new tenant is set up. Call inside the tenant's scope."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from apps.accounts.queries import list_factors
from apps.privacy.domain.particulars import read_handling
from apps.telemetry.queries import read_state
from apps.tenants.models import ApiKey

if TYPE_CHECKING:
    from apps.accounts.models import Operator
    from apps.tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class FirstRun:
    has_key: bool
    has_memories: bool
    has_factor: bool
    has_particulars: bool
    has_seen_notice: bool
    may_see_keys: bool
    may_change: bool
    may_see_requests: bool
    is_instance_owner: bool


def read_first_run(
    tenant: Tenant,
    operator: Operator,
    *,
    has_memories: bool,
    may_see_keys: bool,
    may_change: bool,
    may_see_requests: bool,
) -> FirstRun:
    """Four statements. A key counts once it was used: one that nobody has is of no use."""
    keys = ApiKey.objects.filter(tenant=tenant, revoked_at=None).exclude(last_used_at=None)
    return FirstRun(
        has_key=keys.exists(),
        has_memories=has_memories,
        has_factor=bool(list_factors(operator)),
        has_particulars=bool(read_handling().said.controller),
        has_seen_notice=read_state().notice_seen_at is not None,
        may_see_keys=may_see_keys,
        may_change=may_change,
        may_see_requests=may_see_requests,
        is_instance_owner=operator.is_instance_owner,
    )
