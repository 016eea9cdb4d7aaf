"""Where a memory came from, what took its place, and who looked at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from apps.dashboard.presenters.activity import activity_lines
from apps.dashboard.presenters.memories import memory_href, seal
from apps.dashboard.presenters.parts import SealedText

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from apps.dashboard.presenters.activity import ActivityLine
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
    looks: tuple[ActivityLine, ...]
    inferred: tuple[tuple[str, object], ...]

    @property
    def says_kept(self) -> str:
        """How it came to be, where no message of it is kept."""
        return (
            "It was extracted; its messages are gone." if self.inferred else "Kept as it was sent."
        )


def provenance_view(
    memory: Memory, found: Provenance, *, names: Mapping[UUID, str], now: datetime
) -> ProvenanceView:
    return ProvenanceView(
        messages=tuple(map(said_line, found.messages)),
        earlier=tuple(map(memory_link, found.earlier)),
        later=tuple(map(memory_link, found.later)),
        looks=tuple(activity_lines(found.looks, names=names, now=now)),
        inferred=tuple((memory.inferred or {}).items()),
    )


def said_line(message: Message) -> SaidLine:
    hidden = message.content is None
    text = SealedText("erased") if hidden else SealedText("revealed", message.content)
    return SaidLine(message.name or message.role, text)


def memory_link(memory: Memory) -> Link:
    return Link(memory_href(memory.id), seal(memory), memory.created_at)
