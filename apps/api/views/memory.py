"""One memory: read, change, delete, history."""

from typing import ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from apps.api import reading
from apps.api.authentication import actor_of, body_of, tenant_id_of
from apps.api.inputs import read_memory_id, read_update
from apps.api.presenting import Json, present_history, present_memory
from apps.api.reads import record_read
from apps.api.views.base import ScopedView
from apps.isolation.scope import tenant_scope
from apps.memories.domain.deletion import delete_memory
from apps.memories.domain.memories import update_memory
from apps.memories.models import Memory
from apps.memories.queries.memories import get_any_memory, get_memory
from apps.memories.queries.versions import list_history
from apps.telemetry.enums import Feature
from apps.tenants.enums import ApiScope


class MemoryDetail(ScopedView):
    """/v1/memories/{id}/"""

    scopes: ClassVar = {
        "GET": ApiScope.READ,
        "PUT": ApiScope.WRITE,
        "DELETE": ApiScope.DELETE,
    }
    features: ClassVar = {
        "GET": Feature.READ,
        "PUT": Feature.UPDATE,
        "DELETE": Feature.DELETE,
    }

    def get(self, request: Request, memory_id: str) -> Response:
        with tenant_scope(tenant_id_of(request), plans_once=True):
            memory = get_memory(read_memory_id(memory_id))
            record_read(request, [memory], target_id=memory.id)
        return Response(present_memory(memory))

    def put(self, request: Request, memory_id: str) -> Response:
        memory = update_memory(
            tenant_id=tenant_id_of(request),
            memory_id=read_memory_id(memory_id),
            by=actor_of(request),
            **read_update(body_of(request)),
        )
        return Response(present_memory(memory))

    def delete(self, request: Request, memory_id: str) -> Response:
        """No memory is linked to another yet, so `delete_linked` adds a count of none."""
        is_linked = reading.read_bool(request.GET, "delete_linked", default=False)
        delete_memory(
            tenant_id=tenant_id_of(request),
            memory_id=read_memory_id(memory_id),
            by=actor_of(request),
        )
        body: dict[str, str | int] = {"message": "Memory deleted successfully!"}
        return Response(body | ({"cascade_count": 0} if is_linked else {}))


class MemoryHistory(ScopedView):
    """GET /v1/memories/{id}/history/: a bare array, oldest first."""

    scopes: ClassVar = {"GET": ApiScope.READ}
    features: ClassVar = {"GET": Feature.HISTORY}

    def get(self, request: Request, memory_id: str) -> Response:
        with tenant_scope(tenant_id_of(request), plans_once=True):
            memory = get_any_memory(read_memory_id(memory_id))
            versions = list_history(memory.id)
            record_read(request, [memory], target_id=memory.id)
        lines = present_history(memory, versions)
        return Response([self.present(memory, line) for line in lines])

    def present(self, memory: Memory, line: Json) -> Json:  # noqa: ARG002
        return line
