"""Adding, listing and searching memories."""

from typing import ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from apps.api import reading
from apps.api.authentication import actor_of, body_of, tenant_id_of
from apps.api.inputs import read_add, read_page, read_search
from apps.api.narrowing import read_filters
from apps.api.pages import make_page
from apps.api.presenting import present_added, present_memory
from apps.api.recall import find_hits, read_rows
from apps.api.views.base import ScopedView
from apps.memories.domain.memories import add_memories
from apps.telemetry.enums import Feature
from apps.tenants.enums import ApiScope

STORED = "Memories stored successfully"
STORED_VERBATIM = "No LLM is configured: the messages were stored verbatim"


class MemoryAdd(ScopedView):
    """POST /v3/memories/add/: keeps each message as a memory and answers when it is stored."""

    scopes: ClassVar = {"POST": ApiScope.WRITE}
    features: ClassVar = {"POST": Feature.ADD}

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
    features: ClassVar = {"POST": Feature.LIST}

    def post(self, request: Request) -> Response:
        body = body_of(request)
        page = read_page(request.GET, body)
        fields = reading.read_list(body, "fields")
        has_expired = reading.read_bool(body, "show_expired", default=False)
        count, rows = read_rows(request, read_filters(body), page, has_expired=has_expired)
        results = [present_memory(row, fields) for row in rows]
        return Response(make_page(request, page, count=count, results=results))


class MemorySearch(ScopedView):
    """POST /v3/memories/search/: the memories that answer a query, best first."""

    scopes: ClassVar = {"POST": ApiScope.READ}
    features: ClassVar = {"POST": Feature.SEARCH}

    def post(self, request: Request) -> Response:
        return Response({"results": find_hits(request, read_search(body_of(request)))})
