"""Call inside the tenant's scope."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Count, Max, Min

from apps.memories.models import Memory

if TYPE_CHECKING:
    from apps.memories.models import Entity


def measure(entity: Entity) -> dict[str, Any]:
    """How many memories it has, and the times of the first and the last. One statement."""
    mine = Memory.objects.live().filter(**{f"{entity.kind}_id": entity.id})
    facts: dict[str, Any] = mine.aggregate(
        memories=Count("id"), first=Min("created_at"), last=Max("created_at")
    )
    return facts
