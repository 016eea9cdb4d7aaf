"""Application-made keys: UUID version 7 (RFC 9562), in the order in which they were made."""

import secrets
import time
from datetime import UTC, datetime
from threading import Lock
from uuid import UUID

STAMP_BITS = 80  # a version 7 id begins with the milliseconds, 80 bits follow
NUMBER_BITS = 2**52 - 1

_lock = Lock()
_last_stamp = 0


def uuid7() -> UUID:
    """A time-ordered UUID: 48 bits of milliseconds, 12 bits of their fraction, 62 random bits."""
    return _pack(_next_stamp())


def first_id(at: datetime) -> UUID:
    """No id that was made at this time or later is smaller. None is of before 1970."""
    return UUID(int=_milliseconds(at) << STAMP_BITS)


def id_of(at: datetime, place: int) -> UUID:
    """An id as if it had been made at this time; `place` orders those of one millisecond."""
    return _pack(_milliseconds(at) << 12 | min(place, 0xFFF))


def made_at(row_id: UUID) -> datetime:
    return datetime.fromtimestamp((row_id.int >> STAMP_BITS) / 1000, tz=UTC)


def make_number(row_id: UUID) -> int:
    """An integer for clients that need one: of the id's random bits, as JSON can hold it."""
    return row_id.int & NUMBER_BITS


def _milliseconds(at: datetime) -> int:
    return max(0, int(at.timestamp() * 1000))


def _pack(stamp: int) -> UUID:
    return UUID(
        int=(stamp >> 12) << 80
        | 0x7 << 76
        | (stamp & 0xFFF) << 64
        | 0b10 << 62
        | secrets.randbits(62)
    )


def _next_stamp() -> int:
    global _last_stamp  # noqa: PLW0603 - two ids of one process must never tie
    now = time.time_ns() * 4096 // 1_000_000
    with _lock:
        _last_stamp = max(now, _last_stamp + 1)
        return _last_stamp
