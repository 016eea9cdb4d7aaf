"""Webhooks and what they were told. Call inside the tenant's scope."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count

from apps.common.errors import NotFound
from apps.memories.models import Delivery, Webhook

if TYPE_CHECKING:
    from uuid import UUID

    from apps.memories.enums import DeliveryState

SHOWN = 100  # deliveries, the newest


def list_webhooks() -> list[Webhook]:
    """Open, the oldest first."""
    rows = list(Webhook.objects.order_by("created_at", "id"))
    for row in rows:
        _ = row.name, row.url
    return rows


def count_deliveries() -> dict[UUID, dict[str, int]]:
    """By webhook and state. One statement."""
    counts: dict[UUID, dict[str, int]] = {}
    rows = Delivery.objects.values_list("webhook_id", "state").annotate(Count("id")).order_by()
    for webhook_id, state, count in rows:
        counts.setdefault(webhook_id, {})[state] = count
    return counts


def get_webhook(webhook_id: UUID) -> Webhook:
    row = Webhook.objects.filter(id=webhook_id).first()
    if row is None:
        raise NotFound("No webhook has this id.")
    _ = row.name, row.url
    return row


def list_deliveries(webhook_id: UUID, state: DeliveryState | None = None) -> list[Delivery]:
    rows = Delivery.objects.filter(webhook=webhook_id)
    if state:
        rows = rows.filter(state=state)
    return list(rows.order_by("-created_at", "-id")[:SHOWN])
