"""The charts of the overview, each with the same numbers as a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from apps.dashboard.presenters import charts, text
from apps.dashboard.presenters.overview import find_time

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from apps.dashboard.presenters.overview import Interval
    from apps.dashboard.presenters.ranges import Range

KEPT, USE, TIMES, JOBS = "kept", "use", "times", "jobs"
NOT_KNOWN = "not known"


@dataclass(frozen=True, slots=True)
class TableRow:
    name: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Key:
    """What a colour of stacked bars means."""

    label: str
    style: str


JOB_KEYS = (Key("done", ""), Key("waiting", "third"), Key("failed", "failed"))


@dataclass(frozen=True, slots=True)
class ChartPanel:
    id: str
    heading: str
    note: str
    heads: tuple[str, ...]
    rows: tuple[TableRow, ...]
    chart: charts.Chart
    is_table: bool
    other_link: str
    other_href: str
    keys: tuple[Key, ...] = ()


@dataclass(frozen=True, slots=True)
class Plot:
    """The intervals of a range, and which panel is shown as a table."""

    range: Range
    starts: Sequence[datetime]
    intervals: Sequence[Interval]
    now: datetime
    table: str

    def points(
        self,
        read: Callable[[Interval], tuple[charts.Value, ...]],
        failed: Callable[[Interval], int] = lambda _: 0,
    ) -> list[charts.Point]:
        """Nothing is known of what has not begun."""
        return [
            self.range.point(start, read(one), now=self.now, failed=failed(one))
            for start, one in zip(self.starts, self.intervals, strict=True)
            if start <= self.now
        ]


def kept_panel(plot: Plot) -> ChartPanel:
    points = plot.points(lambda one: (one.kept,))
    known = [point for point in points if point.values[0] is not None]
    finding = "Memories kept: not known"
    if known:
        first, last = known[0], known[-1]
        finding = (
            f"Memories kept: {text.number(first.values[0] or 0)}, {first.name};"
            f" {text.number(last.values[0] or 0)}, {last.name}"
        )
    chart = charts.stock(points, charts.Series("kept"), finding=finding)
    note = f"axis starts at {text.number(chart.starts_at)}" if chart.starts_at else ""
    return panel(plot, KEPT, "Memories kept", note, ("Memories",), points, chart)


def use_panel(plot: Plot) -> ChartPanel:
    points = plot.points(lambda one: (one.searches, one.adds))
    series = (charts.Series("searches", "searches"), charts.Series("adds", "adds", 2))
    best = max(points, key=lambda point: point.values[0] or 0)
    finding = (
        f"Searches, {points[0].name} to {points[-1].name}:"
        f" {text.number(best.values[0] or 0)} at most, {best.name}"
    )
    chart = charts.lines(points, series, finding=finding)
    heading = f"Adds and searches per {plot.range.interval}"
    return panel(plot, USE, heading, "", ("Searches", "Adds"), points, chart)


def times_panel(plot: Plot) -> ChartPanel:
    points = plot.points(lambda one: (find_time(one.times, 0.95), find_time(one.times, 0.5)))
    series = (charts.Series("ms p95", "p95", 2), charts.Series("ms p50", "p50"))
    slowest = max(points, key=lambda point: point.values[0] or 0)
    finding = "Search time: no searches"
    if slowest.values[0] is not None:
        finding = f"Search time p95: {text.number(slowest.values[0])} ms at most, {slowest.name}"
    chart = charts.lines(points, series, finding=finding, suffix=" ms")
    note = "without embedding, to a fifth"
    return panel(plot, TIMES, "Search time", note, ("p95, ms", "p50, ms"), points, chart)


def jobs_panel(plot: Plot) -> ChartPanel:
    """`waiting` is what waited when the interval ended."""
    points = plot.points(
        lambda one: (one.jobs_done, one.jobs_waiting or 0), lambda one: one.jobs_failed
    )
    series = (charts.Series("done"), charts.Series("waiting", style=3))
    failed = sum(point.failed for point in points)
    done = sum(point.values[0] or 0 for point in points)
    finding = f"Jobs: {text.number(done)} done, {text.number(failed)} failed"
    chart = charts.bars(points, series, finding=finding)
    heads = ("Done", "Waiting", "Failed")
    return panel(plot, JOBS, "Jobs per day", "", heads, points, chart, keys=JOB_KEYS)


def panel(
    plot: Plot,
    name: str,
    heading: str,
    note: str,
    heads: tuple[str, ...],
    points: Sequence[charts.Point],
    chart: charts.Chart,
    *,
    keys: tuple[Key, ...] = (),
) -> ChartPanel:
    is_table = plot.table == name
    asked = plot.range.query | ({} if is_table else {"table": name})
    return ChartPanel(
        id=name,
        heading=heading,
        note=note,
        heads=("Day" if plot.range.interval == "day" else "Hour", *heads),
        rows=tuple(table_row(point, len(heads)) for point in points) if is_table else (),
        chart=chart,
        is_table=is_table,
        other_link="Chart" if is_table else "Table",
        other_href=f"?{urlencode(asked)}#{name}",
        keys=keys,
    )


def table_row(point: charts.Point, width: int) -> TableRow:
    """The values, and what failed where there is a column for it."""
    values = (*point.values, point.failed)[:width]
    return TableRow(
        point.name, tuple(NOT_KNOWN if one is None else text.number(one) for one in values)
    )
