"""An operator who sees a person's memories leaves a line in the audit trail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.audit.actions import Action
from apps.audit.domain import record

if TYPE_CHECKING:
    from uuid import UUID

    from apps.dashboard.request import OperatorRequest


def record_read(request: OperatorRequest, *, memory_id: UUID) -> None:
    """Call inside the tenant's scope; one statement."""
    record(Action.MEMORY_READ, by=request.actor, target_id=memory_id)


def record_list(request: OperatorRequest, *, entity_id: UUID, count: int) -> None:
    """One event for one page of memories. Nothing is recorded where nothing was shown."""
    if count:
        record(Action.MEMORY_READ, by=request.actor, target_id=entity_id, count=count)


def record_search(request: OperatorRequest, *, entity_id: UUID, count: int) -> None:
    """A search tells that something matched, so it counts like a read."""
    record(Action.MEMORY_SEARCH, by=request.actor, target_id=entity_id, count=count)
