"""Memories page by page, and one with what is left of it. Call inside the scope."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Q, TextChoices

from apps.common.errors import NotFound
from apps.dashboard.presenters.text import midnight
from apps.keys.queries import with_keys
from apps.memories.conditions import find_sealed
from apps.memories.flags import is_flagged, mark_flagged
from apps.memories.models import Memory
from apps.memories.queries.memories import NEWEST_FIRST, RESTRICTED, open_memories
from apps.memories.scoping import Sieve, compile_filter, make_sieve

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

    from django.db.models import QuerySet

    from apps.memories.conditions import Filter

PAGE_SIZE = 50
FIRST_OPENED, MOST_OPENED = 100, 500  # memories, for one page of a filter of what is sealed
OLDEST_FIRST = ("created_at", "id")


class MemoryState(TextChoices):
    LIVE = "live", "live"
    SUPERSEDED = "superseded", "superseded"
    EXPIRED = "expired", "expired"
    DELETED = "deleted", "deleted"


@dataclass(frozen=True, slots=True)
class MemoryPage:
    """`ends` are the ids between which it lies, where those are not its first and last row.

    Of a filter of what is sealed `opened` says how many memories were looked into.
    """

    rows: Sequence[Memory]
    has_newer: bool = False
    has_older: bool = False
    ends: tuple[UUID, UUID] | None = None
    opened: int = 0

    @property
    def newer(self) -> UUID | None:
        """The next page is that after this id; None where there is none."""
        return self._ends[0] if self._ends and self.has_newer else None

    @property
    def older(self) -> UUID | None:
        return self._ends[1] if self._ends and self.has_older else None

    @property
    def _ends(self) -> tuple[UUID, UUID] | None:
        return self.ends or ((self.rows[0].id, self.rows[-1].id) if self.rows else None)


@dataclass(frozen=True, slots=True)
class Days:
    """Memories that are dated between two days; None is open."""

    since: date | None = None
    until: date | None = None

    @property
    def is_set(self) -> bool:
        return bool(self.since or self.until)

    def narrow(self, rows: QuerySet[Memory]) -> QuerySet[Memory]:
        if self.since:
            rows = rows.filter(created_at__gte=midnight(self.since))
        if self.until:
            rows = rows.filter(created_at__lt=midnight(self.until) + timedelta(days=1))
        return rows


EVER = Days()


def count_of_entity(kind: str, entity_id: UUID, days: Days) -> int:
    return days.narrow(Memory.objects.live().filter(**{f"{kind}_id": entity_id})).count()


def list_of_entity(
    kind: str,
    entity_id: UUID,
    *,
    days: Days = EVER,
    before: UUID | None = None,
    after: UUID | None = None,
) -> MemoryPage:
    """One page by keyset, without counting. One statement, two from the second page on."""
    mine = days.narrow(Memory.objects.live().filter(**{f"{kind}_id": entity_id}))
    return take_page(mine, before=before, after=after)


def list_filtered(
    tree: Filter | None,
    state: MemoryState,
    *,
    today: date,
    before: UUID | None = None,
    after: UUID | None = None,
) -> MemoryPage:
    """One page of the tenant's memories, with the names of their entities. Four statements.

    Each is marked `is_restricted`; a filter of what is sealed looks into no restricted one. It
    looks into MOST_OPENED at most, so that a page may hold fewer than there is room for.
    """
    rows = mark_flagged(in_state(state, today), is_restricted=RESTRICTED)
    if tree and find_sealed(tree):
        rows = rows.exclude(is_flagged(*RESTRICTED))
        page = sift_page(rows, make_sieve(tree), before=before, after=after)
    else:
        rows = rows.filter(compile_filter(tree)) if tree else rows
        page = take_page(rows, before=before, after=after)
    open_memories(page.rows)
    return page


def select_filtered(tree: Filter | None, state: MemoryState, *, today: date) -> QuerySet[Memory]:
    """What the pages of this list show, one after the other.

    Invalid where the filter asks too many for what is sealed: see `shape_filter`.
    """
    rows = in_state(state, today)
    if tree:
        rows = rows.filter(compile_filter(tree))
    if tree and find_sealed(tree):
        rows = rows.exclude(is_flagged(*RESTRICTED))
    return rows


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


def sift_page(
    mine: QuerySet[Memory], sieve: Sieve, *, before: UUID | None, after: UUID | None
) -> MemoryPage:
    """As `take_page`, of those that pass among the next MOST_OPENED that may.

    Two statements: the first rows are nearly always enough, and finding them may be a long way.
    """
    mine = mine.filter(sieve.condition)
    if after:
        mine = mine.filter(newer_than(after)).order_by(*OLDEST_FIRST)
    else:
        mine = mine.filter(older_than(before)) if before else mine
        mine = mine.order_by(*NEWEST_FIRST)
    rows = with_keys(mine[: FIRST_OPENED + 1])
    passing, opened = sift(rows[:FIRST_OPENED], sieve)
    if opened == FIRST_OPENED < len(rows):
        rows += with_keys(mine[FIRST_OPENED + 1 : MOST_OPENED + 1])
        passing, opened = sift(rows[:MOST_OPENED], sieve)
    ends = (rows[0].id, rows[opened - 1].id) if rows else None
    goes_on = opened < len(rows)
    if after:
        return MemoryPage(
            passing[::-1], goes_on, has_older=True, ends=ends and ends[::-1], opened=opened
        )
    return MemoryPage(passing, bool(before), goes_on, ends, opened)


def sift(rows: Sequence[Memory], sieve: Sieve) -> tuple[list[Memory], int]:
    """A page of those that pass, and how many of the rows it took: up to the first of the next."""
    passing: list[Memory] = []
    for place, row in enumerate(rows):
        if sieve.passes(row):
            if len(passing) == PAGE_SIZE:
                return passing, place
            passing.append(row)
    return passing, len(rows)


def newer_than(memory_id: UUID) -> Q:
    """The first condition is what an index can begin from."""
    at = created_at(memory_id)
    return Q(created_at__gte=at) & (Q(created_at__gt=at) | Q(id__gt=memory_id))


def older_than(memory_id: UUID) -> Q:
    at = created_at(memory_id)
    return Q(created_at__lte=at) & (Q(created_at__lt=at) | Q(id__lt=memory_id))


def created_at(memory_id: UUID) -> Any:
    at = Memory.objects.filter(id=memory_id).values_list("created_at", flat=True).first()
    if at is None:
        raise NotFound("No memory has this id.")
    return at


def get_memory_or_tombstone(memory_id: UUID) -> Memory:
    """Also one whose text is destroyed, marked `is_restricted`; NotFound for another tenant's.

    Two statements.
    """
    rows = mark_flagged(Memory.objects.filter(id=memory_id), is_restricted=RESTRICTED)
    found = open_memories(with_keys(rows))
    if not found:
        raise NotFound("No memory has this id.")
    return found[0]
