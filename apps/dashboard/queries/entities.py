"""Entities with their sizes. Call inside the tenant's scope."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Count, IntegerField, Max, Min, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from apps.common.errors import NotFound
from apps.keys.queries import with_keys
from apps.memories.domain.entities import find_entities
from apps.memories.enums import EntityKind
from apps.memories.models import Entity, Memory

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

FIND_LIMIT = 100
SCAN_LIMIT = 50_000
ORDERS = {"use": ("-last_used_at", "-id"), "size": ("-memories", "-id")}

Sized = tuple[Entity, int]


def count_by_kind() -> dict[EntityKind, int]:
    rows = Entity.objects.order_by().values_list("kind").annotate(count=Count("id"))
    return {EntityKind(kind): count for kind, count in rows}


def list_page(kind: EntityKind, *, order: str, page: int, size: int) -> list[Sized]:
    """One statement; by size it counts the memories of every entity of the kind."""
    rows = with_sizes(Entity.objects.filter(kind=kind), kind).order_by(*ORDERS[order])
    first = (page - 1) * size
    return [sized(row) for row in with_keys(rows[first : first + size], owner="id")]


def find_by_text(kind: EntityKind, text: str) -> list[Sized]:
    """Entities whose id has these characters, the exact id first, then the last used.

    Ids are sealed, so the SCAN_LIMIT last used of the kind are opened, some 30 µs each. Three
    statements.
    """
    exact = [row.id for row in find_entities([(kind, text)]).values()]
    needle = text.casefold()
    rows = with_keys(
        Entity.objects.filter(kind=kind).order_by("-last_used_at")[:SCAN_LIMIT], owner="id"
    )
    found = [row for row in rows if needle in row.external_id.casefold()]
    found.sort(key=lambda row: row.id not in exact)
    counts = count_memories(kind, [row.id for row in found[:FIND_LIMIT]])
    return [(row, counts.get(row.id, 0)) for row in found[:FIND_LIMIT]]


def find_exact(text: str) -> list[Sized]:
    """Entities of any kind with exactly this id. One statement."""
    found = find_entities([(kind, text) for kind in EntityKind])
    return [(row, 0) for row in found.values()]


def get_entity(entity_id: UUID) -> Entity:
    """With its key; NotFound for another tenant's. One statement."""
    rows: Sequence[Entity] = with_keys(Entity.objects.filter(id=entity_id), owner="id")
    if not rows:
        raise NotFound("No entity has this id.")
    return rows[0]


def measure(entity: Entity) -> dict[str, Any]:
    """How many memories it has, and the times of the first and the last."""
    mine = Memory.objects.live().filter(**{f"{entity.kind}_id": entity.id})
    return mine.aggregate(memories=Count("id"), first=Min("created_at"), last=Max("created_at"))


def count_memories(kind: EntityKind, entity_ids: Iterable[UUID]) -> dict[UUID, int]:
    column = f"{kind.value}_id"
    rows = Memory.objects.live().filter(**{f"{column}__in": list(entity_ids)})
    return dict(rows.order_by().values_list(column).annotate(count=Count("id")))


def with_sizes(rows: QuerySet[Entity], kind: EntityKind) -> QuerySet[Any]:
    column = f"{kind.value}_id"
    mine = Memory.objects.live().filter(**{column: OuterRef("id")}).order_by()
    counts = mine.values(column).annotate(count=Count("id")).values("count")
    return rows.annotate(memories=Coalesce(Subquery(counts, output_field=IntegerField()), 0))


def sized(row: Any) -> Sized:
    return row, row.memories
