"""The one way into the audit trail."""

import hmac
import secrets
from typing import Any
from uuid import UUID

import orjson
from django.utils import timezone

from apps.audit.actions import Action, Outcome
from apps.audit.models import AuditDetail, AuditEvent
from apps.common.actor import Actor
from apps.common.context import request_id
from apps.isolation.writes import Insert

_insert_events = Insert(AuditEvent)
_insert_details = Insert(AuditDetail)

Fact = str | int | bool | None | list[str]


def record(
    action: Action,
    *,
    by: Actor,
    target_id: UUID | None = None,
    outcome: Outcome = Outcome.DONE,
    details: dict[str, Any] | None = None,
    entity_id: UUID | None = None,
    **facts: Fact,
) -> AuditEvent:
    """Write one event in the change's own transaction, in the scope of its tenant.

    `facts` are counts, enums and our own ids. `details` are personal: they are sealed apart, under
    the key of `entity_id` or the tenant's, and the event holds only their salted digest. One
    statement, two with details.
    """
    event = AuditEvent(
        occurred_at=timezone.now(),
        action=action,
        actor_kind=by.kind,
        actor_id=by.id,
        target_id=target_id,
        outcome=outcome,
        request_id=request_id.get(),
        facts=facts,
    )
    detail = _make_detail(event, details, entity_id) if details else None
    _insert_events([event])
    if detail:
        _insert_details([detail])
    return event


def _make_detail(event: AuditEvent, details: dict[str, Any], entity_id: UUID | None) -> AuditDetail:
    nonce = secrets.token_bytes(32)
    canonical = orjson.dumps(details, option=orjson.OPT_SORT_KEYS)
    event.details_digest = hmac.digest(nonce, canonical, "sha256")
    return AuditDetail(id=event.id, entity_id=entity_id, details=details, nonce=nonce)
