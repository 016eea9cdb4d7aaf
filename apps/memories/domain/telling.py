"""Noting, in a change's own transaction, that webhooks are to be told of it. In a scope only."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from apps.isolation.compiled import Compiled
from apps.memories.domain.queue import InsertDue
from apps.memories.enums import DueWork, JobKind, WebhookEvent
from apps.memories.models import Delivery, Job, Memory, ScopedByEntities, Webhook

Numbered = tuple[Memory, int]

_insert_deliveries = InsertDue(Delivery, DueWork.DELIVERY, timedelta(0))
_active_webhooks = Compiled(
    lambda: Webhook.objects.filter(is_active=True).only("id", "event_types")
)


def tell_of_memories(event: WebhookEvent, numbered: Iterable[Numbered]) -> None:
    """Memories with the number of the version that the event has made. One statement, mostly."""
    hooks = _find_webhooks(event)
    rows = [
        note_delivery(hook=hook, event=event, about=memory, number=number)
        for memory, number in numbered
        for hook in hooks
    ]
    _insert_deliveries(rows)


def tell_of_deletes(memory_ids: Sequence[UUID]) -> None:
    """Their text is gone by now, and is not told."""
    hooks = _find_webhooks(WebhookEvent.MEMORY_DELETE)
    memories = Memory.objects.filter(id__in=memory_ids) if hooks else ()
    rows = [
        note_delivery(hook=hook, event=WebhookEvent.MEMORY_DELETE, about=memory)
        for memory in memories
        for hook in hooks
    ]
    _insert_deliveries(rows)


def tell_of_jobs(event: WebhookEvent, jobs: Iterable[Job]) -> None:
    """Of those that make memories."""
    adds = [job for job in jobs if job.kind == JobKind.ADD]
    hooks = _find_webhooks(event) if adds else []
    _insert_deliveries(
        [note_delivery(hook=hook, event=event, about=job) for job in adds for hook in hooks]
    )


def _find_webhooks(event: WebhookEvent) -> list[Webhook]:
    return [hook for hook in _active_webhooks() if event in hook.event_types]


def note_delivery(
    *, hook: Webhook, event: WebhookEvent, about: ScopedByEntities, number: int | None = None
) -> Delivery:
    """Not stored yet."""
    now = timezone.now()
    return Delivery(
        webhook_id=hook.id,
        event=event,
        about_id=about.id,
        number=number,
        key_owner_id=about.key_owner_id,
        user_id=about.user_id,
        agent_id=about.agent_id,
        app_id=about.app_id,
        run_id=about.run_id,
        created_at=now,
        next_at=now,
    )
