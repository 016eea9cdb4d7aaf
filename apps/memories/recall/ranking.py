"""One score out of what is known of each memory in scope and a question.

own   = .41 cosine + .59 match of words
near  = the best `own` among the memory and the two before and after it in its conversation
score = .625 own + .375 near + .08 if by a speaker whom the question names
      + .15 by how near it lies to a date that the question names + .035 if it tells a time

How this was found, and what each part adds: docs/recall.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

import numpy as np
import numpy.typing as npt

from apps.memories.recall.dates import Window, measure_nearness

COSINE_WEIGHT = 0.41
LEXICAL_WEIGHT = 0.59
OWN_WEIGHT = 0.625
NEAR_WEIGHT = 0.375
SPEAKER_WEIGHT = 0.08
DATE_WEIGHT = 0.15
TIME_WEIGHT = 0.035

K1, B = 1.2, 0.4  # BM25
SMALLEST_IDEAL = 5.0  # few matching words are no perfect match

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Scan:
    """What one pass over the memories in scope gives, row by row, ordered by thread and id."""

    ids: npt.NDArray[np.void]  # 16 bytes each
    cosine: Floats  # NaN where another model made the vector
    thread: Integers
    length: Floats
    counts: Floats  # (terms, rows): words of the question, "tells a time", speakers it names
    days: Integers  # days since 1970-01-01; empty unless asked for

    def __len__(self) -> int:
        return len(self.ids)


class Parts(NamedTuple):
    """Where a score comes from: two measures in 0..1, and what each part adds."""

    cosine: float
    bm25: float
    semantic: float
    lexical: float
    near: float
    speaker: float
    date: float
    time: float


class Ranked(NamedTuple):
    memory_id: UUID
    score: float  # 0 to 1
    parts: Parts


def rank(
    scan: Scan, *, words: int, windows: Sequence[Window], top_k: int, threshold: float
) -> list[Ranked]:
    """The best first; equal ones newest first. `words` of the scan's terms are the question's.

    One passes if its cosine or its score reaches the threshold; with 0 every one passes. What has
    no cosine to be judged by passes with any word of the question.
    """
    if not len(scan):
        return []
    is_unknown = np.isnan(scan.cosine)
    cosine = np.where(is_unknown, np.float32(0), scan.cosine)
    bm25 = measure_words(scan, words)
    own = COSINE_WEIGHT * cosine + LEXICAL_WEIGHT * bm25
    adds = np.stack(
        [
            OWN_WEIGHT * COSINE_WEIGHT * cosine,
            OWN_WEIGHT * LEXICAL_WEIGHT * bm25,
            NEAR_WEIGHT * _find_best_near(scan, own),
            SPEAKER_WEIGHT * (scan.counts[words + 1 :] > 0).any(axis=0),
            DATE_WEIGHT * _nearness(scan, windows),
            TIME_WEIGHT * (scan.counts[words] > 0),
        ]
    )
    total = adds.sum(axis=0)
    is_near = np.maximum(total, cosine) >= (threshold or -np.inf)
    passed = np.flatnonzero(is_near | (is_unknown & (bm25 > 0)))
    best = _take_best(passed, total, scan.ids, top_k)
    ids = scan.ids[best].tolist()
    scores = total[best].clip(0.0, 1.0).tolist()
    parts = np.vstack([cosine[best], bm25[best], adds[:, best]]).T.tolist()
    return [
        Ranked(memory_id=UUID(bytes=id_), score=score, parts=Parts(*values))
        for id_, score, values in zip(ids, scores, parts, strict=True)
    ]


def measure_words(scan: Scan, words: int) -> Floats:
    """How well each row's words match the question's: BM25 as a share of a perfect match.

    A row is read together with the two said before it in the same thread, as far as they are in
    scope: the words of an answer often stand in its question. Rarity is counted inside the scope
    and is 1 for a word of one row, however many there are.
    """
    counts, length = _with_context(scan, scan.counts[:words]), _with_context(scan, scan.length)
    found = np.count_nonzero(counts, axis=1)
    rarity = np.where(found, _inform(found, len(scan)) / _inform(np.array(1), len(scan)), 0.0)
    norm = K1 * (1 - B + B * length / max(float(length.mean()), 1.0))
    ideal = max(SMALLEST_IDEAL, (K1 + 1) * float(rarity.sum()))
    matched = rarity @ (counts * (K1 + 1) / (counts + norm))
    return np.asarray(matched / ideal, dtype=np.float32)


def _inform(found: Integers, total: int) -> Floats:
    return np.asarray(np.log1p((total - found + 0.5) / (found + 0.5)), dtype=np.float32)


def _with_context(scan: Scan, values: Floats) -> Floats:
    total = values.copy()
    for distance in (1, 2):
        is_same = scan.thread[distance:] == scan.thread[:-distance]
        total[..., distance:] += values[..., :-distance] * is_same
    return total


def _find_best_near(scan: Scan, own: Floats) -> Floats:
    best = own.copy()
    for distance in (1, 2):
        is_same = scan.thread[distance:] == scan.thread[:-distance]
        np.maximum(best[distance:], own[:-distance], out=best[distance:], where=is_same)
        np.maximum(best[:-distance], own[distance:], out=best[:-distance], where=is_same)
    return best


def _nearness(scan: Scan, windows: Sequence[Window]) -> Floats:
    if not windows:
        return np.zeros(len(scan), dtype=np.float32)
    days, place = np.unique(scan.days, return_inverse=True)
    near = [measure_nearness(day, windows) for day in days.astype("datetime64[D]").tolist()]
    return np.asarray(near, dtype=np.float32)[place]


def _take_best(
    passed: npt.NDArray[np.intp], total: Floats, ids: npt.NDArray[np.void], top_k: int
) -> list[int]:
    if len(passed) > top_k:
        least = np.partition(total[passed], -top_k)[-top_k]
        passed = passed[total[passed] >= least]
    found = zip(total[passed].tolist(), ids[passed].tolist(), passed.tolist(), strict=True)
    return [row for _, _, row in sorted(found, reverse=True)[:top_k]]
