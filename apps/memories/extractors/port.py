"""What the rest of the application knows of an extractor: messages in, statements out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from apps.memories.enums import JobError, Verdict

DEFAULT_CATEGORIES = {
    "personal_details": "name, age, birthday, home, contact",
    "family": "relatives, partner, children, pets",
    "professional_details": "work, employer, occupation, studies",
    "sports": "sports and exercise",
    "travel": "journeys and places visited or planned",
    "food": "food and drink",
    "music": "music and instruments",
    "health": "health, illness, allergies, medicine",
    "technology": "devices and software",
    "hobbies": "what somebody does for pleasure",
    "fashion": "clothes and style",
    "entertainment": "films, books, games, shows",
    "milestones": "events that change a life",
    "user_preferences": "likes, dislikes, wishes",
    "misc": "anything else",
}


@dataclass(frozen=True, slots=True)
class Said:
    """A message of the conversation."""

    role: str
    content: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Conversation:
    """One chunk of messages with all that an extractor may know: no id, tenant or entity.

    `before` are messages that were done already, for understanding only. Statements name messages
    and known memories by their places in `messages` and `known`.
    """

    messages: Sequence[Said]
    said_at: datetime
    before: Sequence[Said] = ()
    known: Sequence[str] = ()
    instructions: str = ""
    categories: Mapping[str, str] = field(default_factory=lambda: DEFAULT_CATEGORIES)
    includes: str = ""
    excludes: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing worth remembering. `replaces` and `repeats` are places in the known memories."""

    text: str
    messages: tuple[int, ...]
    categories: tuple[str, ...] = ()
    day: date | None = None
    confidence: float = 1.0
    replaces: tuple[int, ...] = ()
    repeats: int | None = None
    doubt: Verdict | None = None  # something that it named was not there, and was left out


@dataclass(frozen=True, slots=True)
class Extraction:
    """The statements, the verdicts on those that can't be used, and what it cost."""

    statements: Sequence[Statement]
    refused: Sequence[Verdict] = ()
    tokens_in: int = 0
    tokens_out: int = 0


class ExtractorError(Exception):
    """No extraction came of it. Carries no word of a host or a model, which may quote the text.

    `is_final` where trying again can't help; `wait` is how many seconds the host asked for.
    """

    def __init__(
        self,
        reason: JobError,
        *,
        is_final: bool = False,
        wait: float = 0.0,
        tokens: tuple[int, int] = (0, 0),
    ) -> None:
        super().__init__(str(reason.label))
        self.reason = reason
        self.is_final = is_final
        self.wait = wait
        self.tokens = tokens


@dataclass(frozen=True, slots=True)
class Dated:
    """A memory to be summarised: its day and its text, no id, tenant or entity."""

    day: date
    text: str


@dataclass(frozen=True, slots=True)
class Summary:
    """A text and what it cost."""

    text: str
    tokens: tuple[int, int] = (0, 0)


class Extractor(Protocol):
    def extract(self, conversation: Conversation) -> Extraction:
        """Raises ExtractorError. Outside transactions: it may call a host."""


class Summarizer(Protocol):
    def summarize(self, memories: Sequence[Dated]) -> Summary:
        """As `extract`."""
