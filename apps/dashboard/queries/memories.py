"""Memories of an entity, newest first, and one with its versions. Call inside the scope."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from apps.common.errors import NotFound
from apps.keys.queries import with_keys
from apps.memories.models import Entity, Memory, Version

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

PAGE_SIZE = 50
KINDS = ("user", "agent", "app", "run")


@dataclass(frozen=True, slots=True)
class MemoryPage:
    rows: Sequence[Memory]
    has_newer: bool = False
    has_older: bool = False


def list_of_entity(
    kind: str, entity_id: UUID, *, before: UUID | None = None, after: UUID | None = None
) -> MemoryPage:
    """One page by keyset, without counting. One statement, two from the second page on."""
    mine = Memory.objects.live().filter(**{f"{kind}_id": entity_id})
    if after:
        rows = take(mine.filter(newer_than(after)).order_by("created_at", "id"))
        return MemoryPage(rows[:PAGE_SIZE][::-1], len(rows) > PAGE_SIZE, has_older=True)
    if before:
        mine = mine.filter(older_than(before))
    rows = take(mine.order_by("-created_at", "-id"))
    return MemoryPage(rows[:PAGE_SIZE], bool(before), len(rows) > PAGE_SIZE)


def take(rows: Any) -> list[Memory]:
    return with_keys(rows[: PAGE_SIZE + 1])


def newer_than(memory_id: UUID) -> Q:
    at = created_at(memory_id)
    return Q(created_at__gt=at) | Q(created_at=at, id__gt=memory_id)


def older_than(memory_id: UUID) -> Q:
    at = created_at(memory_id)
    return Q(created_at__lt=at) | Q(created_at=at, id__lt=memory_id)


def created_at(memory_id: UUID) -> Any:
    at = Memory.objects.filter(id=memory_id).values_list("created_at", flat=True).first()
    if at is None:
        raise NotFound("No memory has this id.")
    return at


def get_memory(memory_id: UUID) -> Memory:
    """With its key, also when its text is destroyed; NotFound for another tenant's."""
    rows: list[Memory] = with_keys(Memory.objects.filter(id=memory_id))
    if not rows:
        raise NotFound("No memory has this id.")
    return rows[0]


def list_versions(memory: Memory) -> list[Version]:
    return with_keys(Version.objects.filter(memory_id=memory.id).order_by("number"))


def list_owners(memory: Memory) -> list[Entity]:
    """The entities it belongs to, the owner of its key first."""
    ids = [getattr(memory, f"{kind}_id") for kind in KINDS]
    rows: list[Entity] = with_keys(Entity.objects.filter(id__in=filter(None, ids)), owner="id")
    return sorted(rows, key=lambda row: KINDS.index(row.kind))
