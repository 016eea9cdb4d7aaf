from datetime import UTC, date, datetime

import pytest

from apps.dashboard.presenters import text


@pytest.mark.parametrize(("value", "said"), [(0, "0"), (128_402, "128,402"), (1_240_000, "1.2 M")])
def test_figure(value, said):
    assert text.figure(value) == said


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Ines Moreau", "IM"), ("ines.moreau@halden.example", "IM"), ("admin@x.org", "A"), ("", "?")],
)
def test_initials(name, letters):
    assert text.initials(name) == letters


def test_times():
    moment = datetime(2026, 11, 21, 9, 41, tzinfo=UTC)

    assert text.stamp(moment) == "2026-11-21 09:41"
    assert text.long(moment) == "21 November 2026, 09:41 UTC"
    assert text.axis_day(moment) == "21 Nov"
    assert text.day(date(2026, 2, 1)) == "2026-02-01"


def test_counted():
    assert text.counted(1, "memory", "memories") == "1 memory"
    assert text.counted(1_200, "memory", "memories") == "1,200 memories"
    assert text.counted(2, "user") == "2 users"
