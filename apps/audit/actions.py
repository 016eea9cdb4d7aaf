"""The audited actions. A name once used is never given another meaning; catalogue.py types them."""

from enum import StrEnum


class Action(StrEnum):
    TENANT_CREATE = "tenant.create"
    TENANT_CONFIGURE = "tenant.configure"
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
    ENTITY_FLAG = "entity.flag"
    REQUEST_OPEN = "request.open"
    REQUEST_VERIFY = "request.verify"
    REQUEST_APPROVE = "request.approve"
    REQUEST_START = "request.start"
    REQUEST_BLOCK = "request.block"
    REQUEST_FINISH = "request.finish"
    REQUEST_FAIL = "request.fail"
    REQUEST_REFUSE = "request.refuse"
    REQUEST_WITHDRAW = "request.withdraw"
    REQUEST_EXTEND = "request.extend"
    REQUEST_PAUSE = "request.pause"
    REQUEST_RESUME = "request.resume"
    REQUEST_ASSIGN = "request.assign"
    REQUEST_NOTE = "request.note"
    COPY_WRITE = "copy.write"
    COPY_DOWNLOAD = "copy.download"
    COPY_REMOVE = "copy.remove"
    LINK_MAKE = "link.make"
    LINK_USE = "link.use"
    CERTIFICATE_SIGN = "certificate.sign"
    PRIVACY_CONFIGURE = "privacy.configure"
    MEMORY_ADD = "memory.add"
    MEMORY_UPDATE = "memory.update"
    MEMORY_RECTIFY = "memory.rectify"
    MEMORY_DELETE = "memory.delete"
    MEMORY_READ = "memory.read"
    MEMORY_SEARCH = "memory.search"
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
