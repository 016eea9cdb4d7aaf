"""Deleting memories: their text goes from all versions, vectors and tokens, in one transaction."""

from uuid import UUID

from django.utils import timezone

from apps.audit.actions import Action
from apps.audit.domain import record, records_refusals
from apps.common.actor import Actor
from apps.common.errors import NotFound
from apps.isolation.compiled import Bind, Compiled
from apps.isolation.scope import tenant_scope
from apps.memories.conditions import Filter, OneOf
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
    """Destroy the text of every memory that the filter matches; answers how many there were."""
    prepare_journal()
    with tenant_scope(tenant_id):
        ids = _lock_matching(filters)
        if ids:
            destroy(ids)
        record(Action.MEMORY_DELETE, by=by, deleted=len(ids))
        return len(ids)


@records_refusals(Action.MEMORY_DELETE)
def delete_entity_memories(
    *, tenant_id: UUID, kind: EntityKind, external_id: str, by: Actor
) -> UUID:
    """Destroy the text of every memory that names this entity; answers the id of the event.

    There may be none, and there need be no such entity.
    """
    prepare_journal()
    with tenant_scope(tenant_id):
        ids = _lock_matching(OneOf(kind, (external_id,)))
        if ids:
            destroy(ids)
        return record(Action.MEMORY_DELETE, by=by, deleted=len(ids)).id


def _lock_matching(filters: Filter) -> list[UUID]:
    matching = Memory.objects.live().filter(compile_filter(filters)).order_by("id")
    return list(matching.select_for_update().values_list("id", flat=True))


def destroy(ids: list[UUID]) -> None:
    """In the caller's scope, whose rows are locked; call `prepare_journal` before it."""
    destroy_memories(ids, timezone.now())
    journal_memories(ids)
