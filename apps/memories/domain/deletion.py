"""Deleting memories: text, vectors, tokens and the messages behind them, in one transaction."""

from uuid import UUID

from django.utils import timezone

from apps.audit.actions import Action
from apps.audit.domain import record, records_refusals
from apps.common.actor import Actor
from apps.common.errors import NotFound
from apps.isolation.compiled import Bind, Compiled
from apps.isolation.scope import tenant_scope
from apps.memories.conditions import Filter, OneOf, names_only_entities
from apps.memories.domain.jobs import cancel_jobs, destroy_unused_messages
from apps.memories.domain.journal import journal_memories, prepare_journal
from apps.memories.enums import EntityKind
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
        destroy([memory_id])
        record(Action.MEMORY_DELETE, by=by, target_id=memory_id, deleted=1)


@records_refusals(Action.MEMORY_DELETE)
def delete_memories(*, tenant_id: UUID, filters: Filter, by: Actor) -> int:
    """Destroy the text of every memory that the filter matches; answers how many there were.

    A filter of entities alone ends their unfinished jobs too: what was sent comes to nothing.
    """
    prepare_journal()
    with tenant_scope(tenant_id):
        ids = _lock_matching(filters, by)
        if ids:
            destroy(ids)
        record(Action.MEMORY_DELETE, by=by, deleted=len(ids))
        return len(ids)


@records_refusals(Action.MEMORY_DELETE)
def delete_entity_memories(
    *, tenant_id: UUID, kind: EntityKind, external_id: str, by: Actor
) -> UUID:
    """Destroy the text of every memory that names this entity; answers the id of the event.

    There may be none, and there need be no such entity. Its unfinished jobs end.
    """
    prepare_journal()
    with tenant_scope(tenant_id):
        ids = _lock_matching(OneOf(kind, (external_id,)), by)
        if ids:
            destroy(ids)
        return record(Action.MEMORY_DELETE, by=by, deleted=len(ids)).id


def _lock_matching(filters: Filter, by: Actor) -> list[UUID]:
    condition = compile_filter(filters)
    if names_only_entities(filters):
        cancel_jobs(condition, by=by)  # before the memories: workers lock in this order
    matching = Memory.objects.live().filter(condition).order_by("id")
    return list(matching.select_for_update().values_list("id", flat=True))


def destroy(ids: list[UUID]) -> None:
    """In the caller's scope, whose rows are locked; call `prepare_journal` before it."""
    message_ids = destroy_memories(ids, timezone.now())
    if message_ids:
        destroy_unused_messages(message_ids)
    journal_memories(ids)
