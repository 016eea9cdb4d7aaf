"""One memory, and lists of memories, as their pages show them. Call inside the tenant's scope."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from apps.common.ids import made_at
from apps.dashboard.presenters import text
from apps.dashboard.presenters.diffs import compare
from apps.dashboard.presenters.parts import Change, ScorePart, SealedText, StateKind
from apps.memories.enums import EntityKind, VersionEvent

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from apps.dashboard.queries.memories import MemoryPage
    from apps.memories.domain.values import Hit, SearchResult
    from apps.memories.models import Memory, Version

EVENTS = {
    VersionEvent.ADD: "added",
    VersionEvent.UPDATE: "changed",
    VersionEvent.DELETE: "deleted",
}
PLURALS = {kind: f"{kind.value.capitalize()}s" for kind in EntityKind}


@dataclass(frozen=True, slots=True)
class OwnerLink:
    kind: str
    kinds: str
    external_id: str
    href: str
    list_href: str


@dataclass(frozen=True, slots=True)
class MemoryRow:
    href: str
    text: SealedText
    created_at: datetime
    score: str = ""
    parts: tuple[ScorePart, ...] = ()
    owner: OwnerLink | None = None


@dataclass(frozen=True, slots=True)
class VersionView:
    number: int
    event: str
    created_at: datetime
    text: SealedText


@dataclass(frozen=True, slots=True)
class MemoryView:
    id: str
    short_id: str
    href: str
    state: StateKind
    state_words: str
    text: SealedText
    owners: tuple[OwnerLink, ...]
    versions: tuple[VersionView, ...]
    versions_note: str
    added_at: datetime
    said_at: datetime
    updated_at: datetime | None
    expires_on: date | None
    speaker: str
    categories: tuple[str, ...]
    metadata: tuple[tuple[str, Any], ...]

    @property
    def owner(self) -> OwnerLink | None:
        return next(iter(self.owners), None)


def memory_href(memory_id: Any) -> str:
    return reverse("dashboard:memory-detail", args=[memory_id])


def seal(memory: Memory) -> SealedText:
    """What this page may show of the text. Hiding it is decided here, and nowhere else."""
    if memory.text is None:
        return SealedText("erased", at=memory.deleted_at)
    return SealedText("revealed", memory.text)


def memory_row(memory: Memory) -> MemoryRow:
    return MemoryRow(memory_href(memory.id), seal(memory), memory.created_at)


def owner_links(memory: Memory) -> tuple[OwnerLink, ...]:
    """The entities it belongs to, the owner of its key first."""
    return tuple(
        OwnerLink(
            kind=kind.value,
            kinds=PLURALS[kind],
            external_id=external_id,
            href=reverse("dashboard:entity-detail", args=[getattr(memory, f"{kind.value}_id")]),
            list_href=reverse("dashboard:entity-list", args=[kind]),
        )
        for kind, external_id in memory.entity_names.items()
    )


def memory_view(memory: Memory, *, versions: Sequence[Version], today: date) -> MemoryView:
    state, words = memory_state(memory, today)
    return MemoryView(
        id=str(memory.id),
        short_id=text.short_id(memory.id),
        href=memory_href(memory.id),
        state=state,
        state_words=words,
        text=seal(memory),
        owners=owner_links(memory),
        versions=tuple(version_views(memory, versions)),
        versions_note="newest first",
        added_at=made_at(memory.id),
        said_at=memory.created_at,
        updated_at=memory.updated_at if len(versions) > 1 else None,
        expires_on=memory.expires_on,
        speaker=memory.speaker or "not named",
        categories=tuple(memory.categories or ()),
        metadata=tuple((memory.metadata or {}).items()),
    )


def memory_state(memory: Memory, today: date) -> tuple[StateKind, str]:
    if memory.deleted_at:
        return "off", "deleted"
    if memory.text is None:
        return "off", "key destroyed"
    if memory.replaced_by_id:
        return "off", "superseded"
    if memory.expires_on and memory.expires_on < today:
        return "off", "expired"
    return "done", "current"


def version_views(memory: Memory, versions: Sequence[Version]) -> list[VersionView]:
    """Newest first, each as the change from the one before it."""
    ordered = sorted(versions, key=lambda version: version.number)
    before = [None, *ordered[:-1]]
    views = [version_view(memory, *pair) for pair in zip(ordered, before, strict=True)]
    return views[::-1]


def version_view(memory: Memory, version: Version, before: Version | None) -> VersionView:
    event = EVENTS[VersionEvent(version.event)]
    return VersionView(
        version.number, event, version.created_at, seal_change(memory, version, before)
    )


def seal_change(memory: Memory, version: Version, before: Version | None) -> SealedText:
    if version.text is None:
        return SealedText("erased", at=memory.deleted_at)
    if before is None or before.text is None:
        return SealedText("revealed", version.text, added=(Change(version.text, is_changed=False),))
    removed, added = compare(before.text, version.text)
    return SealedText("revealed", version.text, removed, added)


@dataclass(frozen=True, slots=True)
class PartKey:
    """A column of the score's parts."""

    label: str
    style: str


@dataclass(frozen=True, slots=True)
class MemoryResults:
    """Memories of an entity: a page of them, or what a search found."""

    heading: str
    explanation: str
    note: str
    rows: tuple[MemoryRow, ...] = ()
    query: str = ""
    error: str = ""
    newer: str = ""
    older: str = ""
    legend: tuple[PartKey, ...] = ()

    @property
    def is_search(self) -> bool:
        return bool(self.query)

    @property
    def empty_heading(self) -> str:
        return "Nothing matches" if self.is_search else "Nothing is kept here"

    @property
    def empty_sentence(self) -> str:
        if self.is_search:
            return "No memory of this entity comes near these words."
        return "All memories of this entity were deleted, or they belong to others as well."


LEGEND = (
    PartKey("Meaning", "first"),
    PartKey("Words", "second"),
    PartKey("Context", "third"),
)


def page_results(page: MemoryPage, *, href: str) -> MemoryResults:
    rows = tuple(memory_row(memory) for memory in page.rows)
    return MemoryResults(
        heading="Memories",
        explanation="Newest first",
        note=text.counted(len(rows), "memory", "memories") + " on this page, newest first",
        rows=rows,
        newer=f"{href}?after={page.rows[0].id}" if page.has_newer else "",
        older=f"{href}?before={page.rows[-1].id}" if page.has_older else "",
    )


def found_results(found: SearchResult, *, query: str, total: int, ms: float) -> MemoryResults:
    rows = tuple(hit_row(hit) for hit in found.hits)
    return MemoryResults(
        heading=f"{text.number(len(rows))} of {text.counted(total, 'memory', 'memories')}",
        explanation="Best match first",
        note=f"Exact search over all {text.number(found.scanned)}, {ms:.0f} ms",
        rows=rows,
        query=query,
        legend=LEGEND,
    )


def hit_row(hit: Hit) -> MemoryRow:
    return MemoryRow(
        href=memory_href(hit.memory.id),
        text=seal(hit.memory),
        created_at=hit.memory.created_at,
        score=f"{hit.score:.2f}",
        parts=score_parts(hit),
    )


def score_parts(hit: Hit) -> tuple[ScorePart, ...]:
    """Meaning, words, and what neighbours, speaker and time add, side by side along one bar."""
    parts, offset = [], 0.0
    context = hit.parts.near + hit.parts.speaker + hit.parts.date + hit.parts.time
    values = (hit.parts.semantic, hit.parts.lexical, context)
    for series, (key, value) in enumerate(zip(LEGEND, values, strict=True), start=1):
        width = max(value, 0.0) * 100
        parts.append(ScorePart(key.label, series, f"{value:.2f}", "", offset, width))
        offset += width
    return tuple(parts)
