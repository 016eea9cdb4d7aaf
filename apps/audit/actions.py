"""The audited actions. A name once used is never given another meaning; catalogue.py types them."""

from enum import StrEnum


class Action(StrEnum):
    TENANT_CREATE = "tenant.create"
    TENANT_CONFIGURE = "tenant.configure"
    TENANT_RENAME = "tenant.rename"
    PROJECT_CONFIGURE = "project.configure"
    OPERATOR_CREATE = "operator.create"
    ISOLATION_PROVE = "isolation.prove"
    MEMBERSHIP_GRANT = "membership.grant"
    KEYS_ROTATE = "keys.rotate"
    APIKEY_CREATE = "apikey.create"
    APIKEY_REVOKE = "apikey.revoke"
    PERMISSION_USE = "permission.use"  # recorded where it was refused
    LOGIN = "login"
    LOGIN_FAILED = "login.failed"
    LOGOUT = "logout"
    PASSWORD_CHANGE = "password.change"  # noqa: S105
    TELEMETRY_ENABLE = "telemetry.enable"
    TELEMETRY_DISABLE = "telemetry.disable"
    TELEMETRY_ROTATE = "telemetry.rotate"
    TELEMETRY_DELETE = "telemetry.delete"
    ENTITY_CREATE = "entity.create"
    MEMORY_ADD = "memory.add"
    MEMORY_UPDATE = "memory.update"
    MEMORY_DELETE = "memory.delete"
    MEMORY_READ = "memory.read"
    MEMORY_SEARCH = "memory.search"
    WEBHOOK_CREATE = "webhook.create"
    WEBHOOK_CHANGE = "webhook.change"
    WEBHOOK_DELETE = "webhook.delete"
    FEEDBACK_GIVE = "feedback.give"
    EXPORT_REQUEST = "export.request"
    EXPORT_READ = "export.read"
    AUDIT_READ = "audit.read"  # personal details of events
    AUDIT_VERIFY = "audit.verify"
    AUDIT_EXPORT = "audit.export"
    AUDIT_KEY_CREATE = "audit.key.create"
    AUDIT_REDACT = "audit.redact"
    AUDIT_RETIRE = "audit.retire"
    AUDIT_EVENT_MISSING = "audit.event.missing"  # one that was removed before it was sealed
    ISOLATION_BYPASS = "isolation.bypass"


class Outcome(StrEnum):
    DONE = "done"
    DENIED = "denied"
    FAILED = "failed"


class Refusal(StrEnum):
    """Why something was denied or failed."""

    FORBIDDEN = "forbidden"
    CONFLICT = "conflict"
    KEY_DESTROYED = "key-destroyed"
    UNAVAILABLE = "unavailable"
    WRONG_PASSWORD = "wrong-password"  # noqa: S105
    ERROR = "error"
