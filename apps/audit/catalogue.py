"""What an event of each action may say, by schema version, and for how long it is kept.

A fact is a count, a flag, one of our own ids, or a member of an enum that stands in the code: no
field can carry free text. To change a schema, raise its version; events keep the one they have.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Any
from uuid import UUID

from apps.audit.actions import Action, Outcome, Refusal

Check = Callable[[Any], bool]


class Retention(StrEnum):
    """The classes of events, each with a term for its details and one for itself."""

    READ = "read"
    CHANGE = "change"
    ACCESS = "access"
    PRIVACY = "privacy"


def is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


def is_flag(value: Any) -> bool:
    return type(value) is bool


def is_id(value: Any) -> bool:
    return type(value) is UUID


def is_word(value: Any) -> bool:
    return isinstance(value, Enum) and isinstance(value, str)


def are_words(value: Any) -> bool:
    return isinstance(value, list) and all(map(is_word, value))


def are_ids(value: Any) -> bool:
    return isinstance(value, list) and all(map(is_id, value))


@dataclass(frozen=True, slots=True)
class Schema:
    """The facts of one action: those that it must have and those that it may have."""

    retention: Retention
    facts: Mapping[str, Check] = field(default_factory=dict)
    optional: Mapping[str, Check] = field(default_factory=dict)
    version: int = 1


REFUSAL: Mapping[str, Check] = {"reason": lambda value: isinstance(value, Refusal)}
"""What every event says that was denied or failed, beside any fact of its action."""

CATALOGUE: Mapping[Action, Schema] = {
    Action.TENANT_CREATE: Schema(Retention.CHANGE),
    Action.TENANT_HOSTS: Schema(Retention.CHANGE, {"forbidden": is_flag}),
    Action.TENANT_CONFIGURE: Schema(Retention.CHANGE, {"api_reads": is_word}),
    Action.TENANT_RENAME: Schema(Retention.CHANGE),
    Action.HYGIENE_CONFIGURE: Schema(
        Retention.PRIVACY, {"stored": are_words, "redacted": are_words, "refused": are_words}
    ),
    Action.PROJECT_CONFIGURE: Schema(Retention.CHANGE, {"fields": is_count}),
    Action.OPERATOR_CREATE: Schema(Retention.ACCESS),
    Action.OPERATOR_SWITCH: Schema(Retention.ACCESS, {"is_on": is_flag}),
    Action.OPERATOR_DELETE: Schema(Retention.ACCESS, {"redacted": is_count}),
    Action.INSTANCE_OWNER_CHANGE: Schema(Retention.ACCESS, {"is_owner": is_flag}),
    Action.ISOLATION_PROVE: Schema(
        Retention.ACCESS, optional=dict.fromkeys(("attacks", "tables", "failures"), is_count)
    ),
    Action.MEMBERSHIP_GRANT: Schema(Retention.ACCESS, {"role": is_word}),
    Action.MEMBERSHIP_REMOVE: Schema(Retention.ACCESS, {"role": is_word}),
    Action.INVITATION_CREATE: Schema(Retention.ACCESS, {"role": is_word}),
    Action.INVITATION_WITHDRAW: Schema(Retention.ACCESS),
    Action.INVITATION_ACCEPT: Schema(Retention.ACCESS),
    Action.KEYS_ROTATE: Schema(Retention.ACCESS),
    Action.APIKEY_CREATE: Schema(Retention.ACCESS, {"scopes": are_words}),
    Action.APIKEY_REVOKE: Schema(Retention.ACCESS),
    Action.PERMISSION_USE: Schema(Retention.ACCESS, {"needs": is_word}),
    Action.LOGIN: Schema(Retention.ACCESS),
    Action.LOGIN_FAILED: Schema(Retention.ACCESS),
    Action.LOGOUT: Schema(Retention.ACCESS),
    Action.PASSWORD_CHANGE: Schema(Retention.ACCESS),
    Action.FACTOR_ADD: Schema(Retention.ACCESS, {"kind": is_word}),
    Action.FACTOR_REMOVE: Schema(Retention.ACCESS, {"kind": is_word}),
    Action.SESSION_END: Schema(Retention.ACCESS, {"count": is_count}),
    Action.OPERATOR_RENAME: Schema(Retention.ACCESS),
    Action.TELEMETRY_ENABLE: Schema(Retention.ACCESS),
    Action.TELEMETRY_DISABLE: Schema(Retention.ACCESS),
    Action.TELEMETRY_ROTATE: Schema(Retention.ACCESS),
    Action.TELEMETRY_DELETE: Schema(Retention.ACCESS),
    Action.ENTITY_CREATE: Schema(Retention.CHANGE, {"kind": is_word}),
    Action.ENTITY_FLAG: Schema(Retention.PRIVACY, {"flag": is_word, "is_set": is_flag}),
    Action.REQUEST_OPEN: Schema(Retention.PRIVACY, {"kind": is_word, "via": is_word}),
    Action.REQUEST_VERIFY: Schema(Retention.PRIVACY, {"check": is_word}),
    Action.REQUEST_APPROVE: Schema(Retention.PRIVACY),
    Action.REQUEST_START: Schema(Retention.PRIVACY),
    Action.REQUEST_BLOCK: Schema(Retention.PRIVACY),
    Action.REQUEST_FINISH: Schema(Retention.PRIVACY),
    Action.REQUEST_FAIL: Schema(Retention.PRIVACY, {"step": is_word}),
    Action.REQUEST_REFUSE: Schema(Retention.PRIVACY, {"why": is_word}),
    Action.REQUEST_WITHDRAW: Schema(Retention.PRIVACY),
    Action.REQUEST_EXTEND: Schema(Retention.PRIVACY, {"months": is_count}),
    Action.REQUEST_PAUSE: Schema(Retention.PRIVACY),
    Action.REQUEST_RESUME: Schema(Retention.PRIVACY, {"days": is_count}),
    Action.REQUEST_ASSIGN: Schema(Retention.PRIVACY, optional={"assignee": is_id}),
    Action.REQUEST_NOTE: Schema(Retention.PRIVACY),
    Action.REQUEST_REDACT: Schema(Retention.PRIVACY, {"passages": is_count, "records": is_count}),
    Action.PURGE_START: Schema(Retention.PRIVACY, {"purge": is_id, "count": is_count}),
    Action.PURGE_FINISH: Schema(Retention.PRIVACY, {"purge": is_id, "deleted": is_count}),
    Action.PURGE_BLOCK: Schema(Retention.PRIVACY, {"purge": is_id, "deleted": is_count}),
    Action.COPY_WRITE: Schema(Retention.PRIVACY, {"size": is_count}),
    Action.COPY_DOWNLOAD: Schema(Retention.PRIVACY),
    Action.COPY_REMOVE: Schema(Retention.PRIVACY),
    Action.LIST_EXPORT_START: Schema(Retention.PRIVACY, {"count": is_count}),
    Action.LIST_EXPORT_WRITE: Schema(Retention.PRIVACY, {"count": is_count, "size": is_count}),
    Action.LIST_EXPORT_DOWNLOAD: Schema(Retention.PRIVACY, {"count": is_count}),
    Action.LIST_EXPORT_REMOVE: Schema(Retention.PRIVACY),
    Action.LINK_MAKE: Schema(Retention.PRIVACY),
    Action.LINK_USE: Schema(Retention.PRIVACY),
    Action.CERTIFICATE_SIGN: Schema(Retention.PRIVACY, {"number": is_count}),
    Action.PRIVACY_CONFIGURE: Schema(
        Retention.PRIVACY, {"four_eyes": is_flag, "api_approval": is_flag, "blocking": is_flag}
    ),
    Action.MEMORY_ADD: Schema(
        Retention.CHANGE,
        {"added": is_count, "repeated": is_count},
        optional={"redacted": is_count},
        version=2,
    ),
    Action.MEMORY_UPDATE: Schema(Retention.CHANGE, optional={"redacted": is_count}, version=2),
    Action.MEMORY_RECTIFY: Schema(Retention.PRIVACY, {"request": is_id}),
    Action.MEMORY_DELETE: Schema(Retention.CHANGE, {"deleted": is_count}),
    Action.MEMORY_READ: Schema(
        Retention.READ, optional={"count": is_count, "memories": are_ids}, version=2
    ),
    Action.MEMORY_SEARCH: Schema(Retention.READ, {"count": is_count}),
    Action.MEMORY_SUPERSEDE: Schema(Retention.CHANGE, {"count": is_count}),
    Action.VECTORS_RENEW: Schema(Retention.CHANGE, {"count": is_count}),
    Action.JOB_ACCEPT: Schema(
        Retention.CHANGE, {"messages": is_count}, optional={"redacted": is_count}, version=2
    ),
    Action.JOB_FAIL: Schema(Retention.CHANGE, {"error": is_word}),
    Action.JOB_RETRY: Schema(Retention.CHANGE),
    Action.JOB_CANCEL: Schema(Retention.CHANGE, {"count": is_count}),
    Action.WEBHOOK_CREATE: Schema(Retention.CHANGE, {"events": are_words}),
    Action.WEBHOOK_CHANGE: Schema(Retention.CHANGE, {"events": are_words, "active": is_flag}),
    Action.WEBHOOK_DELETE: Schema(Retention.CHANGE),
    Action.WEBHOOK_TEST: Schema(Retention.CHANGE),
    Action.WEBHOOK_RETRY: Schema(Retention.CHANGE),
    Action.FEEDBACK_GIVE: Schema(Retention.CHANGE, {"withdrawn": is_flag}),
    Action.EXPORT_REQUEST: Schema(Retention.CHANGE),
    Action.EXPORT_READ: Schema(Retention.PRIVACY, {"count": is_count}),
    Action.AUDIT_READ: Schema(Retention.PRIVACY),
    Action.AUDIT_VERIFY: Schema(Retention.CHANGE),
    Action.AUDIT_EXPORT: Schema(Retention.PRIVACY),
    Action.AUDIT_KEY_CREATE: Schema(Retention.PRIVACY),
    Action.AUDIT_REDACT: Schema(Retention.PRIVACY, {"redacted": is_count}),
    Action.AUDIT_RETIRE: Schema(Retention.PRIVACY, {"segment": is_count, "events": is_count}),
    Action.BACKUP_MAKE: Schema(Retention.ACCESS),
    Action.SCRUB_MAKE: Schema(Retention.ACCESS, {"tables": is_count, "certificates": is_count}),
    Action.BACKUP_REPLAY: Schema(Retention.PRIVACY, {"count": is_count}),
    Action.RETENTION_CONFIGURE: Schema(Retention.PRIVACY, {"kinds": is_count}),
    Action.RETENTION_RUN: Schema(Retention.PRIVACY, {"memories": is_count, "entities": is_count}),
    Action.TENANT_CLOSE: Schema(Retention.PRIVACY, {"rows": is_count}),
    Action.TENANT_COPY: Schema(Retention.PRIVACY, {"size": is_count}),
    Action.TENANT_ERASE: Schema(Retention.PRIVACY, {"rows": is_count}),
    Action.ISOLATION_BYPASS: Schema(Retention.ACCESS, {"reason": is_word}),
    Action.AUDIT_EVENT_MISSING: Schema(Retention.PRIVACY),
}


class NotInCatalogue(ValueError):
    """A fact that the action's schema does not know, lacks, or knows as something else."""


def check_facts(action: Action, outcome: Outcome, facts: Mapping[str, Any]) -> None:
    """Raise NotInCatalogue, with the fact's name and never its value."""
    schema = CATALOGUE[action]
    if outcome == Outcome.DONE:
        needed, allowed = schema.facts, schema.optional
    else:
        needed, allowed = REFUSAL, {**schema.facts, **schema.optional}
    for name in needed.keys() - facts.keys():
        raise NotInCatalogue(f"{action} needs the fact {name}.")
    for name, value in facts.items():
        check = needed.get(name) or allowed.get(name)
        if check is None or not check(value):
            raise NotInCatalogue(f"{action} has no fact {name} of type {type(value).__name__}.")
