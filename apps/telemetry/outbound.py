"""Which other hosts this process has called, for the list that people can look at.

As in `uses`: noted in memory, written after the answer, at most once a second.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from threading import Lock
from time import monotonic
from uuid import UUID

from django.utils import timezone

from apps.telemetry.domain.hosts import Calls, HostKey, add_calls
from apps.telemetry.enums import Purpose

SECONDS = 1

_tenant_id: ContextVar[UUID | None] = ContextVar("outbound_tenant", default=None)


@contextmanager
def calling_for(tenant_id: UUID) -> Iterator[None]:
    """Whatever is called inside is called for this tenant."""
    token = _tenant_id.set(tenant_id)
    try:
        yield
    finally:
        _tenant_id.reset(token)


def get_caller() -> UUID | None:
    """The tenant for which this thread calls, if it is one's."""
    return _tenant_id.get()


class Ledger:
    def __init__(self) -> None:
        self._lock = Lock()
        self._next_writing = 0.0
        self._calls: dict[HostKey, Calls] = {}

    def note(self, host: str, purpose: Purpose, *, sent: int, at: datetime) -> None:
        key = HostKey(host, purpose, _tenant_id.get())
        with self._lock:
            self._calls[key] = self._calls.get(key, Calls()).add(sent, at)

    def settle(self) -> bool:
        """Write down what was noted, a few statements a host. Answers whether there was any."""
        calls = self._calls and self._take()
        if calls:
            add_calls(calls)
        return bool(calls)

    def _take(self) -> dict[HostKey, Calls]:
        with self._lock:
            now = monotonic()
            if now < self._next_writing:
                return {}
            self._next_writing = now + SECONDS
            calls, self._calls = self._calls, {}
            return calls


ledger = Ledger()


def note_call(host: str, purpose: Purpose, *, sent: int) -> None:
    """A call is about to leave with a body of so many bytes. No statement."""
    ledger.note(host, purpose, sent=sent, at=timezone.now())
