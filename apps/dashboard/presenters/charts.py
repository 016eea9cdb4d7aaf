"""Geometry of the server-rendered charts: heights in pixels, positions across in hundredths.

The plot is as wide as its panel, so nothing but hundredths can say where a bar stands; the
height is fixed, so text keeps its size on every screen.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, log10
from typing import TYPE_CHECKING, Literal

from apps.dashboard.presenters.text import number

if TYPE_CHECKING:
    from collections.abc import Sequence

HEIGHT = 190
LABELS = 5
GAP = 0.34
CHARACTER = 6.3
HALF = 50


@dataclass(frozen=True, slots=True)
class Point:
    """One interval: what the axis calls it, what the readout says, and the value."""

    short: str
    name: str
    value: int
    is_unfinished: bool = False


@dataclass(frozen=True, slots=True)
class Tick:
    label: str
    at: float
    anchor: Literal["middle", "end"] = "middle"


@dataclass(frozen=True, slots=True)
class Slot:
    """What one interval shows under the pointer, and its bar."""

    x: float
    width: float
    middle: float
    y: float
    bar_x: float
    bar_width: float
    height: float
    lines: tuple[str, str]
    box_x: float
    box_width: float
    is_unfinished: bool


@dataclass(frozen=True, slots=True)
class Chart:
    kind: Literal["bars", "line"]
    finding: str
    ticks: tuple[Tick, ...]
    labels: tuple[Tick, ...]
    slots: tuple[Slot, ...]
    path: str = ""
    unfinished: str = ""
    starts_at: int = 0
    height: int = HEIGHT


def bars(points: Sequence[Point], *, unit: str, finding: str) -> Chart:
    scale = Scale.over([point.value for point in points])
    return draw("bars", points, scale, unit, finding)


def line(points: Sequence[Point], *, unit: str, finding: str) -> Chart:
    """A stock: the axis may start above zero, `starts_at` says where."""
    values = [point.value for point in points]
    return draw("line", points, Scale.over(values, may_start_higher=True), unit, finding)


@dataclass(frozen=True, slots=True)
class Scale:
    low: int
    high: int
    step: int

    @classmethod
    def over(cls, values: Sequence[int], *, may_start_higher: bool = False) -> Scale:
        """Round limits around the values, with three to five lines between them."""
        top = max([*values, 1])
        bottom = min(values, default=0)
        starts_higher = may_start_higher and bottom > top / 2
        step = round_step(top - bottom if starts_higher else top)
        low = floor(bottom / step) * step if starts_higher else 0
        return cls(low, max(ceil(top / step) * step, low + step), step)

    def y(self, value: int) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(HEIGHT * (1 - share), 1)

    def ticks(self) -> tuple[Tick, ...]:
        values = range(self.low, self.high + 1, self.step)
        return tuple(Tick(axis_number(value), self.y(value)) for value in values)


def round_step(span: int) -> int:
    """1, 2 or 5 times a power of ten, so that the span has at most four steps."""
    rough = max(span / 4, 1)
    power = 10 ** floor(log10(rough))
    return int(next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough))


def axis_number(value: int) -> str:
    thousands, rest = divmod(value, 1_000)
    return f"{thousands}k" if thousands >= 10 and not rest else number(value)  # noqa: PLR2004


def draw(
    kind: Literal["bars", "line"], points: Sequence[Point], scale: Scale, unit: str, finding: str
) -> Chart:
    slots = tuple(
        slot(index, point, len(points), scale, unit) for index, point in enumerate(points)
    )
    closed = slots[:-1] if points and points[-1].is_unfinished else slots
    return Chart(
        kind=kind,
        finding=finding,
        ticks=scale.ticks(),
        labels=axis_labels(points, slots),
        slots=slots,
        path=path(closed),
        unfinished=path(slots[-2:]) if closed != slots else "",
        starts_at=scale.low,
    )


def slot(index: int, point: Point, count: int, scale: Scale, unit: str) -> Slot:
    width = 100 / count
    y = scale.y(point.value)
    lines = (point.name, f"{number(point.value)} {unit}")
    box = max(map(len, lines)) * CHARACTER + 18
    middle = (index + 0.5) * width
    return Slot(
        x=round(index * width, 3),
        width=round(width, 3),
        middle=round(middle, 3),
        y=y,
        bar_x=round((index + GAP / 2) * width, 3),
        bar_width=round(width * (1 - GAP), 3),
        height=round(HEIGHT - y, 1),
        lines=lines,
        box_x=round(10 if middle < HALF else -10 - box, 1),
        box_width=round(box, 1),
        is_unfinished=point.is_unfinished,
    )


def axis_labels(points: Sequence[Point], slots: Sequence[Slot]) -> tuple[Tick, ...]:
    every = ceil(len(points) / LABELS)
    chosen = range(len(points) - 1, -1, -every)
    *others, last = [Tick(points[index].short, slots[index].middle) for index in sorted(chosen)]
    return (*others, Tick(last.label, 100, "end") if len(points) > LABELS else last)


def path(slots: Sequence[Slot]) -> str:
    return "M" + "L".join(f"{slot.middle} {slot.y}" for slot in slots) if slots else ""
