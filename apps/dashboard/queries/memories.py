"""Memories of an entity page by page, and one with what is left of it. Call inside the scope."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet, TextChoices

from apps.common.errors import NotFound
from apps.keys.queries import with_keys
from apps.memories.models import Memory
from apps.memories.queries import NEWEST_FIRST, open_memories
from apps.memories.scoping import compile_filter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

    from apps.memories.conditions import Filter

PAGE_SIZE = 50
OLDEST_FIRST = ("created_at", "id")


class MemoryState(TextChoices):
    LIVE = "live", "live"
    SUPERSEDED = "superseded", "superseded"
    EXPIRED = "expired", "expired"
    DELETED = "deleted", "deleted"


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
    return take_page(mine, before=before, after=after)


def list_filtered(
    tree: Filter | None,
    state: MemoryState,
    *,
    today: date,
    before: UUID | None = None,
    after: UUID | None = None,
) -> MemoryPage:
    """One page of the tenant's memories, with the names of their entities. Three statements.

    Invalid where the filter asks too many for what is sealed: see `shape_filter`.
    """
    rows = in_state(state, today)
    page = take_page(
        rows.filter(compile_filter(tree)) if tree else rows, before=before, after=after
    )
    open_memories(page.rows)
    return page


def in_state(state: MemoryState, today: date) -> QuerySet[Memory]:
    is_expired = Q(expires_on__lt=today)
    rows: dict[MemoryState, QuerySet[Memory]] = {
        MemoryState.LIVE: Memory.objects.current().exclude(is_expired),
        MemoryState.EXPIRED: Memory.objects.current().filter(is_expired),
        MemoryState.SUPERSEDED: Memory.objects.live().exclude(replaced_by=None),
        MemoryState.DELETED: Memory.objects.exclude(deleted_at=None),
    }
    return rows[state]


def take_page(mine: QuerySet[Memory], *, before: UUID | None, after: UUID | None) -> MemoryPage:
    if after:
        rows = take(mine.filter(newer_than(after)).order_by(*OLDEST_FIRST))
        return MemoryPage(rows[:PAGE_SIZE][::-1], len(rows) > PAGE_SIZE, has_older=True)
    if before:
        mine = mine.filter(older_than(before))
    rows = take(mine.order_by(*NEWEST_FIRST))
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


def get_memory_or_tombstone(memory_id: UUID) -> Memory:
    """Also one whose text is destroyed; NotFound for another tenant's. Two statements."""
    found = open_memories(with_keys(Memory.objects.filter(id=memory_id)))
    if not found:
        raise NotFound("No memory has this id.")
    return found[0]
