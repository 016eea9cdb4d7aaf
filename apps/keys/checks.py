"""Is the configured master key the one that the stored keys were wrapped with?"""

from apps.isolation.scope import INSTANCE_TENANT_ID, tenant_scope
from apps.keys.ring import current_ring


def check_master_key() -> None:
    """Raises MasterKeyMissing or MasterKeyMismatch. Needs a prepared instance."""
    with tenant_scope(INSTANCE_TENANT_ID):
        _ = current_ring().tenant
