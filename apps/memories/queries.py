"""Reading entities and memories. Everything here needs an open scope."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from apps.common.errors import NotFound
from apps.isolation.compiled import Bind, Compiled, IsAnyOf
from apps.keys.queries import annotate_keys, load_keys, remember_keys, with_keys
from apps.keys.ring import current_ring
from apps.keys.tokens import make_token
from apps.memories.enums import EntityKind
from apps.memories.models import Entity, Memory, Version

EntityName = tuple[EntityKind, str]

NEWEST_FIRST = ("-created_at", "-id")
OWNER_NAME = "owner_name"

_entities_by_token = Compiled(
    lambda: annotate_keys(Entity.objects.filter(IsAnyOf(F("token"), Bind("tokens"))), owner="id")
)
_entities_by_id = Compiled(
    lambda: annotate_keys(Entity.objects.filter(IsAnyOf(F("id"), Bind("ids"))), owner="id")
)
_memories_by_id = Compiled(lambda: Memory.objects.filter(IsAnyOf(F("id"), Bind("ids"))))
_memory_with_owner = Compiled(
    lambda: annotate_keys(_annotate_owner(Memory.objects.filter(id=Bind("memory_id"))))
)
_owner_of_memory = Compiled(
    lambda: annotate_keys(
        Entity.objects.filter(
            id__in=Memory.objects.live().filter(id=Bind("memory_id")).values("key_owner")
        ),
        owner="id",
    )
)
_versions_of_memory = Compiled(
    lambda: annotate_keys(Version.objects.filter(memory=Bind("memory_id")).order_by("number"))
)


@dataclass(frozen=True, slots=True)
class EntitySize:
    entity: Entity
    memories: int


def make_entity_token(kind: EntityKind, external_id: str) -> bytes:
    return make_token("entity", kind.encode(), external_id.encode())


def find_entities(names: Iterable[EntityName]) -> dict[EntityName, Entity]:
    """The entities that exist, open, by kind and external id. One statement.

    One whose key is destroyed is among them, without an external id: its rows can be deleted.
    """
    by_token = {make_entity_token(*name): name for name in names}
    if not by_token:
        return {}
    rows = _entities_by_token(tokens=list(by_token))
    remember_keys(rows)
    for row in rows:
        _ = row.external_id
    return {by_token[bytes(row.token)]: row for row in rows}


def get_entity(entity_id: UUID) -> Entity:
    """The entity, open; NotFound if there is none or its key is destroyed."""
    rows = _entities_by_id(ids=[entity_id])
    remember_keys(rows)
    if not rows or rows[0].external_id is None:
        raise NotFound("Entity not found!")
    return rows[0]


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

    One statement; a second one where it names other entities than its key's owner.
    """
    rows = _memory_with_owner(memory_id=memory_id)
    if not rows:
        raise NotFound("Memory not found!")
    remember_keys(rows)
    owner = Entity(id=rows[0].key_owner_id, external_id=getattr(rows[0], OWNER_NAME))
    is_readable = owner.id in current_ring().entity_keys
    return open_memories(rows, known=[owner] if is_readable else [])[0]


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
    for memory in memories:
        _ = memory.text, memory.metadata, memory.categories, memory.speaker
    _name_entities(memories, known)
    return list(memories)


def read_memories(ids: Sequence[UUID], known: Iterable[Entity] = ()) -> list[Memory]:
    """The memories with these ids, live or deleted, open."""
    rows = _memories_by_id(ids=list(ids))
    load_keys(rows)
    return open_memories(rows, known)


def list_versions(memory_id: UUID) -> list[Version]:
    """All versions in their order, open. One statement."""
    rows = _versions_of_memory(memory_id=memory_id)
    remember_keys(rows)
    for row in rows:
        _ = row.text, row.metadata
    return rows


def list_entities(
    *,
    kinds: Sequence[EntityKind] = tuple(EntityKind),
    by_size: bool = False,
    offset: int = 0,
    limit: int,
) -> list[EntitySize]:
    """Entities with the number of their memories, last used first or largest first.

    Two statements by last use; by size one that counts all memories of these kinds.
    """
    rows = _kept_entities(kinds)
    if not by_size:
        page = with_keys(rows.order_by("-last_used_at", "-id")[offset : offset + limit], owner="id")
        sizes = count_memories(page)
        return [EntitySize(row, sizes.get(row.id, 0)) for row in _readable(page)]
    sizes = {id_: count for kind in kinds for id_, count in _count_all(kind).items()}
    ids = list(rows.values_list("id", flat=True))
    largest = sorted(ids, key=lambda id_: (-sizes.get(id_, 0), id_))[offset : offset + limit]
    found = {row.id: row for row in with_keys(rows.filter(id__in=largest), owner="id")}
    page = [found[id_] for id_ in largest]
    return [EntitySize(row, sizes.get(row.id, 0)) for row in _readable(page)]


def search_entities(*, kind: EntityKind, part: str, limit: int) -> list[EntitySize]:
    """Entities whose external id contains this, ignoring case; an exact match comes first.

    External ids are encrypted: the exact one is one look-up, a part opens every id of the kind.
    """
    part = part.strip()
    exact = list(find_entities([(kind, part)]).values())
    rows = with_keys(Entity.objects.filter(kind=kind).order_by("-last_used_at"), owner="id")
    word, known = part.casefold(), {row.id for row in exact}
    others = [
        row for row in _readable(rows) if word in row.external_id.casefold() and row.id not in known
    ]
    found = [*_readable(exact), *others][:limit]
    sizes = count_memories(found)
    return [EntitySize(row, sizes.get(row.id, 0)) for row in found]


def count_entities() -> dict[EntityKind, int]:
    """How many have memories, of each kind. One statement."""
    first, *others = (
        _kept_entities([kind]).order_by().values_list("kind").annotate(Count("id"))
        for kind in EntityKind
    )
    counts = first.union(*others, all=True)
    return dict.fromkeys(EntityKind, 0) | {EntityKind(kind): count for kind, count in counts}


def count_memories(entities: Iterable[Entity]) -> dict[UUID, int]:
    """Live memories of each of these entities. One statement a kind among them."""
    ids: dict[str, list[UUID]] = {}
    for entity in entities:
        ids.setdefault(entity.kind, []).append(entity.id)
    counts: dict[UUID, int] = {}
    for kind, members in ids.items():
        counts |= _count(Memory.objects.live().filter(**{f"{kind}__in": members}), kind)
    return counts


def _annotate_owner(rows: "QuerySet[Memory]") -> "QuerySet[Memory]":
    owner = Entity.objects.filter(id=OuterRef("key_owner_id")).values("external_id")
    return rows.annotate(**{OWNER_NAME: Subquery(owner)})


def _name_entities(memories: Sequence[Memory], known: Iterable[Entity]) -> None:
    """Set `entity_names` on each memory."""
    names = _names(known)
    alike: dict[tuple[UUID | None, ...], list[Memory]] = {}
    for memory in memories:
        alike.setdefault(memory.all_entity_ids, []).append(memory)
    missing = {entity_id for ids in alike for entity_id in ids if entity_id} - names.keys()
    if missing:
        rows = _entities_by_id(ids=list(missing))
        remember_keys(rows)
        names |= _names(rows)
    for ids, members in alike.items():
        pairs = zip(EntityKind, ids, strict=True)
        entity_names = {kind: names[id_] for kind, id_ in pairs if id_ in names}
        for memory in members:
            memory.entity_names = entity_names


def _kept_entities(kinds: Sequence[EntityKind]) -> "QuerySet[Entity]":
    """Those of these kinds that still have a live memory. Of one kind it is one semi-join."""
    condition = Q()
    for kind in kinds:
        of_kind = Memory.objects.live().filter(**{kind.value: OuterRef("pk")})
        condition |= Q(Exists(of_kind), kind=kind)
    return Entity.objects.filter(condition)


def _count_all(kind: EntityKind) -> dict[UUID, int]:
    return _count(Memory.objects.live().filter(**{f"{kind.value}__isnull": False}), kind.value)


def _count(rows: "QuerySet[Memory]", kind: str) -> dict[UUID, int]:
    return dict(rows.values_list(f"{kind}_id").annotate(Count("id")).order_by())


def _readable(entities: Iterable[Entity]) -> list[Entity]:
    """Open them; without those whose key is destroyed."""
    return [entity for entity in entities if entity.external_id is not None]


def _names(entities: Iterable[Entity]) -> dict[UUID | None, str]:
    return {entity.id: entity.external_id for entity in _readable(entities)}
