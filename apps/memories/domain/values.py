"""What goes into the domain and comes out of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from apps.memories.enums import EntityKind, MessageRole
from apps.memories.models import Memory
from apps.memories.recall.ranking import Parts


@dataclass(frozen=True, slots=True)
class NewMessage:
    content: str
    role: MessageRole = MessageRole.USER
    name: str = ""  # who speaks, where the application says so


@dataclass(frozen=True, slots=True)
class Guidance:
    """What the application asks of the extraction of one add."""

    instructions: str = ""
    categories: Mapping[str, str] = field(default_factory=dict)  # names with what they mean
    includes: str = ""
    excludes: str = ""
    zone: str = "UTC"


NO_GUIDANCE = Guidance()


@dataclass(frozen=True, slots=True)
class NewMemories:
    """One add: messages of one conversation, in their order."""

    messages: Sequence[NewMessage]
    entity_ids: Mapping[EntityKind, str]
    created_at: datetime
    metadata: Mapping[str, Any] | None = None
    categories: Sequence[str] = ()
    expires_on: date | None = None
    is_immutable: bool = False
    guidance: Guidance = NO_GUIDANCE

    @property
    def names(self) -> list[str]:
        return list(dict.fromkeys(message.name for message in self.messages if message.name))


@dataclass(frozen=True, slots=True)
class Repeat:
    """What makes a request known again: the key that the application gave it, and its body."""

    key: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Added:
    """What became of one message. Of an exact repeat the memory that it repeats."""

    memory_id: UUID
    text: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class AddResult:
    """`redacted` counts what was taken out of the texts, by kind."""

    event_id: UUID
    added: list[Added]
    redacted: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hit:
    """A memory that a search found, with the parts of its score."""

    memory: Memory
    score: float
    parts: Parts


@dataclass(frozen=True, slots=True)
class Recalled:
    """Memories as one text for a prompt, and what stands in it, in its order."""

    text: str = ""
    tokens: int = 0
    hits: Sequence[Hit] = ()


@dataclass(frozen=True, slots=True)
class SearchResult:
    hits: list[Hit] = field(default_factory=list)
    scanned: int = 0  # memories in scope; each was looked at
