"""The paths of mem0's own open-source server, inside the key's tenant."""

from typing import ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.authentication import actor_of, body_of, tenant_id_of
from apps.api.inputs import read_memory_id
from apps.api.narrowing import read_delete_filters
from apps.api.old_inputs import (
    read_flat_page,
    read_flat_query,
    read_open_source_change,
    read_open_source_search,
)
from apps.api.presenting import Json
from apps.api.recall import find_hits
from apps.api.views.base import ScopedView
from apps.api.views.memories import MemoryAdd
from apps.api.views.memory import MemoryDetail, MemoryHistory
from apps.api.views.old_memories import list_flat, present_old
from apps.memories import models
from apps.memories.domain.deletion import delete_memories
from apps.memories.domain.memories import update_memory
from apps.memories.enums import VersionEvent
from apps.telemetry.enums import Feature
from apps.tenants.enums import ApiScope


class Memories(MemoryAdd):
    """/memories"""

    scopes: ClassVar = {
        "GET": ApiScope.READ,
        "POST": ApiScope.WRITE,
        "DELETE": ApiScope.DELETE,
    }
    features: ClassVar = {
        "GET": Feature.LIST,
        "POST": Feature.ADD,
        "DELETE": Feature.DELETE_MANY,
    }
    is_async: ClassVar[bool] = False

    def get(self, request: Request) -> Response:
        values = read_flat_query(request.GET)
        page, _ = read_flat_page(values)
        _, results = list_flat(request, values, page)
        return Response({"results": results})

    def post(self, request: Request) -> Response:
        return Response({"results": present_old(self.add(request))})

    def delete(self, request: Request) -> Response:
        filters = read_delete_filters(request.GET)
        delete_memories(tenant_id=tenant_id_of(request), filters=filters, by=actor_of(request))
        return Response({"message": "All relevant memories deleted"})


class Memory(MemoryDetail):
    """/memories/{id}"""

    def put(self, request: Request, memory_id: str) -> Response:
        update_memory(
            tenant_id=tenant_id_of(request),
            memory_id=read_memory_id(memory_id),
            by=actor_of(request),
            **read_open_source_change(body_of(request)),
        )
        return Response({"message": "Memory updated successfully!"})


class History(MemoryHistory):
    """GET /memories/{id}/history: lines with what that server has in them besides."""

    def present(self, memory: models.Memory, line: Json) -> Json:
        return line | {
            "is_deleted": line["event"] == VersionEvent.DELETE,
            "actor_id": memory.speaker,
            "role": memory.role,
        }


class Search(ScopedView):
    """POST /search"""

    scopes: ClassVar = {"POST": ApiScope.READ}
    features: ClassVar = {"POST": Feature.SEARCH}

    def post(self, request: Request) -> Response:
        asked = read_open_source_search(body_of(request))
        return Response({"results": find_hits(request, asked)})
