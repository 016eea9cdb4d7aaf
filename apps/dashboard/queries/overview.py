"""Counts of the overview. Call inside the tenant's scope; each function is one statement."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from django.db.models import Count, Q
from django.db.models.functions import TruncDay, TruncHour

from apps.accounts.models import Operator
from apps.audit.models import AuditEvent
from apps.memories.models import Memory
from apps.tenants.models import ApiKey

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

Interval = Literal["hour", "day"]
TRUNCATE = {"hour": TruncHour, "day": TruncDay}


def count_added(*, now: datetime) -> dict[str, int]:
    """All memories that are kept, and how many were added in the last day and week."""
    return Memory.objects.live().aggregate(
        kept=Count("id"),
        day=Count("id", filter=Q(created_at__gt=now - timedelta(days=1))),
        week=Count("id", filter=Q(created_at__gt=now - timedelta(days=7))),
    )


def count_per_interval(
    field: Literal["created_at", "deleted_at"], *, since: datetime, interval: Interval
) -> dict[datetime, int]:
    """Memories by the interval of `field`, deleted ones included; empty intervals are absent."""
    rows = Memory.objects.filter(**{f"{field}__gte": since})
    truncated = rows.annotate(at=TRUNCATE[interval](field, tzinfo=UTC))
    return dict(truncated.order_by().values_list("at").annotate(count=Count("id")))


def list_recent_events(limit: int = 12) -> list[AuditEvent]:
    return list(AuditEvent.objects.order_by("-occurred_at", "-id")[:limit])


def name_actors(actor_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Names of operators and API keys, for both of which events keep ids. Two statements."""
    ids = set(actor_ids)
    operators = Operator.objects.filter(id__in=ids)
    keys = ApiKey.objects.filter(id__in=ids)
    return {one.id: str(one) for one in operators} | {one.id: one.name for one in keys}
