"""One score out of what is known of a memory and a question."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from apps.memories.recall.dates import Window, measure_nearness

COSINE_WEIGHT = 0.7
LEXICAL_WEIGHT = 0.3
SPEAKER_WEIGHT = 0.1
DATE_WEIGHT = 0.15


@dataclass(frozen=True, slots=True)
class Candidate:
    memory_id: UUID
    cosine: float
    lexical: float  # BM25, not below 0
    is_by_named: bool  # the question names its speaker
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate and the parts of its score, each with its weight, before they are cut to 0..1."""

    candidate: Candidate
    semantic: float
    lexical: float
    speaker: float
    date: float

    @property
    def total(self) -> float:
        return self.semantic + self.lexical + self.speaker + self.date

    @property
    def score(self) -> float:
        return min(1.0, max(0.0, self.total))


def rank(
    candidates: Iterable[Candidate],
    *,
    windows: Sequence[Window] = (),
    top_k: int,
    threshold: float = 0.0,
) -> list[Scored]:
    """The best first; equal ones newest first, then by id.

    One passes if its cosine or its score reaches the threshold.
    """
    rows = list(candidates)
    most = max((row.lexical for row in rows), default=0.0) or 1.0
    scored = [_score(row, row.lexical / most, windows) for row in rows]
    passed = [one for one in scored if max(one.candidate.cosine, one.score) >= threshold]
    return sorted(passed, key=_order)[:top_k]


def _score(row: Candidate, lexical: float, windows: Sequence[Window]) -> Scored:
    return Scored(
        candidate=row,
        semantic=COSINE_WEIGHT * row.cosine,
        lexical=LEXICAL_WEIGHT * lexical,
        speaker=SPEAKER_WEIGHT * row.is_by_named,
        date=DATE_WEIGHT * measure_nearness(row.occurred_at.date(), windows),
    )


def _order(one: Scored) -> tuple[float, float, UUID]:
    return (-one.total, -one.candidate.occurred_at.timestamp(), one.candidate.memory_id)
