"""What this process has counted since it last wrote it down.

Nobody who waits for an answer waits for this: counting is an addition in memory, and what was
counted is written once a minute, when an answer has been sent or a task has ended.
"""

from collections import Counter
from collections.abc import Mapping
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING

from apps.telemetry.catalogue import name_error
from apps.telemetry.domain.counts import ERROR, FEATURE_USE, add_counts
from apps.telemetry.enums import Feature, Place
from apps.telemetry.switches import may_be_on

if TYPE_CHECKING:
    from datetime import datetime

SECONDS = 60


class Uses:
    """Counts only while telemetry was on at the last look, so that nothing is kept while off.

    `_since` is when it was turned on: what was counted while it was off, before this process saw
    it, is not written down although it is on again.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._since: datetime | None = None
        self._next_look = 0.0
        self._counts: Counter[tuple[str, str]] = Counter()

    def count(self, event: str, subject: str) -> None:
        if self._since:
            with self._lock:
                self._counts[event, subject] += 1

    def settle(self) -> bool:
        """Write the counts down and look whether to go on; a few statements once a minute.

        Answers whether there were any.
        """
        is_due = self._is_time() and may_be_on()
        if is_due:
            self._since = add_counts(self._take(), since=self._since)
        return is_due

    def _is_time(self) -> bool:
        with self._lock:
            now = monotonic()
            if now < self._next_look:
                return False
            self._next_look = now + SECONDS
            return True

    def _take(self) -> Mapping[tuple[str, str], int]:
        with self._lock:
            counts, self._counts = self._counts, Counter()
            return counts


uses = Uses()


def count_use(feature: Feature) -> None:
    uses.count(FEATURE_USE, feature.value)


def count_error(error: type[BaseException], place: Place) -> None:
    """Count an error that nobody expected, by its class alone."""
    uses.count(ERROR, f"{place.value} {name_error(error)}")
