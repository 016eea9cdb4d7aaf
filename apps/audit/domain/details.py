"""Reading the personal details of events."""

import hmac
from collections.abc import Iterable
from uuid import UUID

from apps.audit.domain.events import digest_details
from apps.audit.models import AuditDetail, AuditEvent
from apps.common.crypto import SealBroken
from apps.keys.queries import with_keys


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
