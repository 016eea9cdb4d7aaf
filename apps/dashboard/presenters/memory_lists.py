"""Memories of the whole tenant: a page of what a filter leaves, or what a search found."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

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
    from collections.abc import Sequence

    from apps.dashboard.queries.memories import MemoryPage
    from apps.memories.domain.values import SearchResult
    from apps.memories.models import Memory


@dataclass(frozen=True, slots=True)
class Listing:
    """`newer` and `older` are the ids from which the pages beside this one begin."""

    heading: str
    explanation: str
    note: str = ""
    rows: tuple[MemoryRow, ...] = ()
    tokens: tuple[tuple[str, str], ...] = ()
    newer: str = ""
    older: str = ""
    legend: tuple[PartKey, ...] = ()

    @property
    def is_search(self) -> bool:
        return bool(self.legend)

    @property
    def empty_heading(self) -> str:
        return "Nothing matches" if self.tokens or self.is_search else "No memories yet"

    @property
    def empty_sentence(self) -> str:
        if not self.tokens:
            return "They appear when an application adds the first one."
        names = ", ".join(key for key, _ in self.tokens)
        return f"Remove a filter ({names}), or look at another state."


def list_page(page: MemoryPage, *, tokens: Sequence[tuple[str, str]]) -> Listing:
    rows = tuple(owned_row(memory_row(memory), memory) for memory in page.rows)
    return Listing(
        heading="Memories",
        explanation="Newest first",
        note=text.counted(len(rows), "memory", "memories") + " on this page",
        rows=rows,
        tokens=tuple(tokens),
        newer=str(page.rows[0].id) if page.rows and page.has_newer else "",
        older=str(page.rows[-1].id) if page.rows and page.has_older else "",
    )


def list_found(found: SearchResult, *, tokens: Sequence[tuple[str, str]], ms: float) -> Listing:
    rows = tuple(owned_row(hit_row(hit), hit.memory) for hit in found.hits)
    return Listing(
        heading=text.counted(len(rows), "memory", "memories"),
        explanation="Best match first",
        note=f"Exact search over all {text.number(found.scanned)}, {ms:.0f} ms",
        rows=rows,
        tokens=tuple(tokens),
        legend=LEGEND,
    )


def owned_row(row: MemoryRow, memory: Memory) -> MemoryRow:
    return replace(row, owner=next(iter(owner_links(memory)), None))
