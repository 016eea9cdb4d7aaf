"""The tenants' keys under the master key: checking it, and taking a new one into use."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from apps.audit.actions import Action
from apps.audit.domain import record
from apps.common.actor import Actor
from apps.isolation.scope import INSTANCE_TENANT_ID, tenant_scope
from apps.keys.master import MasterKeyMismatch
from apps.keys.models import TenantKey
from apps.keys.ring import current_ring, rewrap_tenant_key
from apps.tenants.models import Tenant

LAST_FIRST = "-id"  # the fixed id of the tenant `instance` is the lowest


@dataclass(frozen=True, slots=True)
class Rotation:
    """How many keys there are, how many were re-wrapped, and whose open under no master key."""

    total: int
    rewrapped: int
    failed: list[str]


def check_master_key() -> None:
    """Raises MasterKeyMissing or MasterKeyMismatch. Needs a prepared instance; three statements.

    It opens the keys of the newest tenant and of `instance`, with which a rotation begins and
    ends: where one key opens both, no rotation stands half done.
    """
    live = Tenant.objects.filter(closed_at=None)
    newest = live.order_by(LAST_FIRST).values_list("id", flat=True)[:1]
    for tenant_id in dict.fromkeys([*newest, INSTANCE_TENANT_ID]):
        open_tenant_key(tenant_id)


def open_tenant_key(tenant_id: UUID) -> None:
    """Raises MasterKeyMissing or MasterKeyMismatch. One statement."""
    with tenant_scope(tenant_id):
        _ = current_ring().tenant


def rotate_keys(*, tell: Callable[[int, int], None], by: Actor) -> Rotation:
    """Wrap every tenant's key under the present master key; what the keys sealed stays as it is.

    One transaction a tenant, so that a rotation that was killed goes on where it stood: what is
    under the present key is left alone. `tell` hears after each tenant how many of all are done.
    """
    tenants = list(Tenant.objects.filter(closed_at=None).order_by(LAST_FIRST))
    rewrapped, failed = 0, []
    for number, tenant in enumerate(tenants, start=1):
        try:
            rewrapped += _rotate(tenant, by)
        except (MasterKeyMismatch, TenantKey.DoesNotExist):
            failed.append(tenant.slug)
        tell(number, len(tenants))
    return Rotation(len(tenants), rewrapped, failed)


def _rotate(tenant: Tenant, by: Actor) -> bool:
    with tenant_scope(tenant.id):
        is_new = rewrap_tenant_key()
        if is_new:
            record(Action.KEYS_ROTATE, by=by, target_id=tenant.id)
        return is_new
