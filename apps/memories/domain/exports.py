"""Exports by schema: what is asked for is kept, and answered with what is there when it is read."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings

from apps.audit.actions import Action
from apps.audit.domain import record
from apps.common.actor import Actor
from apps.common.errors import Invalid, NotFound
from apps.isolation.scope import tenant_scope
from apps.keys.queries import with_keys
from apps.memories.conditions import named_entities
from apps.memories.enums import EntityKind
from apps.memories.filters import parse_filters
from apps.memories.models import Memory, MemoryExport
from apps.memories.pages import select_memories
from apps.memories.queries.entities import find_entities
from apps.memories.schemas import check_schema, fill_schema

if TYPE_CHECKING:
    from django.db.models import QuerySet

LOOKED_AT = 200  # the newest exports, when one is asked for by its filter


@dataclass(frozen=True, slots=True)
class Wish:
    """What an export is to hold, as the application wrote it."""

    schema: dict[str, Any]
    filters: dict[str, Any]
    instructions: str | None = None


def request_export(*, tenant_id: UUID, wish: Wish, by: Actor) -> UUID:
    """Keep the wish; answers the export's id. Refuses a schema or filter that is not understood."""
    check_schema(wish.schema)
    tree = parse_filters(wish.filters)
    with tenant_scope(tenant_id):
        entities = find_entities(named_entities(tree)).values()
        owner = next((entity for entity in entities if entity.external_id is not None), None)
        export = MemoryExport.objects.create(
            key_owner=owner,
            request={
                "schema": wish.schema,
                "filters": wish.filters,
                "instructions": wish.instructions,
            },
        )
        record(Action.EXPORT_REQUEST, by=by, target_id=export.id)
        return export.id


def read_export(
    *,
    tenant_id: UUID,
    export_id: UUID | None = None,
    filters: dict[str, Any] | None = None,
    by: Actor,
) -> dict[str, Any]:
    """The schema, filled with the memories that its filter matches now.

    By the export's id, or the newest one with this filter; NotFound if there is none. Invalid
    above FILTER_SCAN_LIMIT memories.
    """
    with tenant_scope(tenant_id):
        wish = _find_wish(export_id, filters)
        memories = _read_all(wish.filters)
        record(Action.EXPORT_READ, by=by, count=len(memories))
    return fill_schema(wish.schema, memories)


def find_wishes_naming(*, kind: EntityKind, external_id: str) -> "QuerySet[MemoryExport]":
    """The exports whose filter names this entity, if only beside others. For an erasure.

    What they ask for is sealed, so each one of the tenant's is opened. Needs an open scope.
    """
    ids: list[UUID] = []
    last = UUID(int=0)
    while rows := with_keys(MemoryExport.objects.filter(id__gt=last).order_by("id")[:LOOKED_AT]):
        ids += [row.id for row in rows if _names(row, kind, external_id)]
        last = rows[-1].id
    return MemoryExport.objects.filter(id__in=ids)


def _names(row: MemoryExport, kind: EntityKind, external_id: str) -> bool:
    asked = row.request
    return asked is not None and (kind, external_id) in set(
        named_entities(parse_filters(asked["filters"]))
    )


def _find_wish(export_id: UUID | None, filters: dict[str, Any] | None) -> Wish:
    rows = MemoryExport.objects.order_by("-created_at", "-id")
    rows = rows.filter(id=export_id) if export_id else rows
    for row in with_keys(rows[:LOOKED_AT]):
        asked = row.request
        if asked is not None and (export_id or asked["filters"] == filters):
            return Wish(asked["schema"], asked["filters"], asked["instructions"])
    raise NotFound("No memory export request found")


def _read_all(filters: dict[str, Any]) -> list[Memory]:
    selected = select_memories(parse_filters(filters))
    limit = settings.FILTER_SCAN_LIMIT
    if selected.count() > limit:
        raise Invalid(f"An export holds at most {limit} memories.", field="filters")
    return selected.read(offset=0, limit=limit)
