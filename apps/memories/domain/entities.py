"""Entities come into being with the first memory that names them."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils import timezone

from apps.audit.actions import Action
from apps.audit.domain import record
from apps.common.actor import Actor
from apps.isolation.compiled import Bind, Compiled, IsAnyOf
from apps.isolation.scope import tenant_scope
from apps.keys.ring import current_ring
from apps.memories.domain.flags import refuse_blocked
from apps.memories.domain.hygiene import open_cleaner
from apps.memories.enums import EntityKind
from apps.memories.models import Entity
from apps.memories.queries.entities import EntityName, make_entity_token

EntityIds = Mapping[EntityKind, str]

_entities_by_token = Compiled(lambda: Entity.objects.filter(IsAnyOf(F("token"), Bind("tokens"))))

LAST_USE_STEP = timedelta(hours=1)  # last use is kept no finer than this


def ensure_entities(ids: EntityIds, *, by: Actor) -> dict[EntityKind, Entity]:
    """The entities of a write, made where they are new, their keys held until the commit.

    Two statements when all exist. A destroyed or closed key is a Conflict: see KeyRing. An id
    that was erased and stays blocked is Forbidden.
    """
    by_token = {make_entity_token(*name): name for name in ids.items()}
    rows = _entities_by_token(tokens=list(by_token))
    current_ring().load_for_writing([row.id for row in rows])
    for row in rows:
        current_ring().entity(row.id)
    _touch(rows)
    known = {row.kind for row in rows}
    rows += _create_entities([name for name in ids.items() if name[0] not in known], by=by)
    return {EntityKind(row.kind): row for row in rows}


def describe_entity(
    *, tenant_id: UUID, kind: EntityKind, external_id: str, about: Mapping[str, Any], by: Actor
) -> Entity:
    """Make the entity unless there is one, and keep what the application says of it.

    What the tenant does not store is redacted first, or Invalid.

    KeyDestroyed where the entity has been erased. Two at once may raise IntegrityError.
    """
    about = open_cleaner(tenant_id).clean_values(dict(about), field="metadata")
    with tenant_scope(tenant_id):
        entity = ensure_entities({kind: external_id}, by=by)[kind]
        entity.about = about
        entity.save(update_fields=["about"])
        _ = entity.external_id
        return entity


def add_speakers(entity: Entity, names: Iterable[str]) -> None:
    """Remember who speaks in this entity's conversations; a statement only for a new name."""
    names = list(dict.fromkeys(names))
    if set(names) <= set(entity.speakers or []):
        return
    known = Entity.objects.select_for_update(no_key=True).get(id=entity.id).speakers or []
    entity.speakers = [*known, *(name for name in names if name not in known)]
    entity.save(update_fields=["speakers"])


def _create_entities(names: list[EntityName], *, by: Actor) -> list[Entity]:
    if not names:
        return []
    refuse_blocked(names)
    rows = [Entity(kind=kind, token=make_entity_token(kind, name)) for kind, name in names]
    current_ring().create(row.id for row in rows)
    for row, (_, external_id) in zip(rows, names, strict=True):
        row.external_id = external_id
    Entity.objects.bulk_create(rows)
    for row in rows:
        record(Action.ENTITY_CREATE, by=by, target_id=row.id, kind=EntityKind(row.kind))
    return rows


def _touch(entities: Iterable[Entity]) -> None:
    now = timezone.now()
    stale = [row.id for row in entities if now - row.last_used_at >= LAST_USE_STEP]
    if stale:
        Entity.objects.filter(id__in=stale).update(last_used_at=now)
