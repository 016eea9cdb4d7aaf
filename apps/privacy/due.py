"""Until when a request must be answered: Art. 12(3) GDPR, counted as Regulation 1182/71 says."""

from calendar import monthrange
from collections.abc import Collection
from datetime import date, timedelta

SATURDAY = 5
TERM_MONTHS = 1
MOST_EXTRA_MONTHS = 2


def compute_due(
    received: date,
    *,
    extra_months: int = 0,
    paused_days: int = 0,
    holidays: Collection[date] = (),
) -> date:
    """One month after receipt, and as many more; what was paused is added.

    A month ends on the same day of the month, or on its last. On a weekend or a holiday the next
    working day counts.
    """
    end = add_months(received, TERM_MONTHS + extra_months) + timedelta(days=paused_days)
    while end.weekday() >= SATURDAY or end in holidays:
        end += timedelta(days=1)
    return end


def add_months(day: date, months: int) -> date:
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
