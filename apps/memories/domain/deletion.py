"""Deleting memories: their text goes from all versions, vectors and tokens, in one transaction."""

from collections.abc import Iterable
from uuid import UUID

from django.utils import timezone

from apps.audit.actions import Action
from apps.audit.domain import record, records_refusals
from apps.common.actor import Actor
from apps.common.errors import Conflict, NotFound
from apps.isolation.compiled import Bind, Compiled
from apps.isolation.scope import tenant_scope
from apps.memories.domain.journal import journal_memories, prepare_journal
from apps.memories.filters import Filter
from apps.memories.flags import KEEPING, mark_flagged
from apps.memories.models import Memory
from apps.memories.scoping import compile_filter
from apps.memories.store import destroy_memories

_lock_memory = Compiled(
    lambda: mark_flagged(
        Memory.objects.live().filter(id=Bind("memory_id")).select_for_update(), is_kept=KEEPING
    ).only("id")
)


@records_refusals(Action.MEMORY_DELETE, target="memory_id")
def delete_memory(*, tenant_id: UUID, memory_id: UUID, by: Actor) -> None:
    """Destroy one memory's text. NotFound if it is gone or was never there.

    Conflict under a legal hold or a restriction.
    """
    prepare_journal()
    with tenant_scope(tenant_id):
        found = _lock_memory(memory_id=memory_id)
        if not found:
            raise NotFound("Memory not found!")
        _refuse_kept(found)
        _destroy([memory_id])
        record(Action.MEMORY_DELETE, by=by, target_id=memory_id, deleted=1)


@records_refusals(Action.MEMORY_DELETE)
def delete_memories(*, tenant_id: UUID, filters: Filter, by: Actor) -> int:
    """Destroy the text of every memory that the filter matches; answers how many there were.

    Conflict, and nothing is deleted, where one is under a legal hold or a restriction.
    """
    prepare_journal()
    with tenant_scope(tenant_id):
        condition = compile_filter(filters)
        matching = Memory.objects.live().filter(condition).order_by("id").select_for_update()
        found = mark_flagged(matching, is_kept=KEEPING).only("id")
        ids = [row.id for row in found]
        _refuse_kept(found)
        if ids:
            _destroy(ids)
        record(Action.MEMORY_DELETE, by=by, deleted=len(ids))
        return len(ids)


def _refuse_kept(found: Iterable[Memory]) -> None:
    if kept := sum(bool(row.is_kept) for row in found):
        raise Conflict(
            f"{kept} of these memories are under a legal hold or a restriction, so nothing was"
            " deleted."
        )


def _destroy(ids: list[UUID]) -> None:
    destroy_memories(ids, timezone.now())
    journal_memories(ids)
