"""A pool whose server was restarted holds dead connections until somebody looks."""

from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError, connection

T = TypeVar("T")


def retry_once(read: Callable[[], T]) -> T:
    """Run the first reading of a request; after a lost connection once more on a live one."""
    try:
        return read()
    except OperationalError:
        if connection.in_atomic_block:
            raise
        connection.close()
        connection.pool.check()  # type: ignore[attr-defined]
        return read()


def give_back() -> None:
    """Return the connection to the pool where nobody else will, as after an answer was sent."""
    if not connection.in_atomic_block:
        connection.close()
