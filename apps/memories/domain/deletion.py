"""Deleting memories: their text goes from all versions, vectors and tokens, in one transaction."""

from uuid import UUID

from django.utils import timezone

from apps.audit.actions import Action
from apps.audit.domain import record, records_refusals
from apps.common.actor import Actor
from apps.common.errors import NotFound
from apps.isolation.compiled import Bind, Compiled
from apps.isolation.scope import tenant_scope
from apps.memories.conditions import Filter
from apps.memories.domain.journal import journal_memories, prepare_journal
from apps.memories.models import Memory
from apps.memories.scoping import compile_filter
from apps.memories.store import destroy_memories

_lock_memory = Compiled(
    lambda: Memory.objects.live().filter(id=Bind("memory_id")).select_for_update().values_list("id")
)


@records_refusals(Action.MEMORY_DELETE, target="memory_id")
def delete_memory(*, tenant_id: UUID, memory_id: UUID, by: Actor) -> None:
    """Destroy one memory's text. NotFound if it is gone or was never there."""
    prepare_journal()
    with tenant_scope(tenant_id):
        if not _lock_memory(memory_id=memory_id):
            raise NotFound("Memory not found!")
        _destroy([memory_id])
        record(Action.MEMORY_DELETE, by=by, target_id=memory_id, deleted=1)


@records_refusals(Action.MEMORY_DELETE)
def delete_memories(*, tenant_id: UUID, filters: Filter, by: Actor) -> int:
    """Destroy the text of every memory that the filter matches; answers how many there were."""
    prepare_journal()
    with tenant_scope(tenant_id):
        condition = compile_filter(filters)
        matching = Memory.objects.live().filter(condition).order_by("id")
        ids = list(matching.select_for_update().values_list("id", flat=True))
        if ids:
            _destroy(ids)
        record(Action.MEMORY_DELETE, by=by, deleted=len(ids))
        return len(ids)


def _destroy(ids: list[UUID]) -> None:
    destroy_memories(ids, timezone.now())
    journal_memories(ids)
