"""An operator who sees the words of a person leaves a line in the audit trail.

Call inside the tenant's scope, in the transaction that reads; each is one statement.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from apps.audit.actions import Action
from apps.audit.domain import record
from apps.common.actor import Actor


def record_opened(*, memory_id: UUID, by: Actor) -> None:
    """The text of one memory was shown, with its versions."""
    record(Action.MEMORY_READ, by=by, target_id=memory_id)


def record_revealed(
    *, entity_id: UUID | None, count: int, memory_ids: Sequence[UUID] = (), by: Actor
) -> None:
    """Texts of an entity, None for several, were shown. Nothing is recorded where none was.

    `memory_ids` are those of a list: by them each memory's page tells who was shown it there.
    """
    if count:
        shown: dict[str, Any] = {"memories": list(memory_ids)} if memory_ids else {}
        record(Action.MEMORY_READ, by=by, target_id=entity_id, count=count, **shown)


def record_search(*, entity_id: UUID | None, count: int, by: Actor) -> None:
    """A search tells that something matched, so it is recorded though its hits are hidden."""
    record(Action.MEMORY_SEARCH, by=by, target_id=entity_id, count=count)
