"""A tenant's sealed trail as JSON Lines that anybody can check with the public key alone.

Each segment's events in their order, then its checkpoint; in the end a line that signs how many
there are, so that nothing can be left out. Personal details are not in it, only their digests.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO
from uuid import UUID

from django.utils import timezone

from apps.audit.actions import Action
from apps.audit.canonical import EXPORT, START, hash_checkpoint, write_canonical, write_time
from apps.audit.domain.events import record
from apps.audit.domain.sealing import seal_tenant
from apps.audit.domain.signing import read_signer
from apps.audit.lines import write_checkpoint, write_event, write_line
from apps.audit.models import AuditCheckpoint, AuditEvent, AuditSeal
from apps.common.actor import Actor
from apps.common.errors import Conflict
from apps.isolation.scope import tenant_scope


@dataclass(slots=True)
class Export:
    """What an export holds."""

    tenant_id: UUID
    events: int = 0
    checkpoints: int = 0
    last: str = START.hex()  # hash of the last checkpoint


def export_trail(*, tenant_id: UUID, out: BinaryIO, by: Actor) -> Export:
    """Write the trail, its own event included. Call outside any scope; a segment at a time.

    Conflict where a sealed event is gone: such a trail is for `audit_verify` first.
    """
    signer, export = read_signer(by=by), Export(tenant_id)
    with tenant_scope(tenant_id):
        record(Action.AUDIT_EXPORT, by=by, target_id=tenant_id)
    seal_tenant(tenant_id=tenant_id, signer=signer, by=by)
    while lines := _next_segment(export):
        out.writelines(lines)
    summary = {
        "checkpoints": export.checkpoints,
        "events": export.events,
        "exported_at": write_time(timezone.now()),
        "key_id": signer.key_id,
        "last": export.last,
        "tenant_id": str(tenant_id),
    }
    signature = signer.sign(write_canonical(EXPORT, summary)).hex()
    out.write(write_line({"export": summary, "signature": signature}))
    return export


def _next_segment(export: Export) -> list[bytes]:
    with tenant_scope(export.tenant_id):
        checkpoint = AuditCheckpoint.objects.filter(number=export.checkpoints + 1).first()
        if checkpoint is None:
            return []
        lines = [] if checkpoint.retired_at else list(_list_events(checkpoint))
    export.events += len(lines)
    export.checkpoints += 1
    export.last = hash_checkpoint(checkpoint).hex()
    return [*lines, write_checkpoint(checkpoint)]


def _list_events(checkpoint: AuditCheckpoint) -> Iterator[bytes]:
    places = (checkpoint.first, checkpoint.last)
    seals = list(AuditSeal.objects.filter(sequence__range=places).order_by("sequence"))
    found = AuditEvent.objects.filter(id__in=[seal.id for seal in seals])
    events = {event.id: event for event in found}
    if len(events) != checkpoint.last - checkpoint.first + 1:
        raise Conflict("Events of this trail are missing: run audit_verify.")
    return (write_event(events[seal.id], seal) for seal in seals)
