"""Art. 12(3) GDPR with Regulation 1182/71, as a table of cases."""

from datetime import date

import pytest

from apps.privacy.due import add_months, compute_due


def day(text):
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("received", "months", "paused", "holidays", "due"),
    [
        ("2026-11-11", 0, 0, [], "2026-12-11"),
        ("2026-12-31", 0, 0, [], "2027-02-01"),  # 31 January 2027 is a Sunday
        ("2027-01-31", 0, 0, [], "2027-03-01"),  # 28 February 2027 is a Sunday
        ("2028-01-31", 0, 0, [], "2028-02-29"),  # a leap year
        ("2028-01-29", 0, 0, [], "2028-02-29"),
        ("2030-01-31", 0, 0, [], "2030-02-28"),
        ("2026-03-31", 0, 0, [], "2026-04-30"),
        ("2026-10-31", 0, 0, [], "2026-11-30"),
        ("2026-11-14", 0, 0, [], "2026-12-14"),
        ("2026-11-12", 0, 0, [], "2026-12-14"),  # 12 December 2026 is a Saturday
        ("2026-11-13", 0, 0, [], "2026-12-14"),  # a Sunday
        ("2026-11-25", 0, 0, ["2026-12-25"], "2026-12-28"),  # a holiday, then a weekend
        ("2026-11-25", 0, 0, ["2026-12-25", "2026-12-28"], "2026-12-29"),
        ("2026-11-11", 0, 0, ["2026-12-10"], "2026-12-11"),  # a holiday on the way counts
        ("2026-11-11", 1, 0, [], "2027-01-11"),
        ("2026-11-11", 2, 0, [], "2027-02-11"),
        ("2026-11-30", 2, 0, [], "2027-03-01"),  # not two months after the extended end
        ("2026-12-31", 2, 0, [], "2027-03-31"),
        ("2026-11-11", 0, 3, [], "2026-12-14"),
        ("2026-11-11", 0, 5, [], "2026-12-16"),
        ("2026-11-11", 2, 10, ["2027-02-22"], "2027-02-23"),
        ("2026-12-11", 0, 0, [], "2027-01-11"),  # over the end of a year
    ],
)
def test_request_is_due(received, months, paused, holidays, due):
    found = compute_due(
        day(received),
        extra_months=months,
        paused_days=paused,
        holidays=[day(one) for one in holidays],
    )

    assert found == day(due)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2026-12-01", 1, "2027-01-01"),
        ("2026-05-15", 14, "2027-07-15"),
    ],
)
def test_months_are_those_of_the_calendar(start, months, end):
    assert add_months(day(start), months) == day(end)
