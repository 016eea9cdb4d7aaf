"""Deleting memories: text, vectors, tokens and the messages behind them, in one transaction."""

from uuid import UUID

from django.utils import timezone

from apps.audit.actions import Action
from apps.audit.domain import record, records_refusals
from apps.common.actor import Actor
from apps.common.errors import NotFound
from apps.isolation.compiled import Bind, Compiled
from apps.isolation.scope import tenant_scope
from apps.memories.domain.jobs import cancel_jobs, destroy_unused_messages
from apps.memories.domain.journal import journal_memories, prepare_journal
from apps.memories.filters import Filter
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
    """Destroy the text of every memory that the filter matches; answers how many there were.

    Unfinished jobs of the same entities end: what was sent before comes to nothing.
    """
    prepare_journal()
    with tenant_scope(tenant_id):
        condition = compile_filter(filters)
        cancel_jobs(condition, by=by)
        matching = Memory.objects.live().filter(condition).order_by("id")
        ids = list(matching.select_for_update().values_list("id", flat=True))
        if ids:
            _destroy(ids)
        record(Action.MEMORY_DELETE, by=by, deleted=len(ids))
        return len(ids)


def _destroy(ids: list[UUID]) -> None:
    message_ids = destroy_memories(ids, timezone.now())
    if message_ids:
        destroy_unused_messages(message_ids)
    journal_memories(ids)
