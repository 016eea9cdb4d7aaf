"""Adding, listing, searching and deleting memories."""

from typing import ClassVar

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api import reading
from apps.api.authentication import actor_of, body_of, tenant_id_of
from apps.api.inputs import read_add, read_page, read_search
from apps.api.narrowing import read_delete_filters, read_filters
from apps.api.pages import check_page, make_page
from apps.api.presenting import present_added, present_hit, present_memory
from apps.api.reads import record_read, record_search
from apps.api.views.base import ScopedView
from apps.isolation.scope import tenant_scope
from apps.memories.domain.deletion import delete_memories
from apps.memories.domain.memories import add_memories
from apps.memories.domain.search import search_memories
from apps.memories.pages import select_memories
from apps.tenants.enums import ApiScope

STORED = "Memories stored successfully"
STORED_VERBATIM = "No LLM is configured: the messages were stored verbatim"


class MemoryAdd(ScopedView):
    """POST /v3/memories/add/: keeps each message as a memory and answers when it is stored."""

    scopes: ClassVar = {"POST": ApiScope.WRITE}

    def post(self, request: Request) -> Response:
        result = add_memories(
            tenant_id=tenant_id_of(request), new=read_add(body_of(request)), by=actor_of(request)
        )
        is_asked_for = not reading.read_bool(body_of(request), "infer", default=True)
        return Response(
            {
                "message": STORED if is_asked_for else STORED_VERBATIM,
                "status": "SUCCEEDED",
                "event_id": result.event_id,
                "results": [present_added(added) for added in result.added],
            }
        )


class MemoryList(ScopedView):
    """POST /v3/memories/: a page of memories, newest first."""

    scopes: ClassVar = {"POST": ApiScope.READ}

    def post(self, request: Request) -> Response:
        filters = read_filters(body_of(request))
        page = read_page(request.GET, body_of(request))
        fields = reading.read_list(body_of(request), "fields")
        has_expired = reading.read_bool(body_of(request), "show_expired", default=False)
        today = None if has_expired else timezone.now().date()
        with tenant_scope(tenant_id_of(request)):
            selected = select_memories(filters, today=today)
            count = selected.count()
            check_page(page, count=count)
            rows = selected.read(offset=page.offset, limit=page.size)
            record_read(request, rows)
        results = [present_memory(row, fields) for row in rows]
        return Response(make_page(request, page, count=count, results=results))


class MemorySearch(ScopedView):
    """POST /v3/memories/search/: the memories that answer a query, best first."""

    scopes: ClassVar = {"POST": ApiScope.READ}

    def post(self, request: Request) -> Response:
        asked = read_search(body_of(request))
        found = search_memories(
            tenant_id=tenant_id_of(request),
            query=asked.query,
            filters=asked.filters,
            top_k=asked.top_k,
            threshold=asked.threshold,
            has_expired=asked.has_expired,
            today=asked.today,
        )
        record_search(request, [hit.memory for hit in found.hits])
        results = [
            present_hit(hit, is_explained=asked.is_explained, fields=asked.fields)
            for hit in found.hits
        ]
        return Response({"results": results})


class MemoryDelete(ScopedView):
    """DELETE /v1/memories/: destroys the text of all memories of the given entities."""

    scopes: ClassVar = {"DELETE": ApiScope.DELETE}

    def delete(self, request: Request) -> Response:
        filters = read_delete_filters(request.GET)
        delete_memories(tenant_id=tenant_id_of(request), filters=filters, by=actor_of(request))
        return Response({"message": "Memories deleted successfully!"})
