from datetime import date
from uuid import UUID

import numpy as np
import pytest

from apps.memories.recall.dates import Window
from apps.memories.recall.ranking import Scan, measure_words, rank

TIME, SPEAKER = 1, 2  # terms after one word of the question


def scan(*rows):
    """Rows of (cosine, thread, length, (count of the word, tells a time, by the speaker), day)."""
    cosine, thread, length, counts, days = zip(*rows, strict=True)
    ids = b"".join(UUID(int=number + 1).bytes for number in range(len(rows)))
    return Scan(
        ids=np.frombuffer(ids, "V16"),
        cosine=np.array(cosine, dtype=np.float32),
        thread=np.array(thread),
        length=np.array(length, dtype=np.float32),
        counts=np.array(counts, dtype=np.float32).T,
        days=np.array(days),
    )


def row(cosine=0.0, thread=0, length=5, word=0, time=0, speaker=0, day=0):
    return (cosine, thread, length, (word, time, speaker), day)


def order(found, **options):
    settings = {"words": 1, "windows": (), "top_k": 10, "threshold": -1.0} | options
    return [one.memory_id.int for one in rank(found, **settings)]


def score(found, **options):
    settings = {"words": 1, "windows": (), "top_k": 10, "threshold": -1.0} | options
    return {one.memory_id.int: one for one in rank(found, **settings)}


def test_an_empty_scope_gives_nothing():
    nothing = Scan(*(np.empty(0),) * 4, counts=np.empty((3, 0)), days=np.empty(0))

    assert rank(nothing, words=1, windows=(), top_k=10, threshold=0.0) == []


def test_meaning_and_words_both_count():
    found = scan(row(thread=1), row(cosine=0.5, thread=2), row(word=1, thread=3))

    assert order(found) == [2, 3, 1]


@pytest.mark.parametrize("top_k", [1, 2, 3])
def test_the_best_are_returned_in_order(top_k):
    found = scan(*(row(cosine=c, thread=n) for n, c in enumerate([0.2, 0.9, 0.5])))

    assert order(found, top_k=top_k) == [2, 3, 1][:top_k]


def test_equal_ones_stand_newest_first():
    found = scan(*(row(cosine=0.5, thread=n) for n in range(5)))

    assert order(found, top_k=3) == [5, 4, 3]


def test_words_are_lent_to_the_next_two_of_a_conversation():
    found = scan(row(word=1), row(), row(), row(), row(thread=1))

    assert [value > 0 for value in measure_words(found, 1)] == [True, True, True, False, False]


def test_a_rare_word_weighs_the_same_in_a_scope_of_any_size():
    small = scan(*(row(word=n == 0, thread=n) for n in range(3)))
    large = scan(*(row(word=n == 0, thread=n) for n in range(300)))

    assert measure_words(small, 1)[0] == pytest.approx(measure_words(large, 1)[0])


def test_a_common_word_weighs_less_than_a_rare_one():
    common = scan(*(row(word=1, thread=n) for n in range(9)))
    rare = scan(*(row(word=n == 0, thread=n) for n in range(9)))

    assert measure_words(common, 1)[0] < measure_words(rare, 1)[0] / 5


def test_a_match_of_words_is_never_above_one():
    counts = np.full((60, 2), [7, 0], dtype=np.float32)
    found = scan(row(thread=1), row(thread=2))

    many = Scan(found.ids, found.cosine, found.thread, found.length, counts, found.days)

    assert 0.5 < measure_words(many, 60)[0] <= 1


def test_a_good_neighbour_lifts_a_memory_of_the_same_conversation():
    found = scan(*(row(cosine=0.1) for _ in range(3)), row(cosine=0.9), row(cosine=0.1, thread=1))

    parts = {memory_id: one.parts for memory_id, one in score(found).items()}
    assert parts[2].near == parts[3].near == parts[4].near
    assert parts[1].near == parts[5].near < parts[2].near


def test_alone_a_memory_scores_as_it_matches():
    [one] = rank(scan(row(cosine=0.5)), words=1, windows=(), top_k=1, threshold=0.0)

    assert one.score == pytest.approx(0.41 * 0.5)


def test_the_speaker_whom_the_question_names_is_preferred():
    found = scan(row(cosine=0.5, thread=1, speaker=1), row(cosine=0.5, thread=2))

    assert order(found) == [1, 2]


def test_a_memory_that_tells_a_time_is_preferred():
    found = scan(row(cosine=0.5, thread=1, time=1), row(cosine=0.5, thread=2))

    assert order(found) == [1, 2]


def test_days_that_the_question_names_are_preferred():
    day = (date(2023, 5, 7) - date(1970, 1, 1)).days
    found = scan(row(cosine=0.5, thread=1, day=day), row(cosine=0.5, thread=2, day=day - 60))
    window = Window(date(2023, 5, 7), date(2023, 5, 7))

    assert order(found, windows=[window]) == [1, 2]
    assert score(found, windows=[window])[1].parts.date == pytest.approx(0.15)


def test_cosine_or_score_must_reach_the_threshold():
    found = scan(
        row(cosine=0.3, thread=1), row(cosine=0.1, word=7, thread=2), row(cosine=0.1, thread=3)
    )

    scores = score(found)
    assert scores[1].score < 0.2 < scores[2].score
    assert order(found, threshold=0.2) == [2, 1]


def test_all_reach_a_threshold_of_zero():
    assert order(scan(row(cosine=-0.2, thread=1), row(thread=2)), threshold=0.0) == [2, 1]


def test_the_parts_that_add_make_the_score():
    day = (date(2023, 5, 7) - date(1970, 1, 1)).days
    found = scan(row(cosine=0.6, word=2, time=1, speaker=1, day=day), row(cosine=0.2))
    window = Window(date(2023, 5, 1), date(2023, 5, 31))

    for one in score(found, windows=[window]).values():
        parts = one.parts
        adds = (parts.semantic, parts.lexical, parts.near, parts.speaker, parts.date, parts.time)
        assert sum(adds) == pytest.approx(one.score)


@pytest.mark.parametrize(("cosine", "expected"), [(-1.0, 0.0), (1.0, 1.0)])
def test_a_score_lies_between_zero_and_one(cosine, expected):
    found = scan(row(cosine=cosine, word=7 if cosine > 0 else 0, time=1, speaker=1, length=1))
    many = Scan(
        found.ids,
        found.cosine,
        found.thread,
        found.length,
        np.concatenate([np.repeat(found.counts[:1], 30, axis=0), found.counts[1:]]),
        found.days,
    )

    [one] = rank(many, words=30, windows=(), top_k=1, threshold=-1.0)

    assert 0 <= one.score <= 1
    assert one.score == pytest.approx(expected, abs=0.1)
