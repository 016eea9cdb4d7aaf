"""Adding, listing and searching memories."""

import time
from typing import ClassVar

from django.conf import settings
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api import reading
from apps.api.authentication import actor_of, body_of, tenant_id_of
from apps.api.inputs import read_add, read_page, read_repeat, read_search
from apps.api.narrowing import read_filters
from apps.api.pages import make_page
from apps.api.presenting import present_added, present_memory, present_redacted
from apps.api.presenting_jobs import present_outcome
from apps.api.recall import find_hits, read_rows
from apps.api.views.base import ScopedView
from apps.isolation.scope import tenant_scope
from apps.memories.domain.jobs import accept_job
from apps.memories.domain.memories import add_memories
from apps.memories.domain.running import run_now
from apps.memories.domain.values import NewMemories, Repeat
from apps.memories.extractors import has_extractor
from apps.memories.jobs import read_job
from apps.telemetry.enums import Feature
from apps.tenants.enums import ApiScope

ACCEPTED = "The messages were accepted: memories are being made of them"
STORED = "Memories stored successfully"
STORED_VERBATIM = "No LLM is configured: the messages were stored verbatim"


class MemoryAdd(ScopedView):
    """POST /v3/memories/add/: keeps messages as memories, or accepts a job that makes memories."""

    scopes: ClassVar = {"POST": ApiScope.WRITE}
    features: ClassVar = {"POST": Feature.ADD}
    is_async: ClassVar[bool] = True  # where the body does not say

    def post(self, request: Request) -> Response:
        body = body_of(request)
        new = read_add(body)
        repeat = read_repeat(request.headers.get("Idempotency-Key"), body)
        is_inferred = reading.read_bool(body, "infer", default=True)
        if is_inferred and has_extractor():
            return self._accept(request, new, repeat)
        result = add_memories(
            tenant_id=tenant_id_of(request), new=new, repeat=repeat, by=actor_of(request)
        )
        return Response(
            {
                "message": STORED_VERBATIM if is_inferred else STORED,
                "status": "SUCCEEDED",
                "event_id": result.event_id,
                "results": [present_added(added) for added in result.added],
                **present_redacted(result.redacted),
            }
        )

    def _accept(self, request: Request, new: NewMemories, repeat: Repeat | None) -> Response:
        """Answers at once, or with `async_mode` false when the job has ended, if that is soon."""
        is_async = reading.read_bool(body_of(request), "async_mode", default=self.is_async)
        tenant_id = tenant_id_of(request)
        job_id = accept_job(tenant_id=tenant_id, new=new, repeat=repeat, by=actor_of(request))
        if is_async:
            return Response({"message": ACCEPTED, "status": "PENDING", "event_id": job_id})
        ends = time.monotonic() + settings.SYNC_SECONDS
        run_now(
            tenant_id=tenant_id,
            job_id=job_id,
            goes_on=lambda: time.monotonic() < ends,
            by=actor_of(request),
        )
        with tenant_scope(tenant_id):
            view = read_job(job_id)
        return Response(present_outcome(view))


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
