"""Memories in the older versions of the wire: the same acts in other envelopes."""

from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from apps.api import reading
from apps.api.authentication import actor_of, body_of, tenant_id_of
from apps.api.inputs import PageInput, read_page, read_search
from apps.api.narrowing import read_delete_filters, read_filters
from apps.api.old_inputs import (
    read_flat_filters,
    read_flat_page,
    read_flat_query,
    read_flat_search,
)
from apps.api.pages import make_page
from apps.api.presenting import present_memory
from apps.api.reading import Values
from apps.api.recall import find_hits, read_rows
from apps.api.views.base import ScopedView
from apps.api.views.memories import MemoryAdd
from apps.memories.domain.deletion import delete_memories
from apps.telemetry.enums import Feature
from apps.tenants.enums import ApiScope

V2_THRESHOLD = 0.3
STATE = ("message", "status", "event_id", "error")


class Memories(MemoryAdd):
    """/v1/memories/: add and list as v1 had them, and delete by entities."""

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

    def get(self, request: Request) -> Response:
        """A bare array; a page where `page` and `page_size` are both given."""
        values = read_flat_query(request.GET)
        page, is_page = read_flat_page(values)
        count, results = list_flat(request, values, page)
        if is_page:
            return Response(make_page(request, page, count=count, results=results))
        return Response(results)

    def post(self, request: Request) -> Response:
        return Response(_envelop(body_of(request), present_old(self.add(request))))

    def delete(self, request: Request) -> Response:
        """Destroys the text of all memories of the given entities."""
        filters = read_delete_filters(request.GET)
        delete_memories(tenant_id=tenant_id_of(request), filters=filters, by=actor_of(request))
        return Response({"message": "Memories deleted successfully!"})


class MemorySearchV1(ScopedView):
    """POST /v1/memories/search/: entity ids at the top."""

    scopes: ClassVar = {"POST": ApiScope.READ}
    features: ClassVar = {"POST": Feature.SEARCH}

    def post(self, request: Request) -> Response:
        body = body_of(request)
        return Response(_envelop(body, find_hits(request, read_flat_search(body))))


class MemoryListV2(ScopedView):
    """POST /v2/memories/: a bare array."""

    scopes: ClassVar = {"POST": ApiScope.READ}
    features: ClassVar = {"POST": Feature.LIST}

    def post(self, request: Request) -> Response:
        body = body_of(request)
        has_expired = reading.read_bool(body, "show_expired", default=False)
        page = read_page(request.GET, body)
        _, rows = read_rows(request, read_filters(body), page, has_expired=has_expired)
        return Response([present_memory(row, reading.read_list(body, "fields")) for row in rows])


class MemorySearchV2(ScopedView):
    """POST /v2/memories/search/: a bare array."""

    scopes: ClassVar = {"POST": ApiScope.READ}
    features: ClassVar = {"POST": Feature.SEARCH}

    def post(self, request: Request) -> Response:
        asked = read_search(body_of(request), threshold=V2_THRESHOLD)
        return Response(find_hits(request, asked))


def list_flat(
    request: Request, values: Values, page: PageInput
) -> tuple[int, list[dict[str, Any]]]:
    """By entity ids at the top: how many there are, and those of the page."""
    has_expired = reading.read_bool(values, "show_expired", default=False)
    filters = read_flat_filters(values)
    count, rows = read_rows(request, filters, page, has_expired=has_expired)
    return count, [present_memory(row, values.get("fields")) for row in rows]


def _envelop(body: Values, results: list[Any]) -> Any:
    if body.get("output_format") == "v1.1":
        return {"results": results, "relations": []}
    return results


def present_old(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """What v3 answers to an add, as the list that v1 answered.

    Of a job that is not done, or has failed, it says so in an entry; statements that came to
    nothing are left out.
    """
    entries = [
        {"id": row["id"], "event": row["event"], "memory": row["data"]["memory"]}
        for row in answer.get("results", ())
        if row["id"] is not None
    ]
    if answer["status"] == "SUCCEEDED":
        return entries
    return [*entries, {name: answer[name] for name in STATE if name in answer}]
