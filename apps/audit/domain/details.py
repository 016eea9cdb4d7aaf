"""Reading the personal details of events."""

import hmac
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from apps.audit.actions import Action
from apps.audit.domain.events import digest_details, record
from apps.audit.models import AuditDetail, AuditEvent
from apps.common.actor import Actor
from apps.common.crypto import SealBroken
from apps.keys.queries import with_keys


def reveal_details(*, event: AuditEvent, by: Actor) -> dict[str, Any] | None:
    """The personal details of an event, in the open scope; that they were read is an event.

    None, and nothing is recorded, where they were redacted or their key is destroyed.
    """
    rows = with_keys(AuditDetail.objects.filter(id=event.id), owner="entity_id")
    details: dict[str, Any] | None = rows[0].details if rows else None
    if details is not None:
        record(Action.AUDIT_READ, by=by, target_id=event.id)
    return details


def list_wrong_details(events: Iterable[AuditEvent]) -> list[UUID]:
    """The events whose details are there and are not those that were digested.

    Details that were redacted, or whose key is destroyed, are not wrong: they are gone.
    """
    digests = {event.id: event.details_digest for event in events}
    details = AuditDetail.objects.filter(id__in=digests).order_by("id")
    rows = with_keys(details, owner="entity_id")
    return [row.id for row in rows if not _matches(row, digests[row.id])]


def _matches(row: AuditDetail, digest: bytes | memoryview | None) -> bool:
    try:
        details = row.details
    except SealBroken:
        return False
    if digest is None or details is None:
        return details is None
    return hmac.compare_digest(digest_details(bytes(row.nonce), details), bytes(digest))
