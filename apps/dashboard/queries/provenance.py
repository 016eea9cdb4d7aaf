"""Where a memory came from, what took its place, and who looked. Call inside the tenant's scope."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

from apps.audit.actions import Action
from apps.audit.models import AuditEvent
from apps.keys.queries import with_keys
from apps.memories.enums import EntityKind
from apps.memories.models import Memory, Message, Source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

LOOKS = (Action.MEMORY_READ, Action.MEMORY_UPDATE, Action.MEMORY_RECTIFY, Action.MEMORY_DELETE)
MOST_LOOKS = 20
MOST_LISTS = 1_000  # that are looked through
MOST_STEPS = 20


@dataclass(frozen=True, slots=True)
class Provenance:
    """`later` is what took its place, and what took that one's; `earlier` what it replaced."""

    messages: Sequence[Message]
    earlier: Sequence[Memory]
    later: Sequence[Memory]


def find_provenance(memory: Memory) -> Provenance:
    """Two statements, and one more for each memory that took the place of another."""
    ids = Source.objects.filter(memory=memory).values("message")
    messages = with_keys(Message.objects.filter(id__in=ids).order_by("job", "number"))
    return Provenance(
        messages=messages,
        earlier=with_keys(Memory.objects.filter(replaced_by=memory).order_by("id")),
        later=follow(memory),
    )


def list_looks(memory: Memory) -> list[AuditEvent]:
    """Newest first: what was done with it alone, and the lists that showed it. Two statements."""
    alone = AuditEvent.objects.filter(target_id=memory.id, action__in=LOOKS)
    events = [*alone.order_by("-id")[:MOST_LOOKS], *list_lists(memory)]
    return sorted(events, key=lambda event: event.id, reverse=True)[:MOST_LOOKS]


def list_lists(memory: Memory) -> QuerySet[AuditEvent]:
    """Of the last lists of its entities, or of several, those in which its text was shown."""
    owners = [getattr(memory, f"{kind}_id") for kind in EntityKind]
    of_whom = Q(target_id__in=[owner for owner in owners if owner]) | Q(target_id=None)
    lists = AuditEvent.objects.filter(of_whom, action=Action.MEMORY_READ, id__gt=memory.id)
    last = lists.order_by("-id").values("id")[:MOST_LISTS]
    shown = AuditEvent.objects.filter(id__in=last, facts__memories__contains=[str(memory.id)])
    return shown.order_by("-id")[:MOST_LOOKS]


def follow(memory: Memory) -> list[Memory]:
    later: list[Memory] = []
    while memory.replaced_by_id and len(later) < MOST_STEPS:
        memory = with_keys(Memory.objects.filter(id=memory.replaced_by_id))[0]
        later.append(memory)
    return later
