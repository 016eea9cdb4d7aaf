"""What is kept no longer: details at their class's term, a segment at the longest term in it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Max

from apps.audit.actions import Action
from apps.audit.canonical import retirement_bytes
from apps.audit.catalogue import CATALOGUE
from apps.audit.domain.doors import retire_segment
from apps.audit.domain.events import record
from apps.audit.domain.redaction import CHUNK, redact_in_chunks
from apps.audit.domain.signing import Signer
from apps.audit.models import AuditCheckpoint, AuditDetail, AuditEvent, AuditSeal
from apps.common.actor import Actor
from apps.common.ids import first_id
from apps.isolation.scope import tenant_scope

Terms = Mapping[str, int]  # days, by class


@dataclass(frozen=True, slots=True)
class Expired:
    details: int
    segments: int


def expire_trail(*, tenant_id: UUID, now: datetime, signer: Signer, by: Actor) -> Expired:
    """Remove of this tenant's trail what has passed its term. One transaction a segment."""
    with tenant_scope(tenant_id):
        details = redact_in_chunks(_list_expired_details(now))
        if details:
            record(Action.AUDIT_REDACT, by=by, target_id=tenant_id, redacted=details)
    segments = 0
    while _retire_oldest(tenant_id, now, signer, by):
        segments += 1
    return Expired(details, segments)


def _list_expired_details(now: datetime) -> list[UUID]:
    terms = settings.AUDIT_DETAIL_DAYS
    return [
        event_id
        for chunk in _details_before(now - timedelta(days=min(terms.values())))
        for event_id, action in AuditEvent.objects.filter(id__in=chunk).values_list("id", "action")
        if event_id < first_id(now - _term(action, terms))
    ]


def _details_before(moment: datetime) -> Iterator[list[UUID]]:
    """Ids of events with details that were made before this, in chunks."""
    rows, after = AuditDetail.objects.filter(id__lt=first_id(moment)).order_by("id"), UUID(int=0)
    while chunk := list(rows.filter(id__gt=after).values_list("id", flat=True)[:CHUNK]):
        yield chunk
        after = chunk[-1]


def _retire_oldest(tenant_id: UUID, now: datetime, signer: Signer, by: Actor) -> bool:
    """Retire the oldest segment that is there, if every event in it has passed its term."""
    with tenant_scope(tenant_id):
        oldest = AuditCheckpoint.objects.filter(retired_at=None).order_by("number").first()
        if oldest is None or not _has_expired(oldest, now):
            return False
        signature = signer.sign(retirement_bytes(oldest, now))
        count = retire_segment(oldest.number, at=now, signature=signature)
        record(Action.AUDIT_RETIRE, by=by, target_id=oldest.id, segment=oldest.number, events=count)
        return True


def _has_expired(segment: AuditCheckpoint, now: datetime) -> bool:
    terms = settings.AUDIT_EVENT_DAYS
    if segment.sealed_at > now - timedelta(days=min(terms.values())):
        return False
    seals = AuditSeal.objects.filter(sequence__range=(segment.first, segment.last))
    events = AuditEvent.objects.filter(id__in=seals.values("id")).order_by()
    by_action = list(events.values_list("action").annotate(Count("id"), Max("occurred_at")))
    is_whole = sum(count for _, count, _ in by_action) == segment.last - segment.first + 1
    has_passed = (newest < now - _term(action, terms) for action, _, newest in by_action)
    return is_whole and all(has_passed)  # what somebody took events from is for `verify` to find


def _term(action: str, terms: Terms) -> timedelta:
    return timedelta(days=terms[CATALOGUE[Action(action)].retention])
