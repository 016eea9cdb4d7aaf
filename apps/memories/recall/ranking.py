"""One score out of what is known of each memory in scope and a question."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
import numpy.typing as npt

from apps.memories.recall.dates import Window, measure_nearness

COSINE_WEIGHT = 0.7
LEXICAL_WEIGHT = 0.3
SPEAKER_WEIGHT = 0.1
DATE_WEIGHT = 0.15

K1, B = 1.2, 0.4  # BM25

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Scan:
    """What one pass over the memories in scope gives, row by row, ordered by thread and id."""

    ids: npt.NDArray[np.void]  # 16 bytes each
    cosine: Floats
    thread: Integers
    length: Floats
    counts: Floats  # (terms, rows): how often each asked term stands in each row
    days: Integers  # days since 1970-01-01; empty unless asked for

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Parts:
    """Where a score comes from: the raw measures, and what each adds."""

    cosine: float
    bm25: float
    semantic: float
    lexical: float
    speaker: float
    date: float


@dataclass(frozen=True, slots=True)
class Ranked:
    memory_id: UUID
    score: float  # 0 to 1
    parts: Parts


def rank(
    scan: Scan, *, words: int, windows: Sequence[Window], top_k: int, threshold: float
) -> list[Ranked]:
    """The best first; equal ones newest first. The first `words` terms are words of the question,
    the others names of speakers.

    One passes if its cosine or its score reaches the threshold.
    """
    if not len(scan):
        return []
    bm25 = measure_words(scan, words)
    semantic = COSINE_WEIGHT * scan.cosine
    lexical = LEXICAL_WEIGHT * bm25 / (bm25.max() or 1.0)
    speaker = SPEAKER_WEIGHT * (scan.counts[words:] > 0).any(axis=0)
    date = DATE_WEIGHT * _nearness(scan, windows)
    total = semantic + lexical + speaker + date
    passed = np.flatnonzero(np.maximum(total, scan.cosine) >= threshold)
    measures = np.stack([scan.cosine, bm25, semantic, lexical, speaker, date])
    return [
        Ranked(
            memory_id=UUID(bytes=scan.ids[row].tobytes()),
            score=min(1.0, max(0.0, float(total[row]))),
            parts=Parts(*(float(measure) for measure in measures[:, row])),
        )
        for row in _take_best(passed, total, scan.ids, top_k)
    ]


def measure_words(scan: Scan, words: int) -> Floats:
    """BM25 of each row, with statistics of the scope.

    A row is read together with the two said before it in the same thread, as far as they are in
    scope: the words of an answer often stand in its question.
    """
    counts, length = _with_context(scan, scan.counts[:words]), _with_context(scan, scan.length)
    found = np.count_nonzero(counts, axis=1)
    weight = np.log1p((len(scan) - found + 0.5) / (found + 0.5))
    norm = K1 * (1 - B + B * length / max(float(length.mean()), 1.0))
    return np.asarray(weight @ (counts * (K1 + 1) / (counts + norm)), dtype=np.float32)


def _with_context(scan: Scan, values: Floats) -> Floats:
    total = values.copy()
    for distance in (1, 2):
        is_same = scan.thread[distance:] == scan.thread[:-distance]
        total[..., distance:] += values[..., :-distance] * is_same
    return total


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
    order = sorted(passed.tolist(), key=lambda row: ids[row].tobytes(), reverse=True)
    return sorted(order, key=lambda row: -total[row])[:top_k]
