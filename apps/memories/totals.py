"""Counts over all that a tenant keeps. Everything here needs an open scope."""

from dataclasses import dataclass

from django.db.models import Count, Q

from apps.audit.actions import Action
from apps.audit.models import AuditEvent
from apps.memories.enums import EntityKind, VersionEvent
from apps.memories.models import Entity, Memory
from apps.memories.queries.entities import count_entities
from apps.memories.queries.versions import visible_versions


@dataclass(frozen=True, slots=True)
class Totals:
    memories: int
    versions: int
    adds: int
    reads: int
    users: int
    agents: int
    runs: int

    def per(self, entities: int) -> float:
        """Memories for each of so many entities."""
        return round(self.memories / entities, 2) if entities else 0.0


def count_all() -> Totals:
    """As far as they are recalled or listed. Four statements."""
    entities = count_entities()
    adds = Count("id", filter=Q(event=VersionEvent.ADD))
    versions = visible_versions().aggregate(all=Count("id"), adds=adds)
    restricted = Entity.objects.exclude(restricted_at=None).values("id")
    hidden = Q(*(Q(**{f"{kind}__in": restricted}) for kind in EntityKind), _connector=Q.OR)
    memories = Memory.objects.current().exclude(hidden)
    reads = AuditEvent.objects.filter(action__in=[Action.MEMORY_READ, Action.MEMORY_SEARCH])
    return Totals(
        memories=memories.count(),
        versions=versions["all"],
        adds=versions["adds"],
        reads=reads.count(),
        users=entities[EntityKind.USER],
        agents=entities[EntityKind.AGENT],
        runs=entities[EntityKind.RUN],
    )
