"""An operator who sees a person's memories leaves a line in the audit trail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.audit.actions import Action
from apps.audit.domain import record

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from apps.dashboard.request import OperatorRequest
    from apps.memories.models import Memory


def record_read(request: OperatorRequest, *, memory_id: UUID) -> None:
    """Call inside the tenant's scope; one statement."""
    record(Action.MEMORY_READ, by=request.actor, target_id=memory_id)


def record_list(request: OperatorRequest, *, entity_id: UUID, count: int) -> None:
    """One event for one page of memories. Nothing is recorded where nothing was shown."""
    if count:
        record(Action.MEMORY_READ, by=request.actor, target_id=entity_id, count=count)


def record_rows(
    request: OperatorRequest, memories: Sequence[Memory], *, is_search: bool = False
) -> None:
    """Of whomever they are. The target is the one entity that owns them, where there is one."""
    owners = {memory.key_owner_id for memory in memories}
    owner_id = owners.pop() if len(owners) == 1 else None
    action = Action.MEMORY_SEARCH if is_search else Action.MEMORY_READ
    if memories or is_search:
        record(action, by=request.actor, target_id=owner_id, count=len(memories))


def record_search(request: OperatorRequest, *, entity_id: UUID, count: int) -> None:
    """A search tells that something matched, so it counts like a read."""
    record(Action.MEMORY_SEARCH, by=request.actor, target_id=entity_id, count=count)
