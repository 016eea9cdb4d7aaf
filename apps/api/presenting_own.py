"""Tenants, keys, the audit trail and the state of telemetry as JSON."""

from typing import Any

from apps.audit.canonical import hash_checkpoint
from apps.audit.domain.checks import read_state
from apps.audit.models import AuditCheck, AuditCheckpoint, AuditEvent
from apps.audit.queries import TrailState
from apps.telemetry.models import TelemetryState
from apps.telemetry.switches import decide
from apps.tenants.models import ApiKey, Tenant
from apps.tenants.secrets import PREFIX

Json = dict[str, Any]


def present_tenant(tenant: Tenant) -> Json:
    return {
        "id": tenant.id,
        "slug": tenant.slug,
        "name": tenant.name,
        "created_at": tenant.created_at,
        "audited_reads": tenant.api_reads,
    }


def present_key(key: ApiKey) -> Json:
    """Enough to know it by, and nothing to authenticate with."""
    return {
        "id": key.id,
        "name": key.name,
        "hint": f"{PREFIX}_{key.lookup_id}_…{key.last_four}",
        "scopes": sorted(key.scopes),
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
        "last_used_at": key.last_used_at,
    }


def present_event(event: AuditEvent, sequence: int | None) -> Json:
    """Without its personal details, which operators reveal one by one."""
    return {
        "id": event.id,
        "occurred_at": event.occurred_at,
        "action": event.action,
        "outcome": event.outcome,
        "actor_kind": event.actor_kind,
        "actor_id": event.actor_id,
        "target_id": event.target_id,
        "request_id": event.request_id or None,
        "facts": event.facts,
        "sequence": sequence,
    }


def present_checkpoint(checkpoint: AuditCheckpoint) -> Json:
    """What its signature is over, its hash and the signature itself: all that a verifier needs."""
    return {
        "number": checkpoint.number,
        "first": checkpoint.first,
        "last": checkpoint.last,
        "root": bytes(checkpoint.root).hex(),
        "previous": bytes(checkpoint.previous).hex(),
        "sealed_at": checkpoint.sealed_at,
        "key_id": checkpoint.key_id,
        "hash": hash_checkpoint(checkpoint).hex(),
        "signature": bytes(checkpoint.signature).hex(),
        "retired_at": checkpoint.retired_at,
    }


def present_trail(found: TrailState) -> Json:
    return {
        "last_checkpoint": present_checkpoint(found.last) if found.last else None,
        "unsealed": found.unsealed,
        "verification": present_check(found.ended) if found.ended else None,
        "running": present_check(found.running) if found.running else None,
        "anchors": [
            {"place": one.place, "number": one.number, "anchored_at": one.anchored_at}
            for one in found.anchors
        ],
    }


def present_check(check: AuditCheck) -> Json:
    """`sound` is null while it runs and has found nothing."""
    state = read_state(check.state)
    return {
        "started_at": check.started_at,
        "ended_at": check.ended_at,
        "events": state.events,
        "sound": False if state.problems else True if check.ended_at else None,
        "problems": [{"sequence": one.sequence, "kind": one.kind} for one in state.problems],
    }


def present_telemetry(state: TelemetryState, *, waiting: int, sent: int) -> Json:
    """No install id: that is for the instance's owners."""
    decision = decide(state)
    return {
        "enabled": decision.enabled,
        "decided_by": decision.by,
        "decided_at": state.decided_at,
        "waiting": waiting,
        "sent": sent,
    }
