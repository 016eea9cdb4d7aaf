"""Plain values that components take. Nothing here touches the database or the request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime

StateKind = Literal["done", "running", "waiting", "off", "due", "failed", "held", "outside"]


@dataclass(frozen=True, slots=True)
class Choice:
    """A link among others of which one is current: tab, segment, theme, tenant."""

    label: str
    href: str
    is_current: bool = False
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    label: str
    value: str
    unit: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    label: str
    state: StateKind
    note: str = ""
    figure: str = ""


@dataclass(frozen=True, slots=True)
class NotedLine:
    number: int
    code: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A run of words in a version that is new, gone, or the same."""

    words: str
    is_changed: bool


@dataclass(frozen=True, slots=True)
class SealedText:
    """The words of a memory and whether this page may show them.

    A hidden or erased text carries no words: what is not here cannot reach the HTML.
    """

    state: Literal["hidden", "revealed", "erased"]
    words: str = ""
    removed: tuple[Change, ...] = ()
    added: tuple[Change, ...] = ()
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ScorePart:
    """One part of a search score. `offset` and `width` are hundredths of a whole score."""

    label: str
    series: int
    value: str
    raw: str
    offset: float
    width: float
