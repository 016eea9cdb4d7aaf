"""The catalogue of audited actions. A name once used is never given another meaning."""

from enum import StrEnum


class Action(StrEnum):
    TENANT_CREATE = "tenant.create"
    OPERATOR_CREATE = "operator.create"
    KEYS_ROTATE = "keys.rotate"
    ISOLATION_PROVE = "isolation.prove"
    MEMBERSHIP_GRANT = "membership.grant"
    APIKEY_CREATE = "apikey.create"
    APIKEY_REVOKE = "apikey.revoke"
    LOGIN_SUCCEEDED = "login.succeeded"
    LOGIN_FAILED = "login.failed"
    LOGOUT = "logout"
    TELEMETRY_ENABLE = "telemetry.enable"
    TELEMETRY_DISABLE = "telemetry.disable"
    TELEMETRY_ROTATE = "telemetry.rotate"
    TELEMETRY_DELETE = "telemetry.delete"
    ENTITY_CREATE = "entity.create"
    ENTITY_DELETE = "entity.delete"
    MEMORY_ADD = "memory.add"
    MEMORY_UPDATE = "memory.update"
    MEMORY_DELETE = "memory.delete"
    MEMORY_READ = "memory.read"
    MEMORY_SEARCH = "memory.search"
    ISOLATION_BYPASS = "isolation.bypass"


class Outcome(StrEnum):
    DONE = "done"
    DENIED = "denied"
    FAILED = "failed"
