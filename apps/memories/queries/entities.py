"""Reading entities, and how many memories each has. Everything here needs an open scope."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, QuerySet

from apps.common.errors import NotFound
from apps.common.ids import make_number
from apps.isolation.compiled import Bind, Compiled, IsAnyOf
from apps.keys.models import EntityKey
from apps.keys.queries import annotate_keys, remember_keys, with_keys
from apps.keys.ring import current_ring
from apps.keys.tokens import make_token
from apps.memories.enums import EntityKind
from apps.memories.models import Entity, Memory

EntityName = tuple[EntityKind, str]

LATEST = 200
OPENED_AT_ONCE = 500

_entities_by_token = Compiled(
    lambda: annotate_keys(Entity.objects.filter(IsAnyOf(F("token"), Bind("tokens"))), owner="id")
)
_entities_by_id = Compiled(
    lambda: annotate_keys(Entity.objects.filter(IsAnyOf(F("id"), Bind("ids"))), owner="id")
)
_names_of_kind = Compiled(
    lambda: (
        Entity.objects.filter(kind=Bind("kind"))
        .order_by("-last_used_at", "-id")
        .annotate(entity=F("id"), sealed=F("external_id"))
        .values_list("entity", "sealed")
    )
)
_keys_of_kind = Compiled(
    lambda: (
        EntityKey.objects.filter(id__in=Entity.objects.filter(kind=Bind("kind")).values("id"))
        .exclude(wrapped=None)
        .annotate(entity=F("id"), key=F("wrapped"))
        .values_list("entity", "key")
    )
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


def read_entities(ids: Iterable[UUID]) -> list[Entity]:
    """Those of these ids whose key is there, open."""
    return _readable(find_entities_by_id(ids))


def find_entities_by_id(entity_ids: Iterable[UUID]) -> list[Entity]:
    """Those of these that exist, open; one whose key is destroyed without its external id."""
    ids = list(entity_ids)
    rows = _entities_by_id(ids=ids) if ids else []
    remember_keys(rows)
    for row in rows:
        _ = row.external_id, row.speakers
    return rows


def find_entity_by_number(kind: EntityKind, number: int) -> Entity | None:
    """The entity with this number, open. Looks at every id of the kind: for old clients only."""
    ids = Entity.objects.filter(kind=kind).values_list("id", flat=True)
    found = [entity_id for entity_id in ids if make_number(entity_id) == number]
    return next(iter(read_entities(found)), None)


def list_entities(
    *,
    kinds: Sequence[EntityKind] = tuple(EntityKind),
    by_size: bool = False,
    offset: int = 0,
    limit: int,
) -> list[EntitySize]:
    """Entities with the number of their memories, last used first or largest first.

    Two statements, and one for the sizes of each kind on the page. Those in front of the page are
    passed one by one, by use; by size all memories of these kinds are counted by an index.
    """
    ids = _rank_entities([_by_size(k) if by_size else _by_use(k) for k in kinds], offset, limit)
    found = {row.id: row for row in with_keys(Entity.objects.filter(id__in=ids), owner="id")}
    page = _readable(found[id_] for id_ in ids)
    sizes = count_memories(page)
    return [EntitySize(row, sizes.get(row.id, 0)) for row in page]


def search_entities(*, kind: EntityKind, part: str, limit: int) -> list[EntitySize]:
    """Entities whose external id contains this, ignoring case; an exact match comes first.

    External ids are encrypted: the exact one is one look-up, a part opens every id of the kind.
    """
    part = part.strip()
    exact = find_entities([(kind, part)]).values()
    ids = dict.fromkeys([*(row.id for row in exact), *islice(_find_by_part(kind, part), limit)])
    rows = {row.id: row for row in find_entities_by_id(ids)}
    found = _readable(rows[id_] for id_ in ids if id_ in rows)[:limit]
    sizes = count_memories(found)
    return [EntitySize(row, sizes.get(row.id, 0)) for row in found]


def find_used(part: str, *, limit: int) -> list[Entity]:
    """Entities of this id, and those among the last used whose id contains it. Two statements."""
    exact = find_entities([(kind, part) for kind in EntityKind]).values()
    latest = Entity.objects.order_by("-last_used_at", "-id")[:LATEST]
    word, known = part.casefold(), {row.id for row in exact}
    others = [
        row
        for row in _readable(with_keys(latest, owner="id"))
        if word in row.external_id.casefold() and row.id not in known
    ]
    return [*_readable(exact), *others][:limit]


def count_entities() -> dict[EntityKind, int]:
    """How many have memories, of each kind. One statement, of one look into each kind's index."""
    first, *others = map(_count_kept, EntityKind)
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


def name_entities(memories: Sequence[Memory], known: Iterable[Entity]) -> None:
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


def _find_by_part(kind: EntityKind, part: str) -> Iterator[UUID]:
    """The last used first. All names of the kind are read; each is opened when it is its turn."""
    word, ring, field = part.casefold(), current_ring(), Entity._meta.get_field("external_id")
    keys = dict(_keys_of_kind(kind=kind.value))
    rows = [row for row in _names_of_kind(kind=kind.value) if row[0] in keys]
    for start in range(0, len(rows), OPENED_AT_ONCE):
        some = rows[start : start + OPENED_AT_ONCE]
        ring.remember({entity_id: keys[entity_id] for entity_id, _ in some})
        for entity_id, name in field.open_own(some):
            if word in name.casefold():
                yield entity_id


def _count_kept(kind: EntityKind) -> Any:
    rows = _kept_entities(kind).order_by().values_list("kind")
    return rows.annotate(Count("id"))


def _kept_entities(kind: EntityKind) -> "QuerySet[Entity]":
    """Those of this kind that still have a live memory."""
    of_kind = Memory.objects.live().filter(**{kind.value: OuterRef("pk")})
    return Entity.objects.filter(Exists(of_kind), kind=kind)


def _by_use(kind: EntityKind) -> Any:
    kept = _kept_entities(kind).annotate(entity=F("id"), rank=F("last_used_at"))
    return kept.values_list("entity", "rank")


def _by_size(kind: EntityKind) -> Any:
    named = Memory.objects.live().filter(**{f"{kind.value}__isnull": False})
    groups = named.annotate(entity=F(f"{kind.value}_id")).values_list("entity")
    return groups.annotate(rank=Count("id"))


def _rank_entities(kinds: Sequence[Any], offset: int, limit: int) -> list[UUID]:
    """The ids that stand in these places. One statement, of one look into each kind's index."""
    order = ("-rank", "-entity")
    first, *others = (rows.order_by(*order)[: offset + limit] for rows in kinds)
    ranked = first.union(*others, all=True).order_by(*order) if others else first
    return [entity_id for entity_id, _ in ranked[offset : offset + limit]]


def _count(rows: "QuerySet[Memory]", kind: str) -> dict[UUID, int]:
    return dict(rows.values_list(f"{kind}_id").annotate(Count("id")).order_by())


def _readable(entities: Iterable[Entity]) -> list[Entity]:
    """Open them; without those whose key is destroyed."""
    opened = [(entity, entity.external_id, entity.about) for entity in entities]
    return [entity for entity, external_id, _ in opened if external_id is not None]


def _names(entities: Iterable[Entity]) -> dict[UUID | None, str]:
    return {entity.id: entity.external_id for entity in _readable(entities)}
