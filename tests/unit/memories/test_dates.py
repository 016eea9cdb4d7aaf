from datetime import date, timedelta

import pytest

from apps.memories.recall.dates import Window, find_windows, measure_nearness


def day(year, month, day):
    return Window(date(year, month, day), date(year, month, day))


@pytest.mark.parametrize(
    "question",
    [
        "on 7 May 2023",
        "May 7, 2023",
        "the 7th of May 2023",
        "May 7th 2023",
        "7 may, 2023",
        "2023-05-07",
    ],
)
def test_a_day_is_found(question):
    assert find_windows(question, [2020]) == [day(2023, 5, 7)]


def test_a_month_is_found_whole():
    assert find_windows("in February 2024", []) == [Window(date(2024, 2, 1), date(2024, 2, 29))]


def test_without_a_year_each_year_in_scope_counts():
    assert find_windows("3 Sept.", [2023, 2022, 2023]) == [day(2022, 9, 3), day(2023, 9, 3)]


@pytest.mark.parametrize(
    "question",
    ["in 2023", "What may I eat?", "30 February 2023", "2023-02-30", "march", "a decade", ""],
)
def test_what_names_no_day_or_month_gives_nothing(question):
    assert find_windows(question, []) == []


@pytest.mark.parametrize("question", ["in May", "since may", "May 2023", "May 5"])
def test_may_is_a_month_beside_a_preposition_a_day_or_a_year(question):
    assert len(find_windows(question, [2023])) == 1


@pytest.mark.parametrize(
    ("days", "nearness"), [(0, 1), (7, 2 / 3), (21, 0), (40, 0), (-7, 1 / 3), (-11, 0)]
)
def test_nearness_fades_faster_before_than_after(days, nearness):
    window = day(2023, 5, 7)

    assert measure_nearness(window.first + timedelta(days), [window]) == pytest.approx(nearness)


def test_the_nearest_window_counts():
    windows = [day(2022, 5, 7), day(2023, 5, 7)]

    assert measure_nearness(date(2023, 5, 7), windows) == 1
    assert measure_nearness(date(2023, 5, 7), []) == 0
