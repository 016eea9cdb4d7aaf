"""The audited actions. A name once used is never given another meaning; catalogue.py types them."""

from enum import StrEnum


class Action(StrEnum):
    TENANT_CREATE = "tenant.create"
    TENANT_CONFIGURE = "tenant.configure"
    TENANT_RENAME = "tenant.rename"
    PROJECT_CONFIGURE = "project.configure"
    OPERATOR_CREATE = "operator.create"
    OPERATOR_SWITCH = "operator.switch"  # on or off
    INSTANCE_OWNER_CHANGE = "operator.instance-owner"
    ISOLATION_PROVE = "isolation.prove"
    MEMBERSHIP_GRANT = "membership.grant"
    MEMBERSHIP_REMOVE = "membership.remove"
    INVITATION_CREATE = "invitation.create"
    INVITATION_WITHDRAW = "invitation.withdraw"
    INVITATION_ACCEPT = "invitation.accept"
    KEYS_ROTATE = "keys.rotate"
    APIKEY_CREATE = "apikey.create"
    APIKEY_REVOKE = "apikey.revoke"
    PERMISSION_USE = "permission.use"  # recorded where it was refused
    LOGIN = "login"
    LOGIN_FAILED = "login.failed"
    LOGOUT = "logout"
    PASSWORD_CHANGE = "password.change"  # noqa: S105
    FACTOR_ADD = "factor.add"
    FACTOR_REMOVE = "factor.remove"
    SESSION_END = "session.end"
    OPERATOR_RENAME = "operator.rename"
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
    MEMORY_SUPERSEDE = "memory.supersede"
    JOB_ACCEPT = "job.accept"
    JOB_FAIL = "job.fail"
    JOB_RETRY = "job.retry"
    JOB_CANCEL = "job.cancel"
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
    WRONG_CODE = "wrong-code"
    ERROR = "error"
