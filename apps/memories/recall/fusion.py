"""One score out of what is known of a memory and a question.

own   = .41 cosine + .59 word match
near  = the best `own` among the memory and the two before and after it in its conversation
total = .625 own + .375 near + .08 speaker named + .15 date + .035 tells a time

A memory outside a conversation has nobody near, so its total is `own` with its date.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from apps.memories.recall.dates import Window, measure_nearness

COSINE_WEIGHT = 0.41
LEXICAL_WEIGHT = 0.59
OWN_WEIGHT = 0.625
NEAR_WEIGHT = 0.375
SPEAKER_WEIGHT = 0.08
DATE_WEIGHT = 0.15
TIME_WEIGHT = 0.035


@dataclass(frozen=True, slots=True)
class Candidate:
    """What the store knows of a memory that it found by meaning or by words."""

    memory_id: UUID
    cosine: float
    lexical: float  # `bm25.match_words`, 0..1
    occurred_at: datetime
    is_by_named: bool = False  # the question names its speaker
    tells_time: bool = False  # of messages of a conversation only
    previous: tuple[UUID, ...] = ()  # the one or two before it in its conversation


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate and the weighted parts of its total; `score` is the total within 0..1."""

    candidate: Candidate
    own: float
    near: float
    speaker: float
    date: float
    time: float

    @property
    def total(self) -> float:
        return self.own + self.near + self.speaker + self.date + self.time

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
    own = {row.memory_id: _own(row) for row in rows}
    near = _find_best_near(rows, own)
    scored = [_score(row, own[row.memory_id], near[row.memory_id], windows) for row in rows]
    passed = [one for one in scored if max(one.candidate.cosine, one.score) >= threshold]
    return sorted(passed, key=_order)[:top_k]


def _own(row: Candidate) -> float:
    return COSINE_WEIGHT * row.cosine + LEXICAL_WEIGHT * row.lexical


def _find_best_near(rows: Iterable[Candidate], own: Mapping[UUID, float]) -> dict[UUID, float]:
    neighbours = defaultdict(list)
    for row in rows:
        for earlier in row.previous:
            neighbours[row.memory_id].append(earlier)
            neighbours[earlier].append(row.memory_id)
    return {
        memory_id: max([score, *(own[other] for other in neighbours[memory_id] if other in own)])
        for memory_id, score in own.items()
    }


def _score(row: Candidate, own: float, near: float, windows: Sequence[Window]) -> Scored:
    return Scored(
        candidate=row,
        own=OWN_WEIGHT * own,
        near=NEAR_WEIGHT * near,
        speaker=SPEAKER_WEIGHT * row.is_by_named,
        date=DATE_WEIGHT * measure_nearness(row.occurred_at.date(), windows),
        time=TIME_WEIGHT * row.tells_time,
    )


def _order(one: Scored) -> tuple[float, float, UUID]:
    return (-one.total, -one.candidate.occurred_at.timestamp(), one.candidate.memory_id)
