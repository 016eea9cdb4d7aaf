"""The overview's figures, charts and activity, from the hourly counts."""

from __future__ import annotations

import operator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.urls import reverse

from apps.dashboard.presenters import text
from apps.dashboard.presenters.parts import Choice, Figure
from apps.memories.enums import EntityKind
from apps.memories.usage import SEARCH_LIMITS, STEPS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from apps.dashboard.presenters.activity import ActivityLine
    from apps.dashboard.presenters.panels import ChartPanel
    from apps.dashboard.presenters.ranges import Range
    from apps.dashboard.presenters.requests import RequestRow
    from apps.operations.models import HourlyCount
    from apps.operations.queries import Hour

MOST_LATE = 7200  # seconds; the worker looks at a tenant at least once an hour
REQUESTS = 5


@dataclass(slots=True)
class Interval:
    """What was counted in one interval of the range. `kept` is what there was at its end."""

    adds: int = 0
    searches: int = 0
    deletes: int = 0
    jobs_done: int = 0
    jobs_failed: int = 0
    jobs_waiting: int | None = None
    kept: int | None = None
    times: list[int] = field(default_factory=lambda: [0] * STEPS)

    def add(self, row: Hour) -> None:
        self.adds += row.adds
        self.searches += row.searches
        self.deletes += row.deletes
        self.jobs_done += row.jobs_done
        self.jobs_failed += row.jobs_failed
        self.kept = self.kept if row.kept is None else row.kept
        self.jobs_waiting = self.jobs_waiting if row.jobs_waiting is None else row.jobs_waiting
        if row.search_times:
            self.times = list(map(operator.add, self.times, row.search_times))


@dataclass(frozen=True, slots=True)
class Need:
    """Something that waits for a person."""

    words: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Overview:
    counted_at: datetime | None
    has_memories: bool
    has_demo: bool
    needs: tuple[Need, ...]
    figures: tuple[Figure, ...]
    ranges: tuple[Choice, ...]
    charts: tuple[ChartPanel, ...]
    requests: tuple[RequestRow, ...] | None
    activity: tuple[ActivityLine, ...]
    key_command: str
    connect_code: str

    @property
    def needs_heading(self) -> str:
        count = len(self.needs)
        return "1 thing needs you." if count == 1 else f"{count} things need you."


def fill_intervals(
    current: Range, starts: Sequence[datetime], rows: Sequence[Hour], before: int | None
) -> list[Interval]:
    """One for each start. `before` is what was kept when the range began; a stock goes on."""
    intervals = [Interval() for _ in starts]
    for row in rows:
        intervals[current.place(row.hour, starts)].add(row)
    for interval in intervals:
        interval.kept = before if interval.kept is None else interval.kept
        before = interval.kept
    return intervals


def find_time(times: Sequence[int], share: float) -> int | None:
    """The time in ms that this share of the searches stayed below, to within a fifth."""
    rank, seen = share * sum(times), 0
    for limit, count in zip(SEARCH_LIMITS, times, strict=True):
        seen += count
        if count and seen >= rank:
            return round(limit)
    return None


def key_figures(now: HourlyCount | None, intervals: Sequence[Interval]) -> tuple[Figure, ...]:
    total = Interval()
    for one in intervals:
        for step, count in enumerate(one.times):
            total.times[step] += count
    times = [find_time(total.times, share) for share in (0.5, 0.95)]
    adds, searches, deletes = (
        sum(getattr(one, name) for one in intervals) for name in ("adds", "searches", "deletes")
    )
    has_times = None not in times
    return (
        *stock_figures(now),
        Figure("Adds", text.figure(adds), note=f"{text.counted(deletes, 'delete')}"),
        Figure("Searches", text.figure(searches), note="of applications and operators"),
        Figure(
            "Search time p50 / p95",
            " / ".join(text.number(one) for one in times if one is not None) or "none",
            "ms" if has_times else "",
            "without embedding" if has_times else "no searches",
        ),
        storage_figure(now),
    )


def stock_figures(now: HourlyCount | None) -> tuple[Figure, Figure]:
    if now is None or now.kept is None:
        return Figure("Memories", "not known"), Figure("Entities", "not known")
    counts = {kind: getattr(now, f"{kind.value}s") for kind in EntityKind}
    exact = text.number(now.kept)
    note = f"{exact} exactly" if text.figure(now.kept) != exact else "kept now"
    users = counts[EntityKind.USER]
    return (
        Figure("Memories", text.figure(now.kept), note=note),
        Figure("Entities", text.figure(sum(counts.values())), note=text.counted(users, "user")),
    )


def storage_figure(now: HourlyCount | None) -> Figure:
    if now is None or now.bytes is None:
        return Figure("Storage", "not known")
    return Figure("Storage", *text.size(now.bytes), "about, without indexes")


def list_needs(
    *,
    requests: Sequence[RequestRow],
    failed_jobs: int,
    problems: int,
    counted_at: datetime | None,
    now: datetime,
) -> tuple[Need, ...]:
    """What is overdue, due soon, failed or standing still, in this order."""
    overdue = sum(row.due_state == "failed" for row in requests)
    soon = sum(row.due_state == "due" for row in requests)
    href = reverse("dashboard:request-list")
    is_late = counted_at and (now - counted_at).total_seconds() > MOST_LATE
    needs = (
        (overdue, Need(f"{verb(overdue, 'request')} overdue", href)),
        (soon, Need(f"{verb(soon, 'request')} due within 7 days", href)),
        (
            problems,
            Need(
                f"the audit trail has {text.counted(problems, 'problem')}",
                reverse("dashboard:audit-list"),
            ),
        ),
        (failed_jobs, Need(f"{text.counted(failed_jobs, 'job')} failed in this range")),
        (is_late, Need("no worker has counted for two hours")),
    )
    return tuple(need for is_there, need in needs if is_there)


def verb(count: int, one: str) -> str:
    return f"{text.counted(count, one)} {'is' if count == 1 else 'are'}"
