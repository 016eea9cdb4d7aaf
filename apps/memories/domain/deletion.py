"""Deleting memories: text, vectors, tokens and the messages behind them, in one transaction."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils import timezone

from apps.audit.actions import Action
from apps.audit.domain import record, records_refusals
from apps.common.actor import Actor
from apps.common.errors import Conflict, NotFound
from apps.isolation.compiled import Bind, Compiled
from apps.isolation.scope import tenant_scope
from apps.memories.conditions import Filter, OneOf, names_only_entities
from apps.memories.domain.jobs import cancel_jobs, destroy_unused_messages
from apps.memories.domain.journal import Erased, journal, prepare_journal
from apps.memories.domain.telling import tell_of_deletes
from apps.memories.enums import EntityKind
from apps.memories.flags import KEEPING, mark_flagged
from apps.memories.models import Memory
from apps.memories.scoping import compile_filter
from apps.memories.store import destroy_memories
from apps.memories.usage import Use, count_use

if TYPE_CHECKING:
    from django.db.models import QuerySet

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
    with tenant_scope(tenant_id, plans_once=True):
        found = _lock_memory(memory_id=memory_id)
        if not found:
            raise NotFound("Memory not found!")
        _refuse_kept(found)
        destroy([memory_id])
        record(Action.MEMORY_DELETE, by=by, target_id=memory_id, deleted=1)


@records_refusals(Action.MEMORY_DELETE)
def delete_memories(*, tenant_id: UUID, filters: Filter, by: Actor) -> int:
    """Destroy the text of every memory that the filter matches; answers how many there were.

    Conflict, and nothing is deleted, where one is under a legal hold or a restriction. A filter of
    entities alone ends their unfinished jobs too: what was sent comes to nothing.
    """
    prepare_journal()
    with tenant_scope(tenant_id, plans_once=True):
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

    There may be none, and there need be no such entity. Its unfinished jobs end. Refuses what
    `delete_memories` refuses.
    """
    prepare_journal()
    with tenant_scope(tenant_id, plans_once=True):
        ids = _lock_matching(OneOf(kind, (external_id,)), by)
        if ids:
            destroy(ids)
        return record(Action.MEMORY_DELETE, by=by, deleted=len(ids)).id


def _lock_matching(filters: Filter, by: Actor) -> list[UUID]:
    condition = compile_filter(filters)
    if names_only_entities(filters):
        cancel_jobs(condition, by=by)  # before the memories: workers lock in this order
    return lock_deletable(Memory.objects.live().filter(condition))


def lock_deletable(rows: "QuerySet[Memory]") -> list[UUID]:
    """Their ids, held until the commit; Conflict where one must be kept."""
    rows = rows.order_by("id").select_for_update()
    found = mark_flagged(rows, is_kept=KEEPING).only("id")
    _refuse_kept(found)
    return [row.id for row in found]


def _refuse_kept(found: Iterable[Memory]) -> None:
    if kept := sum(bool(row.is_kept) for row in found):
        raise Conflict(
            f"{kept} of these memories are under a legal hold or a restriction, so nothing was"
            " deleted."
        )


def destroy(ids: list[UUID]) -> None:
    """In the caller's scope, whose rows are locked; call `prepare_journal` before it."""
    message_ids = destroy_memories(ids, timezone.now())
    if message_ids:
        journal(Erased.MESSAGE, destroy_unused_messages(message_ids))
    journal(Erased.MEMORY, ids)
    tell_of_deletes(ids)
    count_use(Use.DELETES, len(ids))


def let_go_of_replaced(ids: list[UUID], *, by: Actor) -> None:
    """Part of an erasure: nothing that stays names one of these memories as its successor.

    What it had replaced is replaced by what came after it; where nothing did, it is destroyed as
    a delete would: nobody recalls it any more, and it must not come back as if it still held.
    """
    successors = dict(Memory.objects.filter(id__in=ids).values_list("id", "replaced_by"))
    rows = Memory.objects.filter(replaced_by__in=ids).exclude(id__in=ids).order_by("id")
    held = dict(rows.select_for_update().values_list("id", "replaced_by"))
    ends = {row_id: _follow(successors, gone) for row_id, gone in held.items()}
    for end in set(ends.values()):
        moved = [row_id for row_id, each in ends.items() if each == end]
        Memory.objects.filter(id__in=moved).update(replaced_by=end)
    orphans = [row_id for row_id, end in ends.items() if end is None]
    live = list(Memory.objects.live().filter(id__in=orphans).values_list("id", flat=True))
    if live:
        destroy(live)
        record(Action.MEMORY_DELETE, by=by, deleted=len(live))


def _follow(successors: Mapping[UUID, UUID | None], memory_id: UUID | None) -> UUID | None:
    while memory_id is not None and memory_id in successors:
        memory_id = successors[memory_id]
    return memory_id
