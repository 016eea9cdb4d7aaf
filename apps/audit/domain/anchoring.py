"""Which checkpoints wait to be copied outside the database, and that they were.

The copying itself is done by `operations`, outside of any transaction.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils import timezone

from apps.audit.enums import Place, Work
from apps.audit.models import AuditAnchor, AuditCheckpoint, AuditDue
from apps.isolation.scope import tenant_scope

if TYPE_CHECKING:
    from django.db.models import QuerySet


def list_waiting() -> list[AuditCheckpoint]:
    """The newest checkpoint of each tenant that has one waiting: it stands for those before it."""
    waiting = AuditDue.objects.filter(work=Work.ANCHOR).values_list("tenant_id", flat=True)
    found = [_read_newest(tenant_id) for tenant_id in waiting.distinct()]
    return [checkpoint for checkpoint in found if checkpoint]


def note_anchored(checkpoints: Iterable[AuditCheckpoint], place: Place) -> None:
    for checkpoint in checkpoints:
        with tenant_scope(checkpoint.tenant_id):
            AuditAnchor.objects.update_or_create(
                place=place,
                defaults={"number": checkpoint.number, "anchored_at": timezone.now()},
            )


def clear_waiting(checkpoints: Iterable[AuditCheckpoint]) -> None:
    """They were copied everywhere: neither they nor those before them wait any longer."""
    for checkpoint in checkpoints:
        _due(checkpoint.tenant_id).filter(item_id__lte=checkpoint.id).delete()


def clear_all_waiting() -> None:
    """There is no place to copy anything to."""
    AuditDue.objects.filter(work=Work.ANCHOR).delete()


def _read_newest(tenant_id: UUID) -> AuditCheckpoint | None:
    newest = _due(tenant_id).order_by("-item_id").values_list("item_id", flat=True).first()
    with tenant_scope(tenant_id):
        return AuditCheckpoint.objects.filter(id=newest).first()


def _due(tenant_id: UUID) -> "QuerySet[AuditDue]":
    return AuditDue.objects.filter(work=Work.ANCHOR, tenant_id=tenant_id)
