"""The permission table: who may do what in a tenant."""

from enum import StrEnum

from apps.accounts.models import Operator
from apps.tenants.enums import Role


class Permission(StrEnum):
    ACCOUNT_USE = "account.use"
    MANUAL_VIEW = "manual.view"
    OVERVIEW_VIEW = "overview.view"
    ENTITY_VIEW = "entity.view"
    MEMORY_VIEW = "memory.view"
    MEMORY_REVEAL = "memory.reveal"
    MEMORY_PURGE = "memory.purge"
    MEMORY_CHANGE = "memory.change"
    MEMORY_DELETE = "memory.delete"
    PLAYGROUND_USE = "playground.use"
    REQUEST_VIEW = "request.view"
    REQUEST_HANDLE = "request.handle"
    REQUEST_CONFIGURE = "request.configure"
    AUDIT_VIEW = "audit.view"
    AUDIT_REVEAL = "audit.reveal"
    AUDIT_EXPORT = "audit.export"
    AUDIT_CONFIGURE = "audit.configure"
    APIKEY_VIEW = "apikey.view"
    APIKEY_MANAGE = "apikey.manage"
    WEBHOOK_VIEW = "webhook.view"
    WEBHOOK_MANAGE = "webhook.manage"
    EXTRACTION_VIEW = "extraction.view"
    EXTRACTION_CONFIGURE = "extraction.configure"
    JOB_VIEW = "job.view"
    JOB_RETRY = "job.retry"
    OPERATOR_VIEW = "operator.view"
    OPERATOR_MANAGE = "operator.manage"
    OPERATOR_GOVERN = "operator.govern"
    TENANT_ERASE = "tenant.erase"
    TENANT_GOVERN = "tenant.govern"
    INSTANCE_AUDIT = "instance.audit"
    HOSTS_VIEW = "hosts.view"
    HYGIENE_CONFIGURE = "hygiene.configure"
    HEALTH_VIEW = "health.view"
    ABOUT_VIEW = "about.view"
    COMPONENTS_VIEW = "components.view"
    ISOLATION_VIEW = "isolation.view"
    ISOLATION_PROVE = "isolation.prove"
    TELEMETRY_MANAGE = "telemetry.manage"
    VECTORS_RENEW = "vectors.renew"


OVERSEERS = frozenset({Role.OWNER, Role.PRIVACY_OFFICER})
WRITERS = OVERSEERS | {Role.EDITOR}
OWNERS = frozenset({Role.OWNER})
EDITORS = frozenset({Role.OWNER, Role.EDITOR})

TENANT_PERMISSIONS: dict[Permission, frozenset[Role]] = {
    Permission.ACCOUNT_USE: frozenset(Role),
    Permission.MANUAL_VIEW: frozenset(Role),
    Permission.OVERVIEW_VIEW: frozenset(Role),
    Permission.ENTITY_VIEW: frozenset(Role),
    Permission.MEMORY_VIEW: frozenset(Role),
    Permission.MEMORY_REVEAL: WRITERS,
    Permission.MEMORY_PURGE: OVERSEERS,
    Permission.MEMORY_CHANGE: WRITERS,
    Permission.MEMORY_DELETE: WRITERS,
    Permission.PLAYGROUND_USE: WRITERS,
    Permission.REQUEST_VIEW: OVERSEERS,
    Permission.REQUEST_HANDLE: OVERSEERS,
    Permission.REQUEST_CONFIGURE: OVERSEERS,
    Permission.AUDIT_VIEW: OVERSEERS,
    Permission.AUDIT_REVEAL: OVERSEERS,
    Permission.AUDIT_EXPORT: OVERSEERS,
    Permission.AUDIT_CONFIGURE: OVERSEERS,
    Permission.APIKEY_VIEW: OVERSEERS,
    Permission.APIKEY_MANAGE: OWNERS,
    Permission.WEBHOOK_VIEW: OVERSEERS,
    Permission.WEBHOOK_MANAGE: OWNERS,
    Permission.EXTRACTION_VIEW: OVERSEERS,
    Permission.EXTRACTION_CONFIGURE: OWNERS,
    Permission.JOB_VIEW: frozenset(Role),
    Permission.JOB_RETRY: EDITORS,
    Permission.OPERATOR_VIEW: OVERSEERS,
    Permission.OPERATOR_MANAGE: OWNERS,
    Permission.TENANT_ERASE: OWNERS,
    Permission.HOSTS_VIEW: OVERSEERS,
    Permission.HYGIENE_CONFIGURE: OVERSEERS,
}
"""What a role in the chosen tenant allows."""

INSTANCE_PERMISSIONS = frozenset(
    {
        Permission.ABOUT_VIEW,
        Permission.COMPONENTS_VIEW,
        Permission.HEALTH_VIEW,
        Permission.INSTANCE_AUDIT,
        Permission.ISOLATION_VIEW,
        Permission.ISOLATION_PROVE,
        Permission.OPERATOR_GOVERN,
        Permission.TENANT_GOVERN,
        Permission.TELEMETRY_MANAGE,
        Permission.VECTORS_RENEW,
    }
)
"""What only an instance owner may do, in whatever tenant."""

PERSONAL_PERMISSIONS = frozenset({Permission.ACCOUNT_USE, Permission.MANUAL_VIEW})
"""What an instance owner may do in no tenant as well."""

OPEN_WHEN_CLOSED = INSTANCE_PERMISSIONS | PERSONAL_PERMISSIONS | {Permission.TENANT_ERASE}
"""What there still is to open in a tenant that is erased."""


def is_allowed(permission: Permission, *, operator: Operator, role: Role | None) -> bool:
    """May this operator, with this role in the chosen tenant, do this?"""
    if permission in INSTANCE_PERMISSIONS:
        return operator.is_instance_owner
    if permission in PERSONAL_PERMISSIONS and operator.is_instance_owner:
        return True
    return role in TENANT_PERMISSIONS[permission]
