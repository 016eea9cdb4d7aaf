"""How well a memory's words, and those said just before it, match a question's words.

An answer often holds none of the question's words because the message before it does. So a word
counts for a memory as often as it stands in it and in the two messages before it. Nothing is
borrowed in storage: who counts the words follows the links, and a deleted message lends nothing.

This is the definition; a store may do the same in SQL. Words are any hashable value, keyed or not.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping
from typing import Generic, NamedTuple, TypeVar
from uuid import UUID

SATURATION = 1.2  # k1 of BM25
LENGTH_PENALTY = 0.4  # b of BM25
# The best possible sum counts as at least this much: few matching words are no perfect match.
SMALLEST_IDEAL = 5.0


Word = TypeVar("Word", bound=Hashable)


class Row(NamedTuple):
    """A memory in the scope: how many words it has, and the one or two memories before it."""

    length: int
    previous: tuple[UUID, ...] = ()


class Hit(NamedTuple, Generic[Word]):
    memory_id: UUID
    word: Word
    times: int


def match_words(
    question: Mapping[Word, int], rows: Mapping[UUID, Row], hits: Iterable[Hit[Word]]
) -> dict[UUID, float]:
    """The match of each memory in 0..1, of those that have any. `rows` are all in the scope."""
    counts = _lend_words(rows, hits)
    found = Counter(word for words in counts.values() for word in words)
    rarity = {word: measure_rarity(found[word], len(rows)) for word in question if found[word]}
    weights = {word: question[word] * share for word, share in rarity.items()}
    ideal = max(SMALLEST_IDEAL, (SATURATION + 1) * sum(weights.values()))
    mean = sum(row.length for row in rows.values()) / len(rows) if rows else 1.0
    return {
        memory_id: _score(words, weights, rows[memory_id].length / (mean or 1.0)) / ideal
        for memory_id, words in counts.items()
    }


def measure_rarity(found: int, total: int) -> float:
    """1 for a word of one memory, falling to near 0 for a word of all, in a scope of any size."""
    return _information(found, total) / _information(1, total)


def _information(found: int, total: int) -> float:
    return math.log(1 + (total - found + 0.5) / (found + 0.5))


def _lend_words(
    rows: Mapping[UUID, Row], hits: Iterable[Hit[Word]]
) -> dict[UUID, defaultdict[Word, int]]:
    followers = defaultdict(list)
    for memory_id, row in rows.items():
        for earlier in row.previous:
            followers[earlier].append(memory_id)
    counts: dict[UUID, defaultdict[Word, int]] = defaultdict(lambda: defaultdict(int))
    for hit in hits:
        for memory_id in (hit.memory_id, *followers[hit.memory_id]):
            counts[memory_id][hit.word] += hit.times
    return counts


def _score(counts: Mapping[Word, int], weights: Mapping[Word, float], length: float) -> float:
    damping = SATURATION * (1 - LENGTH_PENALTY + LENGTH_PENALTY * length)
    return sum(
        weights[word] * count * (SATURATION + 1) / (count + damping)
        for word, count in counts.items()
        if word in weights
    )
