"""Audit events as sentences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

from apps.audit.actions import Action, Outcome
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
    return "opened memory" if count is None else f"read {counted(count, 'memory', 'memories')} of"


def searched(event: AuditEvent) -> str:
    return f"found {counted(event.facts.get('count', 0), 'memory', 'memories')} of"


def entity_of(verb: str) -> Callable[[AuditEvent], str]:
    return lambda event: f"{verb} {event.facts.get('kind', 'entity')}"


SENTENCES: dict[str, str | Callable[[AuditEvent], str]] = {
    Action.TENANT_CREATE: "made this tenant",
    Action.KEYS_ROTATE: "put this tenant's key under a new master key",
    Action.ISOLATION_PROVE: "proved that tenants are kept apart",
    Action.OPERATOR_CREATE: "added operator",
    Action.MEMBERSHIP_GRANT: "gave a role to operator",
    Action.APIKEY_CREATE: "created API key",
    Action.APIKEY_REVOKE: "revoked API key",
    Action.LOGIN_SUCCEEDED: "signed in",
    Action.LOGIN_FAILED: "failed to sign in",
    Action.LOGOUT: "signed out",
    Action.TELEMETRY_ENABLE: "turned telemetry on",
    Action.TELEMETRY_DISABLE: "turned telemetry off",
    Action.TELEMETRY_ROTATE: "made a new install id for telemetry",
    Action.TELEMETRY_DELETE: "deleted the telemetry of this installation",
    Action.ENTITY_CREATE: entity_of("stored the first memory of"),
    Action.ENTITY_DELETE: entity_of("deleted"),
    Action.MEMORY_ADD: memories_of("added", "added"),
    Action.MEMORY_UPDATE: "changed memory",
    Action.MEMORY_DELETE: deleted,
    Action.MEMORY_READ: read,
    Action.MEMORY_SEARCH: searched,
    Action.ISOLATION_BYPASS: "lifted the row filters of tenant",
}
WITHOUT_TARGET = {
    Action.TENANT_CREATE,
    Action.KEYS_ROTATE,
    Action.ISOLATION_PROVE,
    Action.LOGIN_SUCCEEDED,
    Action.LOGIN_FAILED,
    Action.LOGOUT,
    Action.TELEMETRY_ENABLE,
    Action.TELEMETRY_DISABLE,
    Action.TELEMETRY_ROTATE,
    Action.TELEMETRY_DELETE,
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
    if event.actor_kind == ActorKind.SYSTEM or event.actor_id is None:
        return "System"
    return names.get(event.actor_id) or UNNAMED[ActorKind(event.actor_kind)]


def sentence(event: AuditEvent) -> str:
    known = SENTENCES.get(event.action, event.action)
    said = known if isinstance(known, str) else known(event)
    refused = {Outcome.DENIED: "was refused: ", Outcome.FAILED: "failed: "}
    return refused.get(Outcome(event.outcome), "") + said


def target(event: AuditEvent) -> str:
    """The last letters of our own id; never the application's."""
    if event.target_id is None or event.action in WITHOUT_TARGET:
        return ""
    return f"…{str(event.target_id)[-4:]}"
