"""Dates that a question names, and how near to them a memory lies."""

import calendar
import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

FADE_DAYS = 21
_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
_SHORT = {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name}
MONTHS = _MONTHS | _SHORT | {"sept": 9}

_NAMES = "|".join(sorted(MONTHS, key=len, reverse=True))
_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
_YEAR = r"(?:19|20)\d\d"
_NAMED = re.compile(
    rf"(?:(?P<before>\b(?:in|on|of|by|since|until|during|before|after|last|this|early|late|mid)\s+)"
    rf"|(?:the\s+)?\b(?P<day>{_DAY})\s+(?:of\s+)?)?"
    rf"\b(?P<month>{_NAMES})\b\.?"
    rf"(?:\s+(?P<later_day>{_DAY})\b(?!\d))?(?:,?\s+(?:of\s+)?(?P<year>{_YEAR})\b)?",
    re.IGNORECASE,
)
_NUMERIC = re.compile(rf"\b({_YEAR})-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01]))?\b")


class Window(NamedTuple):
    """Both days belong to it."""

    first: date
    last: date


def find_windows(question: str, years: Iterable[int]) -> list[Window]:
    """The days and months that the question names; without a year, in each of the years.

    A year alone says too little, and `may` is a month only beside a day, a year or a preposition.
    """
    found = [_window(int(y), int(m), int(d or 0)) for y, m, d in _NUMERIC.findall(question)]
    known = sorted(set(years))
    for match in _NAMED.finditer(question):
        if _is_month(match):
            found += _windows(match, known)
    return [window for window in found if window]


def measure_nearness(day: date, windows: Sequence[Window]) -> float:
    """1 inside a window, fading to 0 three weeks after it and, twice as fast, before it."""
    return max((_nearness(day, window) for window in windows), default=0.0)


def _nearness(day: date, window: Window) -> float:
    # People tell what happened afterwards, so the days that follow count for more.
    after, before = (day - window.last).days, (window.first - day).days
    return max(0.0, 1.0 - max(after, 2 * before, 0) / FADE_DAYS)


def _is_month(match: re.Match[str]) -> bool:
    parts = match.groupdict()
    return match["month"].lower() not in {"may", "mar", "jan"} or any(
        parts[part] for part in ("before", "day", "later_day", "year")
    )


def _windows(match: re.Match[str], years: Sequence[int]) -> list[Window | None]:
    month = MONTHS[match["month"].lower()]
    day = re.sub(r"\D", "", match["day"] or match["later_day"] or "0")
    return [_window(year, month, int(day)) for year in _years(match, years)]


def _years(match: re.Match[str], years: Sequence[int]) -> Sequence[int]:
    return [int(match["year"])] if match["year"] else years


def _window(year: int, month: int, day: int) -> Window | None:
    """A day, or the whole month where the day is 0; nothing for 30 February."""
    last = calendar.monthrange(year, month)[1]
    if day > last:
        return None
    return Window(date(year, month, day or 1), date(year, month, day or last))
