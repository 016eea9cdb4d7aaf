"""Audit events as sentences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

from apps.accounts.enums import Factor
from apps.audit.actions import Action, Outcome, Refusal
from apps.common.actor import ActorKind
from apps.dashboard.presenters.text import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from apps.audit.models import AuditEvent

LIMIT = 12
UNNAMED = {ActorKind.OPERATOR: "An operator", ActorKind.API_KEY: "An API key"}


@dataclass(frozen=True, slots=True)
class ActivityLine:
    at: datetime
    form: str
    actor: str
    sentence: str
    target: str


def memories_of(verb: str, fact: str = "count") -> Callable[[AuditEvent], str]:
    def say(event: AuditEvent) -> str:
        return f"{verb} {counted(event.facts.get(fact, 1), 'memory', 'memories')} of"

    return say


def deleted(event: AuditEvent) -> str:
    """A delete by filter has no single target."""
    count = event.facts.get("deleted", 1)
    return f"deleted {counted(count, 'memory', 'memories')}" if count != 1 else "deleted memory"


def read(event: AuditEvent) -> str:
    """The target is the memory where one page was opened, else the entity whose list was."""
    count = event.facts.get("count")
    return "opened memory" if count is None else f"read {of_whom(event, count)}"


def scrubbed(event: AuditEvent) -> str:
    return f"wrote {counted(event.facts.get('tables', 0), 'table')} anew, without what was erased"


def exported(event: AuditEvent) -> str:
    return f"exported {counted(event.facts.get('count', 0), 'memory', 'memories')} by schema"


def exported_list(verb: str) -> Callable[[AuditEvent], str]:
    return lambda event: f"{verb} of {counted(event.facts.get('count', 0), 'memory', 'memories')},"


def searched(event: AuditEvent) -> str:
    return f"found {of_whom(event, event.facts.get('count', 0))}"


def of_whom(event: AuditEvent, count: int) -> str:
    """The target follows the sentence; a page of several entities' memories has none."""
    return counted(count, "memory", "memories") + (" of" if event.target_id else "")


def sent(event: AuditEvent) -> str:
    return f"sent {counted(event.facts.get('messages', 0), 'message')} in job"


def failed(event: AuditEvent) -> str:
    return f"had a job that failed ({event.facts.get('error', 'unknown')}),"


def cancelled(event: AuditEvent) -> str:
    return f"ended {counted(event.facts.get('count', 0), 'job')} by deleting memories"


def entity_of(verb: str) -> Callable[[AuditEvent], str]:
    return lambda event: f"{verb} {event.facts.get('kind', 'entity')}"


FACTORS = {
    Factor.TOTP: "the authenticator app",
    Factor.WEBAUTHN: "a passkey",
    Factor.RECOVERY_CODES: "recovery codes",
    Factor.SINGLE_SIGN_ON: "single sign-on",
}


def factor_of(verb: str) -> Callable[[AuditEvent], str]:
    return lambda event: (
        f"{verb} {FACTORS.get(event.facts.get('kind', ''), 'a factor')} of operator"
    )


def ended_sessions(event: AuditEvent) -> str:
    return f"signed out {counted(event.facts.get('count', 1), 'browser')} of operator"


def role_of(event: AuditEvent) -> str:
    """With its article: `an owner`."""
    role = str(event.facts.get("role", "member")).replace("_", " ")
    return f"an {role}" if role[0] in "aeiou" else f"a {role}"


def gave_role(event: AuditEvent) -> str:
    return f"made {role_of(event)} of operator"


def invited(event: AuditEvent) -> str:
    return f"invited {role_of(event)}, invitation"


def switched(event: AuditEvent) -> str:
    return f"switched {'on' if event.facts.get('is_on') else 'off'} operator"


def changed_instance_owner(event: AuditEvent) -> str:
    verb = "made an instance owner" if event.facts.get("is_owner") else "made no instance owner"
    return f"{verb} of operator"


def requested(event: AuditEvent) -> str:
    return f"opened a request for {event.facts.get('kind', 'privacy')},"


def flagged(event: AuditEvent) -> str:
    verb = "marked" if event.facts.get("is_set") else "lifted the mark"
    return f"{verb} {event.facts.get('flag', '')} of entity"


SENTENCES: dict[str, str | Callable[[AuditEvent], str]] = {
    Action.TENANT_CREATE: "made this tenant",
    Action.TENANT_HOSTS: "changed whether hosts outside may get texts",
    Action.TENANT_CONFIGURE: "changed which reads by applications are audited",
    Action.TENANT_RENAME: "renamed this tenant",
    Action.HYGIENE_CONFIGURE: "changed what is redacted or refused in texts",
    Action.PROJECT_CONFIGURE: "changed the settings of applications",
    Action.WEBHOOK_CREATE: "made webhook",
    Action.WEBHOOK_CHANGE: "changed webhook",
    Action.WEBHOOK_DELETE: "removed webhook",
    Action.WEBHOOK_TEST: "tested webhook",
    Action.WEBHOOK_RETRY: "sent again to webhook",
    Action.FEEDBACK_GIVE: "gave feedback on memory",
    Action.EXPORT_REQUEST: "asked for an export by schema",
    Action.EXPORT_READ: exported,
    Action.PERMISSION_USE: "used a permission on",
    Action.PASSWORD_CHANGE: "changed the own password",
    Action.KEYS_ROTATE: "put this tenant's key under a new master key",
    Action.ISOLATION_PROVE: "proved that tenants are kept apart",
    Action.TENANT_RENAME: "renamed this tenant",
    Action.OPERATOR_CREATE: "added operator",
    Action.OPERATOR_SWITCH: switched,
    Action.OPERATOR_DELETE: "deleted operator",
    Action.INSTANCE_OWNER_CHANGE: changed_instance_owner,
    Action.MEMBERSHIP_GRANT: gave_role,
    Action.MEMBERSHIP_REMOVE: "took this tenant from operator",
    Action.INVITATION_CREATE: invited,
    Action.INVITATION_WITHDRAW: "withdrew invitation",
    Action.INVITATION_ACCEPT: "accepted invitation",
    Action.APIKEY_CREATE: "created API key",
    Action.APIKEY_REVOKE: "revoked API key",
    Action.LOGIN: "signed in",
    Action.LOGIN_FAILED: "failed to sign in",
    Action.LOGOUT: "signed out",
    Action.FACTOR_ADD: factor_of("added"),
    Action.FACTOR_REMOVE: factor_of("removed"),
    Action.SESSION_END: ended_sessions,
    Action.OPERATOR_RENAME: "changed the own name",
    Action.TELEMETRY_ENABLE: "turned telemetry on",
    Action.TELEMETRY_DISABLE: "turned telemetry off",
    Action.TELEMETRY_ROTATE: "made a new install id for telemetry",
    Action.TELEMETRY_DELETE: "deleted the telemetry of this installation",
    Action.ENTITY_CREATE: entity_of("stored the first memory of"),
    Action.ENTITY_FLAG: flagged,
    Action.REQUEST_OPEN: requested,
    Action.REQUEST_VERIFY: "verified who asks in request",
    Action.REQUEST_APPROVE: "approved request",
    Action.REQUEST_START: "started request",
    Action.REQUEST_BLOCK: "stopped at a legal hold with request",
    Action.REQUEST_FINISH: "finished request",
    Action.REQUEST_FAIL: "could not go on with request",
    Action.REQUEST_REFUSE: "refused request",
    Action.REQUEST_WITHDRAW: "withdrew request",
    Action.REQUEST_EXTEND: "extended the term of request",
    Action.REQUEST_PAUSE: "asked for a proof of identity for request",
    Action.REQUEST_RESUME: "went on, with a proof of identity, with request",
    Action.REQUEST_ASSIGN: "assigned request",
    Action.REQUEST_NOTE: "wrote a note to request",
    Action.REQUEST_REDACT: "marked what is redacted in the copy of request",
    Action.PURGE_START: memories_of("began to purge"),
    Action.PURGE_FINISH: memories_of("purged", "deleted"),
    Action.PURGE_BLOCK: "stopped at a hold or a restriction in a purge of",
    Action.COPY_WRITE: "wrote the copy of request",
    Action.COPY_DOWNLOAD: "downloaded the copy of request",
    Action.COPY_REMOVE: "removed the copy of request",
    Action.LIST_EXPORT_START: exported_list("ordered an export"),
    Action.LIST_EXPORT_WRITE: exported_list("wrote an export"),
    Action.LIST_EXPORT_DOWNLOAD: exported_list("downloaded an export"),
    Action.LIST_EXPORT_REMOVE: "removed an export of memories,",
    Action.LINK_MAKE: "made a link for the person of request",
    Action.LINK_USE: "let the person in to request",
    Action.CERTIFICATE_SIGN: "signed the certificate of request",
    Action.PRIVACY_CONFIGURE: "changed how requests are handled",
    Action.MEMORY_ADD: memories_of("added", "added"),
    Action.MEMORY_UPDATE: "changed memory",
    Action.MEMORY_RECTIFY: "corrected, on the person's request, memory",
    Action.MEMORY_DELETE: deleted,
    Action.MEMORY_READ: read,
    Action.MEMORY_SEARCH: searched,
    Action.MEMORY_SUPERSEDE: memories_of("superseded"),
    Action.VECTORS_RENEW: "had all memories embedded anew",
    Action.JOB_ACCEPT: sent,
    Action.JOB_FAIL: failed,
    Action.JOB_RETRY: "retried job",
    Action.JOB_CANCEL: cancelled,
    Action.AUDIT_READ: "read the personal details of event",
    Action.AUDIT_VERIFY: "had the audit trail verified",
    Action.AUDIT_EXPORT: "exported the audit trail",
    Action.AUDIT_KEY_CREATE: "made a new key that signs the audit trail",
    Action.AUDIT_REDACT: "erased personal details in the audit trail, of",
    Action.AUDIT_RETIRE: "removed a segment of the audit trail whose term had passed,",
    Action.AUDIT_EVENT_MISSING: "could not seal an event: it was removed before",
    Action.BACKUP_MAKE: "made a backup",
    Action.SCRUB_MAKE: scrubbed,
    Action.BACKUP_REPLAY: "erased again, after a restore, what had been erased",
    Action.RETENTION_CONFIGURE: "changed how long memories are kept",
    Action.RETENTION_RUN: "removed what is kept no longer",
    Action.TENANT_CLOSE: "closed, to erase everything of it, tenant",
    Action.TENANT_COPY: "took a copy of everything of tenant",
    Action.TENANT_ERASE: "erased everything of tenant",
    Action.ISOLATION_BYPASS: "lifted the row filters of tenant",
}
REASONS = {
    Refusal.FORBIDDEN: "not allowed",
    Refusal.CONFLICT: "its state forbids it",
    Refusal.KEY_DESTROYED: "the key is destroyed",
    Refusal.UNAVAILABLE: "a host did not answer",
    Refusal.ERROR: "an error",
}
FAILURES = {Action.LOGIN_FAILED, Action.AUDIT_EVENT_MISSING}  # what failed is in the name
WITHOUT_TARGET = {
    Action.TENANT_CREATE,
    Action.TENANT_CONFIGURE,
    Action.TENANT_HOSTS,
    Action.TENANT_RENAME,
    Action.HYGIENE_CONFIGURE,
    Action.VECTORS_RENEW,
    Action.PROJECT_CONFIGURE,
    Action.EXPORT_REQUEST,
    Action.EXPORT_READ,
    Action.PRIVACY_CONFIGURE,
    Action.PASSWORD_CHANGE,
    Action.OPERATOR_RENAME,
    Action.KEYS_ROTATE,
    Action.LOGIN,
    Action.AUDIT_VERIFY,
    Action.AUDIT_EXPORT,
    Action.AUDIT_KEY_CREATE,
    Action.ISOLATION_PROVE,
    Action.LOGIN_FAILED,
    Action.LOGOUT,
    Action.TELEMETRY_ENABLE,
    Action.TELEMETRY_DISABLE,
    Action.TELEMETRY_ROTATE,
    Action.TELEMETRY_DELETE,
    Action.BACKUP_MAKE,
    Action.SCRUB_MAKE,
    Action.BACKUP_REPLAY,
    Action.RETENTION_CONFIGURE,
    Action.RETENTION_RUN,
}


def activity_lines(
    events: Sequence[AuditEvent], *, names: Mapping[UUID, str], now: datetime
) -> list[ActivityLine]:
    """The newest first; what one actor does again and again to one target is one line."""
    runs = groupby(events, key=lambda event: (event.actor_id, event.action, event.target_id))
    return [activity_line(list(run), names, now) for _, run in runs][:LIMIT]


def activity_line(
    run: Sequence[AuditEvent], names: Mapping[UUID, str], now: datetime
) -> ActivityLine:
    event = run[0]
    event.facts = add_up(run)
    is_recent = now - event.occurred_at < timedelta(hours=18)
    return ActivityLine(
        at=event.occurred_at,
        form="clock" if is_recent else "short",
        actor=actor_name(event, names),
        sentence=sentence(event),
        target=target(event),
    )


def add_up(run: Sequence[AuditEvent]) -> dict[str, Any]:
    """The counts of all, the other facts of the newest."""
    counts = [name for name, value in run[0].facts.items() if type(value) is int]
    sums = {name: sum(event.facts.get(name, 0) for event in run) for name in counts}
    return {**run[0].facts, **sums}


def actor_name(event: AuditEvent, names: Mapping[UUID, str]) -> str:
    if event.action == Action.LOGIN_FAILED:
        return "Somebody"
    if event.actor_kind == ActorKind.SYSTEM or event.actor_id is None:
        return "System"
    return names.get(event.actor_id) or UNNAMED[ActorKind(event.actor_kind)]


def sentence(event: AuditEvent) -> str:
    if event.outcome != Outcome.DONE and event.action not in FAILURES:
        return refused(event)
    known = SENTENCES.get(event.action, event.action)
    return known if isinstance(known, str) else known(event)


def refused(event: AuditEvent) -> str:
    """Which action, and why it was not done; of a permission, which one was missing."""
    verb = "was refused" if event.outcome == Outcome.DENIED else "failed"
    if needs := event.facts.get("needs"):
        return f"{verb}: it needs {needs}"
    reason = REASONS.get(event.facts.get("reason", ""), "")
    return f"{verb}: {event.action}{reason and ', '}{reason}"


def target(event: AuditEvent) -> str:
    """The last letters of our own id; never the application's."""
    if event.target_id is None or event.action in WITHOUT_TARGET:
        return ""
    return f"…{str(event.target_id)[-4:]}"
