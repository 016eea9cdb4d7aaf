"""The hourly counts: what processes counted is added, what there is now is measured."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Count, F, Func, IntegerField, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from apps.isolation.scope import tenant_scope
from apps.memories.enums import UNFINISHED, EntityKind
from apps.memories.models import Job, Memory, Vector, Version
from apps.memories.queries.entities import count_entities
from apps.memories.usage import STEPS, Counts, Place, Use
from apps.operations.models import HourlyCount
from apps.tenants.models import Tenant

if TYPE_CHECKING:
    from django.db.models import QuerySet

LONGEST = timedelta(hours=1)  # an erasure is no use that is counted, so look again after this
SAMPLE = 1_000
WEIGHED = (
    (Memory, "id", ("text", "metadata", "categories", "marks")),
    (Version, "memory", ("text", "metadata")),
    (Vector, "id", ("embedding", "terms")),
)
ROW_BYTES = 160  # of ids, times and headers, which every row of these tables has
INTEGER = IntegerField()


def write_counts(taken: Mapping[Place, Counts]) -> None:
    """Add what a process has counted. Two or three statements for each tenant and hour.

    What belongs to a tenant that is gone, or to a canary, is dropped.
    """
    ids = Tenant.objects.listed().filter(id__in={tenant_id for tenant_id, _ in taken})
    known = set(ids.values_list("id", flat=True))
    for (tenant_id, hour), counts in taken.items():
        if tenant_id in known:
            with tenant_scope(tenant_id):
                _add(lock_hour(hour), counts)


def measure_tenants() -> int:
    """Look at each tenant of which something is new; answers how many. Call outside any scope.

    One short statement for each tenant of which nothing is.
    """
    ids = Tenant.objects.listed().values_list("id", flat=True)
    return sum(measure_tenant(tenant_id) for tenant_id in ids)


def measure_tenant(tenant_id: UUID) -> bool:
    """Keep what the tenant has now, unless that is known already."""
    now = timezone.now()
    with tenant_scope(tenant_id):
        if not _is_stale(now):
            return False
        found = _measure()
        row = lock_hour(now.replace(minute=0, second=0, microsecond=0))
        for name, value in found.items():
            setattr(row, name, value)
        row.measured_at = now
        row.save(update_fields=[*found, "measured_at"])
        return True


def lock_hour(hour: datetime) -> HourlyCount:
    """The row of this hour, made where there is none, held until the commit."""
    rows = HourlyCount.objects.select_for_update(no_key=True)
    row = rows.filter(hour=hour).first()
    if row is None:
        HourlyCount.objects.bulk_create([HourlyCount(hour=hour)], ignore_conflicts=True)
        row = rows.get(hour=hour)
    found: HourlyCount = row
    return found


def _add(row: HourlyCount, counts: Counts) -> None:
    for use in Use:
        setattr(row, use, getattr(row, use) + counts.get(use, 0))
    known = row.search_times or [0] * STEPS
    row.search_times = [count + counts.get(step, 0) for step, count in enumerate(known)]
    row.counted_at = timezone.now()
    row.save(update_fields=[*Use, "search_times", "counted_at"])


def _is_stale(now: datetime) -> bool:
    newest = HourlyCount.objects.order_by("-hour").values_list("counted_at", "measured_at")
    pairs = list(newest[:2])  # the hour may have changed between the count and the look
    measured_at = max((at for _, at in pairs if at), default=None)
    counted_at = max((at for at, _ in pairs if at), default=None)
    if measured_at is None:
        return True
    return now - measured_at >= LONGEST or bool(counted_at and counted_at >= measured_at)


def _measure() -> dict[str, int]:
    """Six statements, one of which counts the live memories by an index."""
    kept = Memory.objects.live().count()
    entities = count_entities()
    return {
        "kept": kept,
        **{f"{kind.value}s": entities[kind] for kind in EntityKind},
        "jobs_waiting": Job.objects.filter(state__in=UNFINISHED).count(),
        "bytes": round(kept * _weigh()),
    }


def _weigh() -> float:
    """What a memory takes with its versions and its vector, by the newest thousand of them."""
    ids = list(Memory.objects.live().order_by("-id").values_list("id", flat=True)[:SAMPLE])
    found = sum(
        _add_sizes(model.objects.filter(**{f"{place}__in": ids}), columns)
        for model, place, columns in WEIGHED
    )
    return found / len(ids) if ids else 0.0


def _add_sizes(rows: "QuerySet[Any]", columns: Sequence[str]) -> int:
    sizes = {
        name: Coalesce(Sum(Func(F(name), function="pg_column_size", output_field=INTEGER)), 0)
        for name in columns
    }
    found: dict[str, int] = rows.aggregate(rows=Count("id"), **sizes)
    return found.pop("rows") * ROW_BYTES + sum(found.values())
