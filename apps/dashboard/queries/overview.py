"""What the overview reads besides the hourly counts. Call inside the tenant's scope."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.accounts.models import Operator
from apps.audit.actions import Action
from apps.audit.domain.checks import read_state
from apps.audit.models import AuditEvent
from apps.audit.queries import get_last_check
from apps.memories.models import Memory
from apps.tenants.models import ApiKey

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID


def has_memories() -> bool:
    return bool(Memory.objects.live().exists())


def count_problems() -> int:
    """What the last verification of the audit trail has found."""
    check = get_last_check()
    return len(read_state(check.state).problems) if check else 0


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
