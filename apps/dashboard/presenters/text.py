"""Numbers and times as the pages write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

MILLION = 1_000_000


def number(value: float) -> str:
    return f"{value:,}"


def figure(value: int) -> str:
    """As `number`; from a million on in millions, with one decimal."""
    return f"{value / MILLION:,.1f} M" if value >= MILLION else number(value)


def size(value: int) -> tuple[str, str]:
    """A number of bytes and its unit; 1 GB is 10^9 bytes."""
    for unit, limit in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if value >= limit:
            return f"{value / limit:,.1f}", unit
    return number(value), "bytes"


def utc(value: date | datetime) -> date | datetime:
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def stamp(value: date | datetime) -> str:
    return f"{utc(value):%Y-%m-%d %H:%M}"


def day(value: date | datetime) -> str:
    return f"{utc(value):%Y-%m-%d}"


def clock(value: date | datetime) -> str:
    return f"{utc(value):%H:%M}"


def second(value: date | datetime) -> str:
    return f"{utc(value):%H:%M:%S}"


def exact(value: date | datetime) -> str:
    """With what a proof rests on: microseconds."""
    return f"{utc(value):%Y-%m-%d %H:%M:%S.%f} UTC"


def long(value: date | datetime) -> str:
    return f"{utc(value).day} {utc(value):%B %Y, %H:%M} UTC"


def axis_day(value: date | datetime) -> str:
    return f"{utc(value).day} {utc(value):%b}"


def counted(count: int, one: str, many: str = "") -> str:
    """`1 memory`, `214 memories`; the plural is the singular with an s unless given."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def short_id(value: object) -> str:
    """First and last part of an id, as `0198f3c2…a41e`."""
    whole = str(value)
    return f"{whole[:8]}…{whole[-4:]}"


def initials(name: str) -> str:
    words = name.partition("@")[0].replace(".", " ").replace("_", " ").replace("-", " ").split()
    letters = [word[0] for word in words[:2]] or ["?"]
    return "".join(letters).upper()


def midnight(value: date) -> datetime:
    return datetime.combine(value, time.min, tzinfo=UTC)


def long_day(value: date) -> str:
    return f"{value.day} {value:%B %Y}"
