"""Counts of the overview. Call inside the tenant's scope; each function is one statement.

When a memory was added is read from its id, which is made in the order of time; `created_at` is
the date that the application gives it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import Count, DateTimeField, F, Func, IntegerField, Q, UUIDField, Value

from apps.accounts.models import Operator
from apps.audit.actions import Action
from apps.audit.models import AuditEvent
from apps.common.ids import first_id
from apps.memories.models import Memory
from apps.tenants.models import ApiKey

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from django.db.models import QuerySet


def count_kept() -> int:
    count: int = Memory.objects.live().count()
    return count


def count_recent(*, now: datetime) -> dict[str, int]:
    """How many were added in the last day and week, deleted ones included."""
    day, week = (first_id(now - timedelta(days=days)) for days in (1, 7))
    recent = Memory.objects.filter(id__gte=week)
    counts: dict[str, int] = recent.aggregate(
        day=Count("id", filter=Q(id__gte=day)), week=Count("id")
    )
    return counts


def count_added(starts: Sequence[datetime]) -> dict[datetime, int]:
    """By the interval in which they were added, deleted ones included."""
    ids = [first_id(start) for start in starts]
    return bucket(Memory.objects.filter(id__gte=ids[0]), "id", ids, UUIDField(), starts)


def count_deleted(starts: Sequence[datetime]) -> dict[datetime, int]:
    rows = Memory.objects.filter(deleted_at__gte=starts[0])
    return bucket(rows, "deleted_at", starts, DateTimeField(), starts)


def bucket(
    rows: QuerySet[Memory],
    field: str,
    limits: Sequence[Any],
    kind: Any,
    starts: Sequence[datetime],
) -> dict[datetime, int]:
    """Rows by the interval that `field` falls into; empty intervals are absent."""
    array = Value(list(limits), output_field=ArrayField(kind))
    number = Func(F(field), array, function="width_bucket", output_field=IntegerField())
    counts = rows.order_by().annotate(number=number).values_list("number").annotate(Count("id"))
    return {starts[number - 1]: count for number, count in counts}


def list_recent_events(limit: int = 60) -> list[AuditEvent]:
    """Newest first. An entity comes with its first memory, which is an event of its own."""
    events = AuditEvent.objects.exclude(action=Action.ENTITY_CREATE)
    return list(events.order_by("-id")[:limit])


def name_actors(actor_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Names of operators and API keys, for both of which events keep ids. Two statements."""
    ids = set(actor_ids)
    operators = Operator.objects.filter(id__in=ids)
    keys = ApiKey.objects.filter(id__in=ids)
    people = {one.id: one.name or one.email.partition("@")[0] for one in operators}
    return people | {one.id: one.name for one in keys}
