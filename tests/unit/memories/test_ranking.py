"""One score out of meaning, words, speaker and date: no database."""

import math
from datetime import date
from uuid import UUID

import numpy as np
import pytest

from apps.memories.recall.dates import Window
from apps.memories.recall.ranking import Scan, measure_words, rank

DAY = (date(2026, 3, 2) - date(1970, 1, 1)).days


def make_scan(cosine, counts=None, thread=None, length=None, days=()):
    rows = len(cosine)
    return Scan(
        ids=np.frombuffer(b"".join(UUID(int=n + 1).bytes for n in range(rows)), "V16"),
        cosine=np.array(cosine, dtype=np.float32),
        thread=np.array(range(rows) if thread is None else thread, dtype=np.int64),
        length=np.array([10] * rows if length is None else length, dtype=np.float32),
        counts=np.array(np.zeros((0, rows)) if counts is None else counts, dtype=np.float32),
        days=np.array(days, dtype=np.int64),
    )


def order(scan, *, words=0, windows=(), top_k=10, threshold=0.0):
    ranked = rank(scan, words=words, windows=windows, top_k=top_k, threshold=threshold)
    return [one.memory_id.int - 1 for one in ranked]


def test_nothing_in_scope_is_nothing():
    assert rank(make_scan([]), words=0, windows=(), top_k=10, threshold=0.0) == []


def test_nearest_comes_first():
    assert order(make_scan([0.1, 0.9, 0.5])) == [1, 2, 0]


def test_equal_scores_come_newest_first():
    assert order(make_scan([0.5] * 5)) == [4, 3, 2, 1, 0]
    assert order(make_scan([0.5] * 5), top_k=2) == [4, 3]


def test_cut_among_equal_scores_keeps_the_better_ones():
    assert order(make_scan([0.5, 0.9, 0.5, 0.1]), top_k=2) == [1, 2]


@pytest.mark.parametrize(("threshold", "expected"), [(0.0, [1, 2, 0]), (0.5, [1, 2]), (0.91, [])])
def test_what_is_below_the_threshold_is_left_out(threshold, expected):
    assert order(make_scan([0.25, 0.875, 0.5]), threshold=threshold) == expected


def test_score_is_the_sum_of_its_parts():
    scan = make_scan([0.5, 0.5], counts=[[1, 0], [1, 0]], days=[DAY, DAY - 400])
    window = Window(date(2026, 3, 1), date(2026, 3, 31))

    best, rest = rank(scan, words=1, windows=[window], top_k=10, threshold=0.0)

    parts = best.parts
    assert [parts.semantic, parts.lexical, parts.speaker, parts.date] == pytest.approx(
        [0.35, 0.3, 0.1, 0.15]
    )
    assert best.score == pytest.approx(0.9)
    assert [rest.parts.lexical, rest.parts.speaker, rest.parts.date] == [0, 0, 0]


@pytest.mark.parametrize(("cosine", "score"), [(1.0, 1.0), (-1.0, 0.0)])
def test_score_stays_between_0_and_1(cosine, score):
    scan = make_scan([cosine], counts=[[1], [1]] if cosine > 0 else None)

    [one] = rank(scan, words=1 if cosine > 0 else 0, windows=(), top_k=1, threshold=-1.0)

    assert one.score == score


def test_bm25_is_the_known_formula():
    scan = make_scan([0, 0, 0], counts=[[2, 0, 1]], length=[10, 20, 30])

    measured = measure_words(scan, 1)

    weight = math.log(1 + (3 - 2 + 0.5) / (2 + 0.5))
    expected = [
        weight * tf * 2.2 / (tf + 1.2 * (0.6 + 0.4 * length / 20)) for tf, length in [(2, 10), (0, 20), (1, 30)]
    ]
    assert measured.tolist() == pytest.approx(expected, rel=1e-5)


def test_rare_word_weighs_more_than_a_common_one():
    scan = make_scan([0] * 4, counts=[[1, 1, 1, 0], [0, 0, 0, 1]])

    assert order(scan, words=2)[0] == 3


def test_words_are_lent_to_the_next_two_of_the_thread():
    scan = make_scan([0] * 5, counts=[[1, 0, 0, 0, 0]], thread=[7, 7, 7, 7, 7])

    assert (measure_words(scan, 1) > 0).tolist() == [True, True, True, False, False]


def test_words_are_lent_to_no_other_thread():
    scan = make_scan([0] * 4, counts=[[1, 0, 0, 0]], thread=[7, 8, 8, 7])

    assert (measure_words(scan, 1) > 0).tolist() == [True, False, False, False]


def test_speaker_counts_for_the_row_itself_only():
    scan = make_scan([0.5, 0.5], counts=[[1, 0]], thread=[7, 7])

    ranked = rank(scan, words=0, windows=(), top_k=2, threshold=0.0)

    assert {one.memory_id.int: one.parts.speaker for one in ranked} == pytest.approx({1: 0.1, 2: 0})


def test_question_without_words_has_no_lexical_part():
    [one] = rank(make_scan([0.5]), words=0, windows=(), top_k=1, threshold=0.0)

    assert (one.parts.bm25, one.parts.lexical) == (0, 0)


@pytest.mark.parametrize(("days", "nearness"), [(0, 1.0), (7, 2 / 3), (21, 0), (-7, 1 / 3), (-11, 0)])
def test_date_fades_after_the_day_and_twice_as_fast_before_it(days, nearness):
    window = Window(date(2026, 3, 2), date(2026, 3, 2))

    [one] = rank(make_scan([0], days=[DAY + days]), words=0, windows=[window], top_k=1, threshold=0.0)

    assert one.parts.date == pytest.approx(0.15 * nearness, abs=1e-6)
