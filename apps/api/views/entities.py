"""Who memories exist for."""

from typing import Any, ClassVar
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from apps.api import reading
from apps.api.authentication import actor_of, body_of, tenant_id_of, tenant_of
from apps.api.inputs import PageInput, read_page
from apps.api.pages import check_page, make_page
from apps.api.presenting import present_entity, present_listed, present_made_entity
from apps.api.recall import read_rows
from apps.api.views.base import ScopedView
from apps.common.errors import Invalid
from apps.common.ids import make_number
from apps.isolation.scope import tenant_scope
from apps.memories.conditions import OneOf
from apps.memories.domain.deletion import delete_entity_memories
from apps.memories.domain.entities import describe_entity
from apps.memories.enums import EntityKind
from apps.memories.filters import WILDCARD, check_entity_id
from apps.memories.queries.entities import (
    EntitySize,
    count_entities,
    count_memories,
    find_entities,
    find_entity_by_number,
    list_entities,
    read_entities,
)
from apps.memories.queries.versions import count_versions
from apps.telemetry.enums import Feature
from apps.tenants.enums import ApiScope

DELETED = "Entity deleted successfully!"
LONGEST_NAME = 256


class EntityList(ScopedView):
    """GET /v1/entities/: a page of entities with the number of their memories, last used first."""

    scopes: ClassVar = {"GET": ApiScope.READ}
    features: ClassVar = {"GET": Feature.ENTITIES}

    def get(self, request: Request) -> Response:
        page = read_page(request.GET)
        with tenant_scope(tenant_id_of(request)):
            counts = count_entities()
            count = sum(counts.values())
            check_page(page, count=count)
            sizes = list_entities(offset=page.offset, limit=page.size)
            owner = tenant_of(request).name
            results = [present_entity(size, owner=owner) for size in sizes]
        totals = {f"total_{kind.value}s": counts[kind] for kind in counts}
        return Response(make_page(request, page, count=count, results=results) | totals)


class EntityFilters(ScopedView):
    """GET /v1/entities/filters/: what entities and memories can be asked for."""

    scopes: ClassVar = {"GET": ApiScope.READ}
    features: ClassVar = {"GET": Feature.ENTITIES}

    def get(self, request: Request) -> Response:
        with tenant_scope(tenant_id_of(request)):
            sizes = list_entities(kinds=[EntityKind.USER], offset=0, limit=100)
        names = [size.entity.external_id for size in sizes]
        return Response(
            {
                "event_type": ["ADD", "UPDATE", "DELETE"],
                "categories": [],
                "users": names,
                "parameters": [_present_parameter(kind) for kind in EntityKind],
            }
        )


class EntityDetail(ScopedView):
    """/v2/entities/{type}/{name}/: an array of one or none; delete all its memories."""

    scopes: ClassVar = {"GET": ApiScope.READ, "DELETE": ApiScope.DELETE}
    features: ClassVar = {"GET": Feature.ENTITIES, "DELETE": Feature.DELETE_MANY}
    says_message = True

    def get(self, request: Request, kind: str, name: str) -> Response:
        with tenant_scope(tenant_id_of(request)):
            found = find_entities([(read_kind(kind), check_entity_id(name, field="entity_id"))])
            entities = [entity for entity in found.values() if entity.external_id is not None]
            sizes = count_memories(entities)
            rows = [EntitySize(row, sizes[row.id]) for row in entities if row.id in sizes]
            owner = tenant_of(request).name
            shown = [present_entity(row, owner=owner) for row in rows]
        return Response(shown)

    def delete(self, request: Request, kind: str, name: str) -> Response:
        return _delete(request, read_kind(kind), check_entity_id(name, field="entity_id"))


class OldEntity(ScopedView):
    """DELETE /v1/entities/{type}/{id}/: by the id that the list or the making answered."""

    scopes: ClassVar = {"DELETE": ApiScope.DELETE}
    features: ClassVar = {"DELETE": Feature.DELETE_MANY}

    def delete(self, request: Request, kind: str, entity_id: str) -> Response:
        entity_kind = read_kind(kind)
        with tenant_scope(tenant_id_of(request)):
            if entity_id.isdecimal() and entity_id.isascii():
                entity = find_entity_by_number(entity_kind, int(entity_id[:20]))
            else:
                found = read_entities([_read_id(entity_id)])
                entity = next((row for row in found if row.kind == entity_kind), None)
        return _delete(request, entity_kind, entity.external_id if entity else None)


class EntityMake(ScopedView):
    """POST /v1/users/ and its like: an entity before its first memory, with what is said of it."""

    scopes: ClassVar = {"POST": ApiScope.WRITE}

    def post(self, request: Request, kind: EntityKind) -> Response:
        body = body_of(request)
        field = f"{kind.value}_id"
        name = reading.read_text(body, field)
        if name == WILDCARD:
            raise Invalid(f"{field} must be text other than {WILDCARD}.", field=field)
        about: dict[str, Any] = {"metadata": reading.read_object(body, "metadata")}
        if kind != EntityKind.USER:
            about["name"] = reading.read_text(body, "name", limit=LONGEST_NAME)
        entity = describe_entity(
            tenant_id=tenant_id_of(request),
            kind=kind,
            external_id=check_entity_id(name, field=field),
            about=about,
            by=actor_of(request),
        )
        project = make_number(tenant_id_of(request))
        return Response(present_made_entity(entity, project=project), status=201)


class EntityMemories(ScopedView):
    """GET /v1/memories/{type}/{name}/: a page of a hundred memories of one entity."""

    scopes: ClassVar = {"GET": ApiScope.READ}
    features: ClassVar = {"GET": Feature.LIST}

    def get(self, request: Request, kind: EntityKind, name: str) -> Response:
        page = PageInput(number=read_page({"page": request.GET.get("page")}).number, size=100)
        filters = OneOf(kind, (check_entity_id(name, field=f"{kind.value}_id"),))
        count, rows = read_rows(request, filters, page, has_expired=False)
        with tenant_scope(tenant_id_of(request)):
            versions = count_versions([row.id for row in rows])
        results = [present_listed(row, versions[row.id]) for row in rows]
        return Response(make_page(request, page, count=count, results=results))


def read_kind(text: str) -> EntityKind:
    try:
        return EntityKind(text)
    except ValueError:
        raise Invalid("Invalid entity type", field="entity_type") from None


def _read_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid("entity_id must be the id of an entity.", field="entity_id") from None


def _delete(request: Request, kind: EntityKind, name: str | None) -> Response:
    """Of an entity that is not there nothing is deleted, and nothing is recorded."""
    if name is None:
        return Response({"message": DELETED, "event_id": None})
    event_id = delete_entity_memories(
        tenant_id=tenant_id_of(request), kind=kind, external_id=name, by=actor_of(request)
    )
    return Response({"message": DELETED, "event_id": event_id})


def _present_parameter(kind: EntityKind) -> dict[str, Any]:
    return {
        "name": f"{kind.value}_id",
        "label": f"{kind.label} ID",
        "type": "text",
        "placeholder": f"The id of the {kind.value}",
        "options": [],
    }
