"""Memories of the whole tenant: a page of what a filter leaves, or what a search found."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from uuid import UUID

from apps.dashboard.presenters import text
from apps.dashboard.presenters.memories import (
    LEGEND,
    MemoryRow,
    PartKey,
    hit_row,
    memory_row,
    owner_links,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from apps.dashboard.queries.memories import MemoryPage
    from apps.memories.domain.values import SearchResult
    from apps.memories.models import Memory


@dataclass(frozen=True, slots=True)
class Listing:
    """`newer` and `older` are the ids from which the pages beside this one begin.

    `place` is where this page begins, to ask for it once more.
    """

    heading: str
    explanation: str
    note: str = ""
    rows: tuple[MemoryRow, ...] = ()
    tokens: tuple[tuple[str, str], ...] = ()
    newer: str = ""
    older: str = ""
    legend: tuple[PartKey, ...] = ()
    opened: int = 0

    is_revealed: bool = False
    place: Mapping[str, object] = field(default_factory=dict)

    @property
    def shown(self) -> list[UUID]:
        """The memories whose texts are not hidden."""
        return [UUID(row.id) for row in self.rows if row.text.state == "revealed"]

    @property
    def has_hidden(self) -> bool:
        return any(row.text.state == "hidden" for row in self.rows)

    @property
    def reveal_label(self) -> str:
        return "Reveal this one" if len(self.rows) == 1 else f"Reveal these {len(self.rows)}"

    @property
    def is_search(self) -> bool:
        return bool(self.legend)

    @property
    def goes_on(self) -> bool:
        return bool(self.newer or self.older)

    @property
    def empty_heading(self) -> str:
        if self.goes_on:
            return f"Nothing among these {text.number(self.opened)}"
        return "Nothing matches" if self.tokens or self.is_search else "No memories yet"

    @property
    def empty_sentence(self) -> str:
        if not self.tokens:
            return "They appear when an application adds the first one."
        if self.goes_on:
            return "What you filter by is sealed, so memories are opened page by page."
        names = ", ".join(key for key, _ in self.tokens)
        return f"Remove a filter ({names}), or look at another state."


def list_page(
    page: MemoryPage,
    *,
    tokens: Sequence[tuple[str, str]],
    place: Mapping[str, object],
    reveals: bool,
) -> Listing:
    """What is restricted stays hidden in a list: it is revealed on its own page alone."""
    rows = tuple(
        owned_row(memory_row(memory, reveals=reveals and not memory.is_restricted), memory)
        for memory in page.rows
    )
    return Listing(
        heading="Memories",
        explanation="Newest first",
        note=note_page(page),
        rows=rows,
        tokens=tuple(tokens),
        newer=str(page.newer or ""),
        older=str(page.older or ""),
        opened=page.opened,
        is_revealed=reveals,
        place=place,
    )


def note_page(page: MemoryPage) -> str:
    note = text.counted(len(page.rows), "memory", "memories") + " on this page"
    return f"{note}, of {text.number(page.opened)} that were looked into" if page.opened else note


def list_found(
    found: SearchResult, *, tokens: Sequence[tuple[str, str]], ms: float, reveals: bool
) -> Listing:
    rows = tuple(owned_row(hit_row(hit, reveals=reveals), hit.memory) for hit in found.hits)
    return Listing(
        heading=text.counted(len(rows), "memory", "memories"),
        explanation="Best match first",
        note=f"Exact search over all {text.number(found.scanned)}, {ms:.0f} ms",
        rows=rows,
        tokens=tuple(tokens),
        legend=LEGEND,
        is_revealed=reveals,
    )


def owned_row(row: MemoryRow, memory: Memory) -> MemoryRow:
    return replace(row, owner=next(iter(owner_links(memory)), None))
