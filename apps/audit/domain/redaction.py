"""Erasing what is personal in the trail. The chain still verifies: it holds only digests."""

from collections.abc import Collection, Iterable
from uuid import UUID

from django.db.models import Q

from apps.audit.actions import Action
from apps.audit.domain.doors import redact_details
from apps.audit.domain.events import record
from apps.audit.models import AuditDetail, AuditEvent
from apps.common.actor import Actor
from apps.keys.queries import with_keys

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


def redact_operator(
    *, operator_id: UUID, invitation_ids: Collection[UUID], email: str, by: Actor
) -> int:
    """Erase the details of events by or about an operator, of invitations to this e-mail address,
    and of sign-ins that failed under it before there was such an operator.

    In the open scope; answers how many events had any, and leaves an event if there were some.
    """
    with_details = AuditEvent.objects.exclude(details_digest=None)
    whom = [operator_id, *invitation_ids]
    named = with_details.filter(Q(actor_id=operator_id) | Q(target_id__in=whom))
    ids = {*named.values_list("id", flat=True), *_list_failed_sign_ins(email)}
    redacted = redact_in_chunks(ids)
    if redacted:
        record(Action.AUDIT_REDACT, by=by, target_id=operator_id, redacted=redacted)
    return redacted


def _list_failed_sign_ins(email: str) -> list[UUID]:
    """Those that name nobody: their details are opened to compare the address."""
    failed = AuditEvent.objects.filter(action=Action.LOGIN_FAILED, target_id=None)
    rows = AuditDetail.objects.filter(id__in=failed.order_by().values("id"))
    return [
        row.id
        for row in with_keys(rows, owner="entity_id")
        if row.details and row.details.get("email") == email
    ]


def redact_in_chunks(event_ids: Iterable[UUID]) -> int:
    """One statement a chunk; answers how many details there were."""
    ids = sorted(event_ids)
    return sum(redact_details(ids[at : at + CHUNK]) for at in range(0, len(ids), CHUNK))
