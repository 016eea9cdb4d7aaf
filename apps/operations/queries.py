"""Reading what is kept about the instance, and the counts of a tenant."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from apps.operations.models import HourlyCount, IsolationProof


@dataclass(frozen=True, slots=True)
class Verdict:
    is_ok: bool
    proved_at: datetime


def get_last_proof() -> IsolationProof | None:
    """With its report. One statement."""
    return IsolationProof.objects.order_by("-proved_at").first()


def get_last_verdict() -> Verdict | None:
    """The last proof without its report: one short statement, for every page."""
    rows = IsolationProof.objects.order_by("-proved_at").values_list("is_ok", "proved_at")
    row = rows.first()
    return Verdict(*row) if row else None


class Hour(NamedTuple):
    """What the charts need of an HourlyCount: in 90 days there are two thousand."""

    hour: datetime
    adds: int
    searches: int
    deletes: int
    jobs_done: int
    jobs_failed: int
    jobs_waiting: int | None
    kept: int | None
    search_times: list[int]


def list_hours(*, since: datetime, until: datetime) -> list[Hour]:
    """The hours in which something was counted, in their order. One statement, in the scope."""
    rows = HourlyCount.objects.filter(hour__gte=since, hour__lt=until).order_by("hour")
    return [Hour._make(row) for row in rows.values_list(*Hour._fields)]


def get_last_measure(*, until: datetime | None = None) -> HourlyCount | None:
    """What the tenant had at the last look, or at the last before a time. One statement."""
    rows = HourlyCount.objects.exclude(measured_at=None)
    if until:
        rows = rows.filter(hour__lt=until)
    found: HourlyCount | None = rows.order_by("-hour").first()
    return found
