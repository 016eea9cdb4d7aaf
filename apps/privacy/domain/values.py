"""What goes into the domain."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from apps.memories.enums import EntityKind
from apps.privacy.enums import RequestKind, Via


@dataclass(frozen=True, slots=True)
class Correction:
    memory_id: UUID
    text: str


@dataclass(frozen=True, slots=True)
class NewRequest:
    """What somebody asks for. `repeat_key` is the client's Idempotency-Key."""

    kind: RequestKind
    subject_kind: EntityKind
    subject_name: str
    via: Via
    reference: str = ""
    corrections: Sequence[Correction] = ()
    is_lift: bool = False
    received_on: date | None = None
    repeat_key: str = ""
