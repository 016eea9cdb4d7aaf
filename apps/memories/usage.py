"""What this process has counted of each tenant's use since somebody last took it.

Nobody who waits for an answer waits for this: counting is an addition in memory, when the
transaction that it belongs to has been committed. What a killed process had not handed over is
lost. Who takes it writes it down: see `operations`.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from functools import partial
from threading import Lock
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.isolation.scope import current_tenant_id

STEPS = 53
SEARCH_LIMITS = tuple(2 ** (step / 4) for step in range(STEPS))
"""Where the buckets of search times end, in milliseconds: each a fifth above the one before."""


class Use(StrEnum):
    ADDS = "adds"
    SEARCHES = "searches"
    DELETES = "deletes"
    JOBS_DONE = "jobs_done"
    JOBS_FAILED = "jobs_failed"


What = Use | int  # an integer is a bucket of search times
Place = tuple[UUID, datetime]  # the tenant and the hour
Counts = Mapping[What, int]


class Usage:
    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: dict[Place, Counter[What]] = {}

    def __bool__(self) -> bool:
        return bool(self._counts)

    def add(self, tenant_id: UUID, what: What, count: int) -> None:
        hour = timezone.now().replace(minute=0, second=0, microsecond=0)
        with self._lock:
            self._counts.setdefault((tenant_id, hour), Counter())[what] += count

    def take(self) -> Mapping[Place, Counts]:
        with self._lock:
            counts, self._counts = self._counts, {}
            return counts


usage = Usage()


def count_use(what: Use, count: int = 1) -> None:
    """In the open scope, for its tenant, once what was done in it is committed."""
    if count:
        transaction.on_commit(partial(usage.add, current_tenant_id(), what, count))


def count_search(tenant_id: UUID, *, ms: float) -> None:
    usage.add(tenant_id, Use.SEARCHES, 1)
    usage.add(tenant_id, min(bisect_left(SEARCH_LIMITS, ms), STEPS - 1), 1)
