"""One memory, and lists of memories, as their pages show them. Call inside the tenant's scope."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.urls import reverse

from apps.common.ids import made_at
from apps.dashboard.presenters import text
from apps.dashboard.presenters.diffs import compare
from apps.dashboard.presenters.parts import Change, ScorePart, SealedText, StateKind
from apps.memories.enums import EntityKind, VersionEvent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from apps.dashboard.queries.memories import MemoryPage
    from apps.memories.domain.values import Hit, SearchResult
    from apps.memories.models import Memory, Message, Version

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
    id: str
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
    is_revealed: bool
    has_hidden: bool
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

    @property
    def is_kept(self) -> bool:
        return self.text.state != "erased"

    @property
    def shows_text(self) -> bool:
        shown = (self.text, *(version.text for version in self.versions))
        return any(text.state == "revealed" for text in shown)

    @property
    def reveal_href(self) -> str:
        return reverse("dashboard:memory-reveal", args=[self.id])


def memory_href(memory_id: Any) -> str:
    return reverse("dashboard:memory-detail", args=[memory_id])


def seal(memory: Memory, *, reveals: bool) -> SealedText:
    """What this page may show of the text. Hiding it is decided here, and nowhere else."""
    if memory.text is None:
        return SealedText("erased", at=memory.deleted_at)
    return SealedText("revealed", memory.text) if reveals else SealedText("hidden")


def seal_message(message: Message, *, reveals: bool) -> SealedText:
    """As `seal`, of what was said."""
    if message.content is None:
        return SealedText("erased")
    return SealedText("revealed", message.content) if reveals else SealedText("hidden")


def memory_row(memory: Memory, *, reveals: bool) -> MemoryRow:
    return MemoryRow(
        id=str(memory.id),
        href=memory_href(memory.id),
        text=seal(memory, reveals=reveals),
        created_at=memory.created_at,
    )


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


def memory_view(
    memory: Memory, *, versions: Sequence[Version], today: date, reveals: bool
) -> MemoryView:
    """Hidden are the text, the speaker and whatever an application wrote beside it."""
    state, words = memory_state(memory, today)
    views = tuple(version_views(memory, versions, reveals=reveals))
    sealed = seal(memory, reveals=reveals)
    return MemoryView(
        id=str(memory.id),
        short_id=text.short_id(memory.id),
        href=memory_href(memory.id),
        state=state,
        state_words=words,
        text=sealed,
        is_revealed=reveals,
        has_hidden="hidden" in {sealed.state, *(view.text.state for view in views)},
        owners=owner_links(memory),
        versions=views,
        versions_note="newest first",
        added_at=made_at(memory.id),
        said_at=memory.created_at,
        updated_at=memory.updated_at if len(versions) > 1 else None,
        expires_on=memory.expires_on,
        speaker=(reveals and memory.speaker) or "not named",
        categories=tuple(memory.categories or ()) if reveals else (),
        metadata=tuple((memory.metadata or {}).items()) if reveals else (),
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


def version_views(
    memory: Memory, versions: Sequence[Version], *, reveals: bool
) -> list[VersionView]:
    """Newest first, each as the change from the one before it."""
    ordered = sorted(versions, key=lambda version: version.number)
    before = [None, *ordered[:-1]]
    pairs = zip(ordered, before, strict=True)
    views = [version_view(memory, *pair, reveals=reveals) for pair in pairs]
    return views[::-1]


def version_view(
    memory: Memory, version: Version, before: Version | None, *, reveals: bool
) -> VersionView:
    event = EVENTS[VersionEvent(version.event)]
    sealed = seal_change(memory, version, before, reveals=reveals)
    return VersionView(version.number, event, version.created_at, sealed)


def seal_change(
    memory: Memory, version: Version, before: Version | None, *, reveals: bool
) -> SealedText:
    if version.text is None:
        return SealedText("erased", at=memory.deleted_at)
    if not reveals:
        return SealedText("hidden")
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
    href: str = ""
    reveal_href: str = ""
    total: int = 0
    days: Mapping[str, date] = field(default_factory=dict)

    @property
    def all_label(self) -> str:
        return f"Purge all {text.number(self.total)}…"

    @property
    def is_revealed(self) -> bool:
        return any(row.text.state == "revealed" for row in self.rows)

    @property
    def reveal_label(self) -> str:
        return "Reveal this one" if len(self.rows) == 1 else f"Reveal these {len(self.rows)}"

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
        if self.days:
            return "No memory of this entity is dated between these days."
        return "All memories of this entity were deleted, or they belong to others as well."


LEGEND = (
    PartKey("Meaning", "first"),
    PartKey("Words", "second"),
    PartKey("Context", "third"),
)


def page_results(
    page: MemoryPage,
    *,
    href: str,
    reveal_href: str,
    place: str,
    days: Mapping[str, date],
    total: int,
    reveals: bool,
) -> MemoryResults:
    """`place` says which page this is, `days` by what the list is narrowed."""
    rows = tuple(memory_row(memory, reveals=reveals) for memory in page.rows)
    return MemoryResults(
        heading="Memories",
        explanation="Newest first",
        note=text.counted(len(rows), "memory", "memories") + " on this page, newest first",
        rows=rows,
        newer=turn(href, days, after=page.rows[0].id) if page.has_newer else "",
        older=turn(href, days, before=page.rows[-1].id) if page.has_older else "",
        total=total,
        days=days,
        href=href + place,
        reveal_href=reveal_href + place,
    )


def turn(href: str, days: Mapping[str, date], **place: object) -> str:
    return f"{href}?{urlencode({**days, **place})}"


def found_results(
    found: SearchResult,
    *,
    query: str,
    total: int,
    ms: float,
    href: str,
    reveal_href: str,
    reveals: bool,
) -> MemoryResults:
    rows = tuple(hit_row(hit, reveals=reveals) for hit in found.hits)
    return MemoryResults(
        heading=f"{text.number(len(rows))} of {text.counted(total, 'memory', 'memories')}",
        explanation="Best match first",
        note=f"Exact search over all {text.number(found.scanned)}, {ms:.0f} ms",
        rows=rows,
        query=query,
        legend=LEGEND,
        href=href,
        reveal_href=reveal_href,
    )


def hit_row(hit: Hit, *, reveals: bool) -> MemoryRow:
    return MemoryRow(
        id=str(hit.memory.id),
        href=memory_href(hit.memory.id),
        text=seal(hit.memory, reveals=reveals),
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
