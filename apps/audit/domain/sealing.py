"""The sealer: gathers events into segments, without a lock on writers or a change to an event."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

import structlog
from django.conf import settings
from django.db import Error
from django.utils import timezone

from apps.audit.actions import Action, Outcome, Refusal
from apps.audit.canonical import (
    EVENT,
    START,
    checkpoint_bytes,
    describe_event,
    hash_checkpoint,
    write_canonical,
)
from apps.audit.domain.events import record
from apps.audit.domain.signing import Signer, read_signer
from apps.audit.enums import Work
from apps.audit.merkle import compute_root, hash_leaf
from apps.audit.models import AuditCheckpoint, AuditDue, AuditEvent, AuditSeal
from apps.common.actor import Actor
from apps.isolation.scope import tenant_scope
from apps.isolation.writes import Insert

SEGMENT_SIZE = 1_000  # events at most

_insert_seals = Insert(AuditSeal)

logger = structlog.get_logger("memoryhub.audit")


def seal_due(*, goes_on: Callable[[], bool], by: Actor) -> int:
    """Seal what is committed, tenant by tenant, while `goes_on`. Answers how many were done.

    Call outside any scope. A tenant with nothing to do is not visited; one that fails is left for
    the next run.
    """
    waiting = AuditDue.objects.filter(work=Work.SEAL)
    tenants = list(waiting.values_list("tenant_id", flat=True).distinct())
    if not tenants:
        return 0
    signer = read_signer(by=by)
    return sum(_try_to_seal(tenant_id, signer, goes_on, by) for tenant_id in tenants)


def seal_tenant(
    *, tenant_id: UUID, signer: Signer, goes_on: Callable[[], bool] = lambda: True, by: Actor
) -> int:
    """Seal everything of this tenant that is committed by now. Answers how many were done."""
    done, count = 0, SEGMENT_SIZE
    while count == SEGMENT_SIZE and goes_on():
        count = seal_segment(tenant_id=tenant_id, signer=signer, by=by)
        done += count
    return done


def seal_segment(*, tenant_id: UUID, signer: Signer, by: Actor) -> int:
    """Make one segment of the oldest events that wait; a late commit joins the next one.

    One transaction, whose unique numbers let only one sealer through. Answers how many items of
    the due-list it did.
    """
    with tenant_scope(tenant_id):
        ids = _take_due(tenant_id)
        events = list(AuditEvent.objects.filter(id__in=ids).order_by("id"))
        _report_missing(set(ids) - {event.id for event in events}, by)
        if events:
            _insert_segment(events, signer)
        due = AuditDue.objects.filter(work=Work.SEAL, tenant_id=tenant_id)
        due.filter(item_id__in=ids).delete()
        return len(ids)


def make_leaf(event: AuditEvent, sequence: int) -> bytes:
    return hash_leaf(write_canonical(EVENT, describe_event(event, sequence)))


def _try_to_seal(tenant_id: UUID, signer: Signer, goes_on: Callable[[], bool], by: Actor) -> int:
    try:
        return seal_tenant(tenant_id=tenant_id, signer=signer, goes_on=goes_on, by=by)
    except Error as error:
        logger.warning("not sealed", tenant=str(tenant_id), error=type(error).__name__)
        return 0


def _take_due(tenant_id: UUID) -> list[UUID]:
    """The oldest items, held against another sealer. Writers only add, so none of them waits."""
    due = AuditDue.objects.filter(work=Work.SEAL, tenant_id=tenant_id).order_by("item_id")
    ids = due.values_list("item_id", flat=True).select_for_update()[:SEGMENT_SIZE]
    return list(ids)


def _report_missing(event_ids: set[UUID], by: Actor) -> None:
    """Nothing of ours removes an event that waits for its seal: say so where it can't be undone."""
    for event_id in event_ids:
        record(
            Action.AUDIT_EVENT_MISSING,
            by=by,
            target_id=event_id,
            outcome=Outcome.FAILED,
            reason=Refusal.ERROR,
        )


def _insert_segment(events: Sequence[AuditEvent], signer: Signer) -> None:
    last = AuditCheckpoint.objects.order_by("-number").first()
    first = last.last + 1 if last else 1
    leaves = [make_leaf(event, sequence) for sequence, event in enumerate(events, start=first)]
    seals = [
        AuditSeal(id=event.id, sequence=sequence, leaf=leaf)
        for (sequence, leaf), event in zip(enumerate(leaves, start=first), events, strict=True)
    ]
    checkpoint = AuditCheckpoint(
        number=last.number + 1 if last else 1,
        first=first,
        last=first + len(events) - 1,
        root=compute_root(leaves),
        previous=hash_checkpoint(last) if last else START,
        sealed_at=_not_before(last),
        key_id=signer.key_id,
    )
    checkpoint.signature = signer.sign(checkpoint_bytes(checkpoint))
    _insert_seals(seals)
    checkpoint.save(force_insert=True)
    if settings.AUDIT_ANCHORS:
        item = AuditDue(work=Work.ANCHOR, tenant_id=checkpoint.tenant_id, item_id=checkpoint.id)
        item.save(force_insert=True)


def _not_before(last: AuditCheckpoint | None) -> datetime:
    """Another machine's clock may be a little behind: a checkpoint is never older than the last."""
    now = timezone.now()
    return max(now, last.sealed_at) if last else now
