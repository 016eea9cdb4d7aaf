"""Where a memory came from, what took its place, and who looked at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from apps.dashboard.presenters.activity import activity_lines
from apps.dashboard.presenters.memories import memory_href, seal, seal_message

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from apps.audit.models import AuditEvent
    from apps.dashboard.presenters.activity import ActivityLine
    from apps.dashboard.presenters.parts import SealedText
    from apps.dashboard.queries.provenance import Provenance
    from apps.memories.models import Memory, Message


@dataclass(frozen=True, slots=True)
class SaidLine:
    speaker: str
    text: SealedText


@dataclass(frozen=True, slots=True)
class Link:
    href: str
    text: SealedText
    at: datetime


@dataclass(frozen=True, slots=True)
class ProvenanceView:
    messages: tuple[SaidLine, ...]
    earlier: tuple[Link, ...]
    later: tuple[Link, ...]
    looks: tuple[ActivityLine, ...] | None  # None: not for this role
    inferred: tuple[tuple[str, object], ...]
    is_inferred: bool

    @property
    def says_kept(self) -> str:
        """How it came to be, where no message of it is kept."""
        if self.is_inferred:
            return "It was extracted; its messages are gone."
        return "Kept as it was sent."


def provenance_view(
    memory: Memory,
    found: Provenance,
    *,
    looks: Sequence[AuditEvent] | None,
    names: Mapping[UUID, str],
    now: datetime,
    reveals: bool,
) -> ProvenanceView:
    """The memories of the chain stay hidden: each is revealed on its own page."""
    return ProvenanceView(
        messages=tuple(said_line(message, reveals=reveals) for message in found.messages),
        earlier=tuple(map(memory_link, found.earlier)),
        later=tuple(map(memory_link, found.later)),
        looks=None if looks is None else tuple(activity_lines(looks, names=names, now=now)),
        inferred=tuple((memory.inferred or {}).items()) if reveals else (),
        is_inferred=bool(memory.inferred),
    )


def said_line(message: Message, *, reveals: bool) -> SaidLine:
    speaker = (reveals and message.name) or message.role
    return SaidLine(speaker, seal_message(message, reveals=reveals))


def memory_link(memory: Memory) -> Link:
    return Link(memory_href(memory.id), seal(memory, reveals=False), memory.created_at)
