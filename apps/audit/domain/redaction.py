"""Erasing what is personal in the trail. The chain still verifies: it holds only digests."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q

from apps.audit.actions import Action
from apps.audit.domain.doors import redact_details
from apps.audit.domain.events import record
from apps.audit.models import AuditDetail, AuditEvent
from apps.common.actor import Actor

CHUNK = 1_000


def redact_subject(*, subject_id: UUID, by: Actor) -> int:
    """Erase the details of every event about this entity or operator, by them or aimed at them.

    In the open scope and its transaction; answers how many events had any.
    """
    with_details = AuditEvent.objects.exclude(details_digest=None)
    named = with_details.filter(Q(actor_id=subject_id) | Q(target_id=subject_id))
    about = AuditDetail.objects.filter(entity_id=subject_id)
    ids = {*named.values_list("id", flat=True), *about.values_list("id", flat=True)}
    redacted = redact_in_chunks(ids)
    record(Action.AUDIT_REDACT, by=by, target_id=subject_id, redacted=redacted)
    return redacted


def redact_in_chunks(event_ids: Iterable[UUID]) -> int:
    """One statement a chunk; answers how many details there were."""
    ids = sorted(event_ids)
    return sum(redact_details(ids[at : at + CHUNK]) for at in range(0, len(ids), CHUNK))
