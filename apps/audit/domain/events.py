"""The one way into the audit trail."""

import hmac
import secrets
from collections.abc import Sequence
from enum import Enum
from typing import Any
from uuid import UUID

import orjson
from django.utils import timezone

from apps.audit.actions import Action, Outcome
from apps.audit.catalogue import CATALOGUE, check_facts
from apps.audit.domain.writing import InsertEvents
from apps.audit.models import AuditDetail, AuditEvent
from apps.common.actor import Actor
from apps.common.context import request_id
from apps.isolation.writes import Insert

_insert_events = InsertEvents(AuditEvent)
_insert_details = Insert(AuditDetail)

Fact = int | bool | UUID | Enum | Sequence[Enum] | Sequence[UUID]


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

    `facts` are those of the action's schema. `details` are personal: they are sealed apart, under
    the key of `entity_id` or the tenant's, and the event holds only their salted digest. One
    statement, two with details. NotInCatalogue for facts that the schema does not know.
    """
    check_facts(action, outcome, facts)
    event = AuditEvent(
        occurred_at=timezone.now(),
        action=action,
        schema_version=CATALOGUE[action].version,
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


def digest_details(nonce: bytes, details: dict[str, Any]) -> bytes:
    """What the event keeps of its details: nothing can be guessed from it without the nonce."""
    return hmac.digest(nonce, orjson.dumps(details, option=orjson.OPT_SORT_KEYS), "sha256")


def _make_detail(event: AuditEvent, details: dict[str, Any], entity_id: UUID | None) -> AuditDetail:
    nonce = secrets.token_bytes(32)
    event.details_digest = digest_details(nonce, details)
    return AuditDetail(id=event.id, entity_id=entity_id, details=details, nonce=nonce)
