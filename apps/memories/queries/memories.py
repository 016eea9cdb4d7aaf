"""Reading memories, with the names of their entities. Everything here needs an open scope."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models import F, OuterRef, QuerySet, Subquery

from apps.common.errors import Forbidden, NotFound
from apps.isolation.compiled import Bind, Compiled, IsAnyOf
from apps.keys.queries import annotate_keys, load_keys, open_rows, remember_keys
from apps.keys.ring import current_ring
from apps.memories.enums import EntityFlag
from apps.memories.flags import is_flagged, mark_flagged
from apps.memories.models import Entity, Memory
from apps.memories.queries.entities import name_entities

NEWEST_FIRST = ("-created_at", "-id")
OWNER_NAME = "owner_name"
RESTRICTED = (EntityFlag.RESTRICTED,)

_memories_by_id = Compiled(lambda: Memory.objects.filter(IsAnyOf(F("id"), Bind("ids"))))
_memory_with_owner = Compiled(
    lambda: annotate_keys(
        _annotate_owner(
            mark_flagged(Memory.objects.filter(id=Bind("memory_id")), is_restricted=RESTRICTED)
        )
    )
)
_owner_of_memory = Compiled(
    lambda: annotate_keys(
        Entity.objects.filter(
            id__in=Memory.objects.live().filter(id=Bind("memory_id")).values("key_owner")
        ),
        owner="id",
    )
)


def get_memory(memory_id: UUID) -> Memory:
    """The live memory, open, with the names of its entities.

    NotFound if there is none, and if the key of its entity is destroyed.
    """
    memory = get_any_memory(memory_id)
    if memory.text is None:
        raise NotFound("Memory not found!")
    return memory


def get_any_memory(memory_id: UUID) -> Memory:
    """The memory, live or deleted, for its history; NotFound if there never was one.

    Forbidden while one of its entities is restricted.

    One statement; a second one where it names other entities than its key's owner.
    """
    rows = _memory_with_owner(memory_id=memory_id)
    if not rows:
        raise NotFound("Memory not found!")
    refuse_restricted(rows[0])
    remember_keys(rows)
    owner = Entity(id=rows[0].key_owner_id, external_id=getattr(rows[0], OWNER_NAME))
    is_readable = owner.id in current_ring().entity_keys
    return open_memories(rows, known=[owner] if is_readable else [])[0]


def refuse_restricted(memory: Memory) -> None:
    """Forbidden where the memory was read with the mark `is_restricted`, and it is."""
    if memory.is_restricted:
        raise Forbidden("This memory is restricted on the request of the person it is about.")


def get_owner(memory_id: UUID) -> Entity:
    """The entity that owns the key of this live memory, open; NotFound if there is none."""
    rows = _owner_of_memory(memory_id=memory_id)
    if not rows:
        raise NotFound("Memory not found!")
    remember_keys(rows)
    _ = rows[0].external_id, rows[0].speakers
    return rows[0]


def open_memories(memories: Sequence[Memory], known: Iterable[Entity] = ()) -> list[Memory]:
    """The same with everything sealed opened and their entities named.

    No statement where their keys are in the ring and their entities are among the known.
    """
    open_rows(memories)
    name_entities(memories, known)
    return list(memories)


def read_memories(ids: Sequence[UUID], known: Iterable[Entity] = ()) -> list[Memory]:
    """The memories with these ids, live or deleted, open."""
    return open_memories(load_memories(ids), known)


def read_visible_memories(ids: Iterable[UUID]) -> list[Memory]:
    """The same without the restricted ones."""
    rows = list(Memory.objects.filter(id__in=list(ids)).exclude(is_flagged(*RESTRICTED)))
    load_keys(rows)
    return open_memories(rows)


def load_memories(ids: Sequence[UUID]) -> list[Memory]:
    """The memories with these ids, sealed, their keys in the ring; blank without a key."""
    rows = _memories_by_id(ids=list(ids))
    load_keys(rows)
    return rows


def _annotate_owner(rows: "QuerySet[Memory]") -> "QuerySet[Memory]":
    owner = Entity.objects.filter(id=OuterRef("key_owner_id")).values("external_id")
    return rows.annotate(**{OWNER_NAME: Subquery(owner)})
