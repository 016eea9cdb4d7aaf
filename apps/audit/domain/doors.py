"""The only two ways to remove something from the trail: functions that run as the tables' owner."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.isolation.prepared import open_prepared_cursor


def redact_details(event_ids: Sequence[UUID]) -> int:
    """Remove the details of these events, and the nonces of their digests; answers how many."""
    return _call("SELECT audit_redact(%s)", [list(event_ids)])


def retire_segment(number: int, *, at: datetime, signature: bytes) -> int:
    """Remove the events of the oldest segment, and say so on its checkpoint; answers how many."""
    return _call("SELECT audit_retire(%s, %s, %s)", [number, at, signature])


def _call(statement: str, values: list[Any]) -> int:
    with open_prepared_cursor() as cursor:
        cursor.execute(statement, values)
        [count] = cursor.fetchone()
        return int(count)
