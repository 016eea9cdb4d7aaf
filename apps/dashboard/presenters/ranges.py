"""How far back the charts go, in how many intervals."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlencode

from apps.dashboard.presenters import charts, text
from apps.dashboard.presenters.parts import Choice

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_HOURLY = 7  # days that are drawn by the hour
MOST_DAYS = 366
DATES = "dates"


@dataclass(frozen=True, slots=True)
class Range:
    """`ends` is the day after the last one; without it the range ends now."""

    name: str
    label: str
    interval: Literal["hour", "day"]
    count: int
    ends: datetime | None = None

    @property
    def step(self) -> timedelta:
        return timedelta(hours=1) if self.interval == "hour" else timedelta(days=1)

    @property
    def query(self) -> dict[str, str]:
        """What an address needs to name this range."""
        if self.ends is None:
            return {"range": self.name}
        first = self.ends - self.step * self.count
        last = self.ends - timedelta(days=1)
        return {"range": DATES, "from": text.day(first), "to": text.day(last)}

    def starts(self, now: datetime) -> list[datetime]:
        """Where each interval begins, the last one last."""
        last = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        last = last.replace(hour=0) if self.interval == "day" else last
        last = self.ends - self.step if self.ends else last
        return [last - self.step * back for back in range(self.count - 1, -1, -1)]

    def place(self, moment: datetime, starts: Sequence[datetime]) -> int:
        return (moment - starts[0]) // self.step

    def point(
        self, start: datetime, values: tuple[charts.Value, ...], *, now: datetime, failed: int = 0
    ) -> charts.Point:
        is_unfinished = start <= now < start + self.step
        if self.interval == "day":
            names = text.axis_day(start), text.long_day(start)
        else:
            clock = f"{text.clock(start)} to {text.clock(start + self.step)}"
            is_long = self.count > 24  # noqa: PLR2004 - hours of more than one day
            names = (
                text.axis_day(start) if is_long else text.clock(start),
                f"{text.axis_day(start)}, {clock}",
            )
        return charts.Point(*names, values, is_unfinished, failed)


RANGES = {
    one.name: one
    for one in (
        Range("24h", "24 hours", "hour", 24),
        Range("7d", "7 days", "hour", 168),
        Range("30d", "30 days", "day", 30),
        Range("90d", "90 days", "day", 90),
    )
}
DEFAULT = RANGES["7d"]


def make_dates(first: date, last: date) -> Range:
    """From one day to another, both included; by the hour where they are few."""
    days = (last - first).days + 1
    ends = text.midnight(last + timedelta(days=1))
    label = f"{text.axis_day(first)} to {text.axis_day(last)}"
    if days <= MOST_HOURLY:
        return Range(DATES, label, "hour", days * 24, ends)
    return Range(DATES, label, "day", days, ends)


def list_choices(current: Range) -> tuple[Choice, ...]:
    known = tuple(
        Choice(one.label, f"?{urlencode(one.query)}", one == current) for one in RANGES.values()
    )
    is_dates = current.name == DATES
    label = current.label if is_dates else "Dates…"
    return (*known, Choice(label, f"?{urlencode({'range': DATES})}", is_dates))


def days_of(current: Range) -> Range:
    """The same range by the day: what is drawn as bars."""
    if current.interval == "day":
        return current
    return replace(current, interval="day", count=max(current.count // 24, 1))
