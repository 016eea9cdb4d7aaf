"""Geometry of the server-rendered charts: heights in pixels, positions across in hundredths.

The plot is as wide as its panel, so nothing but hundredths can say where a bar stands; the
height is fixed, so text keeps its size on every screen.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, log10
from typing import TYPE_CHECKING, Literal

from apps.dashboard.presenters.text import counted, number

if TYPE_CHECKING:
    from collections.abc import Sequence

HEIGHT = 190
LABELS = 4
FEWER_LABELS = 3  # where the plot is narrower, by the names at the ends of its lines
GAP = 0.34
CHARACTER = 6.3
HALF = 50
LINE_HEIGHT = 15
LABEL_HEIGHT = 14

Value = int | None  # None is not known: a gap in a line
Kind = Literal["bars", "line"]


@dataclass(frozen=True, slots=True)
class Series:
    """`unit` follows the value in the readout; `label` stands at the end of the line."""

    unit: str
    label: str = ""
    style: int = 1


@dataclass(frozen=True, slots=True)
class Point:
    """One interval: what the axis calls it, what the readout says, a value for each series."""

    short: str
    name: str
    values: tuple[Value, ...]
    is_unfinished: bool = False
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Tick:
    label: str
    at: float
    anchor: Literal["middle", "end"] = "middle"


@dataclass(frozen=True, slots=True)
class Dot:
    y: float
    style: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a bar."""

    y: float
    height: float
    style: int


@dataclass(frozen=True, slots=True)
class Line:
    words: str
    y: int


@dataclass(frozen=True, slots=True)
class Slot:
    """What one interval shows under the pointer, and its bar with the mark of failures."""

    x: float
    width: float
    middle: float
    bar_x: float
    bar_width: float
    dots: tuple[Dot, ...]
    pieces: tuple[Piece, ...]
    lines: tuple[Line, ...]
    box_x: float
    box_width: float
    box_height: int
    is_unfinished: bool
    failed: str = ""
    failed_y: float = 0


@dataclass(frozen=True, slots=True)
class Curve:
    path: str
    unfinished: str
    label: str
    label_y: float
    style: int


@dataclass(frozen=True, slots=True)
class Chart:
    kind: Kind
    finding: str
    ticks: tuple[Tick, ...]
    labels: tuple[Tick, ...]
    slots: tuple[Slot, ...]
    curves: tuple[Curve, ...] = ()
    starts_at: int = 0
    height: int = HEIGHT

    @property
    def has_labels(self) -> bool:
        return any(curve.label for curve in self.curves)


def bars(points: Sequence[Point], series: Sequence[Series], *, finding: str) -> Chart:
    """Stacked, the first series at the bottom; what failed is a mark above with its number."""
    scale = Scale.over([sum(value or 0 for value in point.values) for point in points])
    return draw("bars", points, series, scale, finding)


def lines(
    points: Sequence[Point], series: Sequence[Series], *, finding: str, suffix: str = ""
) -> Chart:
    """`suffix` follows the numbers of the axis."""
    scale = Scale.over(list_values(points))
    return draw("line", points, series, scale, finding, suffix=suffix)


def stock(points: Sequence[Point], series: Series, *, finding: str) -> Chart:
    """A line whose axis may start above zero, `starts_at` says where."""
    scale = Scale.over(list_values(points), may_start_higher=True)
    return draw("line", points, [series], scale, finding)


def list_values(points: Sequence[Point]) -> list[int]:
    return [value for point in points for value in point.values if value is not None]


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

    def ticks(self, suffix: str) -> tuple[Tick, ...]:
        values = range(self.low, self.high + 1, self.step)
        return tuple(Tick(axis_number(value) + suffix, self.y(value)) for value in values)


def round_step(span: int) -> int:
    """1, 2 or 5 times a power of ten, so that the span has at most four steps."""
    rough = max(span / 4, 1)
    power = 10 ** floor(log10(rough))
    return int(next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough))


def axis_number(value: int) -> str:
    thousands, rest = divmod(value, 1_000)
    return f"{thousands}k" if thousands >= 10 and not rest else number(value)  # noqa: PLR2004


def draw(
    kind: Kind,
    points: Sequence[Point],
    series: Sequence[Series],
    scale: Scale,
    finding: str,
    *,
    suffix: str = "",
) -> Chart:
    has_names = any(one.label for one in series)
    slots = tuple(
        draw_slot(place, point, len(points), series, scale) for place, point in enumerate(points)
    )
    return Chart(
        kind=kind,
        finding=finding,
        ticks=scale.ticks(suffix),
        labels=axis_labels(points, slots, most=FEWER_LABELS if has_names else LABELS),
        slots=slots,
        curves=draw_curves(points, series, scale) if kind == "line" else (),
        starts_at=scale.low,
    )


def draw_slot(place: int, point: Point, count: int, series: Sequence[Series], scale: Scale) -> Slot:
    width = 100 / count
    middle = (place + 0.5) * width
    words = readout(point, series)
    box = max(map(len, words)) * CHARACTER + 18
    pieces = stack(point, series, scale)
    return Slot(
        x=round(place * width, 3),
        width=round(width, 3),
        middle=round(middle, 3),
        bar_x=round((place + GAP / 2) * width, 3),
        bar_width=round(width * (1 - GAP), 3),
        dots=tuple(
            Dot(scale.y(value), one.style)
            for value, one in zip(point.values, series, strict=True)
            if value is not None
        ),
        pieces=pieces,
        lines=tuple(Line(word, 16 + LINE_HEIGHT * row) for row, word in enumerate(words)),
        box_x=round(10 if middle < HALF else -10 - box, 1),
        box_width=round(box, 1),
        box_height=10 + LINE_HEIGHT * len(words),
        is_unfinished=point.is_unfinished,
        failed=number(point.failed) if point.failed else "",
        failed_y=(pieces[-1].y if pieces else HEIGHT) - 8,
    )


def readout(point: Point, series: Sequence[Series]) -> list[str]:
    values = zip(point.values, series, strict=True)
    said = [
        f"{one.label} not known".strip() if value is None else f"{number(value)} {one.unit}"
        for value, one in values
    ]
    return [point.name, *said, *([f"{counted(point.failed, 'job')} failed"] * bool(point.failed))]


def stack(point: Point, series: Sequence[Series], scale: Scale) -> tuple[Piece, ...]:
    pieces, total = [], 0
    for value, one in zip(point.values, series, strict=True):
        if value:
            top = scale.y(total + value)
            pieces.append(Piece(top, round(scale.y(total) - top, 1), one.style))
            total += value
    return tuple(pieces)


def draw_curves(
    points: Sequence[Point], series: Sequence[Series], scale: Scale
) -> tuple[Curve, ...]:
    curves: list[Curve] = []
    for place, one in enumerate(series):
        spots = [
            (round((at + 0.5) * 100 / len(points), 3), point.values[place])
            for at, point in enumerate(points)
        ]
        is_open = bool(points) and points[-1].is_unfinished
        ends = next((value for _, value in reversed(spots) if value is not None), None)
        y = scale.y(ends if ends is not None else scale.low)
        curves.append(
            Curve(
                path=draw_path(spots[:-1] if is_open else spots, scale),
                unfinished=draw_path(spots[-2:], scale) if is_open and spots[:-1] else "",
                label=one.label,
                label_y=y,
                style=one.style,
            )
        )
    return spread(curves)


def spread(curves: Sequence[Curve]) -> tuple[Curve, ...]:
    """Labels that would lie upon each other stand one below the other."""
    last = -LABEL_HEIGHT * 2.0
    placed: dict[int, float] = {}
    for curve in sorted(curves, key=lambda one: one.label_y):
        last = placed[curve.style] = max(curve.label_y, last + LABEL_HEIGHT)
    return tuple(
        Curve(one.path, one.unfinished, one.label, placed[one.style], one.style) for one in curves
    )


def draw_path(spots: Sequence[tuple[float, Value]], scale: Scale) -> str:
    """A gap in the values is a gap in the line."""
    words, is_drawn = [], False
    for x, value in spots:
        if value is not None:
            words.append(f"{'L' if is_drawn else 'M'}{x} {scale.y(value)}")
        is_drawn = value is not None
    return "".join(words)


def axis_labels(points: Sequence[Point], slots: Sequence[Slot], *, most: int) -> tuple[Tick, ...]:
    every = ceil(len(points) / most)
    chosen = range(len(points) - 1, -1, -every)
    *others, last = [Tick(points[index].short, slots[index].middle) for index in sorted(chosen)]
    return (*others, Tick(last.label, 100, "end") if len(points) > most else last)
