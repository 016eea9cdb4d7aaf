"""The one way around the ORM's row filters. Row-level security holds behind it as before."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from uuid import UUID

from apps.audit.actions import Action
from apps.audit.domain.events import record
from apps.common.actor import Actor
from apps.isolation.scope import (
    INSTANCE_TENANT_ID,
    Scope,
    TenantScopeError,
    has_scope,
    tenant_scope,
)


class BypassReason(StrEnum):
    ISOLATION_PROOF = "isolation-proof"  # does row-level security hold by itself?


@contextmanager
def unfiltered_scope(*, tenant_id: UUID, reason: BypassReason, by: Actor) -> Iterator[Scope]:
    """A tenant's scope in which managers add no filter and no compiled statement is checked.

    The event stands under the tenant `instance`, before anything is read. Refuses inside a scope.
    """
    if has_scope():
        raise TenantScopeError("The row filters are lifted for a scope of its own only.")
    with tenant_scope(INSTANCE_TENANT_ID):
        record(Action.ISOLATION_BYPASS, by=by, target_id=tenant_id, reason=reason)
    with tenant_scope(tenant_id) as scope:
        scope.is_filtered = False
        yield scope
