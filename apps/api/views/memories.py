"""Adding, listing and searching memories."""

from typing import ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from apps.api import reading
from apps.api.adding import add
from apps.api.authentication import body_of
from apps.api.inputs import read_page, read_repeat, read_search
from apps.api.narrowing import read_filters
from apps.api.pages import make_page
from apps.api.presenting import Json, present_memory
from apps.api.recall import find_hits, read_rows
from apps.api.views.base import ScopedView
from apps.telemetry.enums import Feature
from apps.tenants.enums import ApiScope


class MemoryAdd(ScopedView):
    """POST /v3/memories/add/: keeps messages as memories, or accepts a job that makes memories."""

    scopes: ClassVar = {"POST": ApiScope.WRITE}
    features: ClassVar = {"POST": Feature.ADD}
    is_async: ClassVar[bool] = True  # where the body does not say

    def post(self, request: Request) -> Response:
        return Response(self.add(request))

    def add(self, request: Request) -> Json:
        body = body_of(request)
        repeat = read_repeat(request.headers.get("Idempotency-Key"), body)
        return add(request, body, is_async=self.is_async, repeat=repeat)


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
