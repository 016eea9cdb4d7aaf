"""The overview's figures, charts and activity, from counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlencode

from apps.dashboard.presenters import charts, text
from apps.dashboard.presenters.memories import PLURALS
from apps.dashboard.presenters.parts import Choice, Figure
from apps.memories.enums import EntityKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from apps.dashboard.presenters.activity import ActivityLine


@dataclass(frozen=True, slots=True)
class Range:
    """How far back the charts go, in how many intervals."""

    name: str
    label: str
    interval: Literal["hour", "day"]
    count: int

    @property
    def step(self) -> timedelta:
        return timedelta(hours=1) if self.interval == "hour" else timedelta(days=1)

    def starts(self, now: datetime) -> list[datetime]:
        """Where each interval begins, the running one last."""
        last = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        last = last.replace(hour=0) if self.interval == "day" else last
        return [last - self.step * back for back in range(self.count - 1, -1, -1)]


RANGES = {
    one.name: one
    for one in (
        Range("24h", "24 hours", "hour", 24),
        Range("7d", "7 days", "day", 7),
        Range("30d", "30 days", "day", 30),
        Range("90d", "90 days", "day", 90),
    )
}
DEFAULT = RANGES["7d"]


@dataclass(frozen=True, slots=True)
class ChartPanel:
    id: str
    heading: str
    note: str
    unit: str
    interval: str
    points: tuple[charts.Point, ...]
    chart: charts.Chart
    is_table: bool
    other_link: str
    other_href: str


@dataclass(frozen=True, slots=True)
class Overview:
    counted_at: datetime
    has_memories: bool
    figures: tuple[Figure, ...]
    ranges: tuple[Choice, ...]
    charts: tuple[ChartPanel, ...]
    activity: tuple[ActivityLine, ...]
    key_command: str
    connect_code: str


def key_figures(
    kept: int, recent: Mapping[str, int], entities: Mapping[EntityKind, int]
) -> tuple[Figure, ...]:
    exact = text.number(kept)
    note = f"{exact} exactly" if text.figure(kept) != exact else "kept now"
    return (
        Figure("Memories", text.figure(kept), note=note),
        *(Figure(PLURALS[kind], text.figure(entities.get(kind, 0))) for kind in EntityKind),
        Figure("Added, 24 hours", text.figure(recent["day"])),
        Figure("Added, 7 days", text.figure(recent["week"])),
    )


def range_choices(current: Range) -> tuple[Choice, ...]:
    return tuple(
        Choice(one.label, f"?{urlencode({'range': one.name})}", one == current)
        for one in RANGES.values()
    )


def added_points(
    current: Range, now: datetime, counts: Mapping[datetime, int]
) -> list[charts.Point]:
    starts = current.starts(now)
    return [point(current, start, counts.get(start, 0), start == starts[-1]) for start in starts]


def kept_points(
    current: Range,
    now: datetime,
    *,
    kept: int,
    added: Mapping[datetime, int],
    deleted: Mapping[datetime, int],
) -> list[charts.Point]:
    """Counted backwards from what is kept now: less what was added since, plus what went."""
    points, starts = [], current.starts(now)
    for start in reversed(starts):
        points.append(point(current, start, kept, start == starts[-1]))
        kept += deleted.get(start, 0) - added.get(start, 0)
    return points[::-1]


def point(current: Range, start: datetime, value: int, is_last: bool) -> charts.Point:  # noqa: FBT001
    if current.interval == "day":
        return charts.Point(text.axis_day(start), text.long_day(start), value, is_last)
    ends = text.clock(start + current.step)
    name = f"{text.axis_day(start)}, {text.clock(start)} to {ends}"
    return charts.Point(text.clock(start), name, value, is_last)


def added_panel(current: Range, points: list[charts.Point], table: str) -> ChartPanel:
    best = max(points, key=lambda one: one.value)
    finding = (
        f"Memories added, {points[0].name} to {points[-1].name}:"
        f" {text.number(best.value)} at most, {best.name}"
    )
    chart = charts.bars(points, unit="added", finding=finding)
    note = "today is not complete" if current.interval == "day" else "this hour is not complete"
    return panel(
        "added", f"Memories added per {current.interval}", note, current, chart, points, table
    )


def kept_panel(current: Range, points: list[charts.Point], table: str) -> ChartPanel:
    finding = (
        f"Memories kept: {text.number(points[0].value)} after {points[0].name},"
        f" {text.number(points[-1].value)} now"
    )
    chart = charts.line(points, unit="kept", finding=finding)
    note = f"axis starts at {text.number(chart.starts_at)}" if chart.starts_at else ""
    return panel("kept", "Memories kept", note, current, chart, points, table)


def panel(
    name: str,
    heading: str,
    note: str,
    current: Range,
    chart: charts.Chart,
    points: list[charts.Point],
    table: str,
) -> ChartPanel:
    is_table = table == name
    asked = {"range": current.name} | ({} if is_table else {"table": name})
    return ChartPanel(
        id=name,
        heading=heading,
        note=note,
        unit="Memories",
        interval=current.interval.capitalize(),
        points=tuple(points),
        chart=chart,
        is_table=is_table,
        other_link="Chart" if is_table else "Table",
        other_href=f"?{urlencode(asked)}#{name}",
    )
