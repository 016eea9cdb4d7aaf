"""What is there altogether, and what happened last."""

from typing import ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.authentication import tenant_id_of
from apps.api.inputs import read_page
from apps.api.pages import check_page, make_page
from apps.api.presenting import present_version
from apps.api.reads import record_read
from apps.api.views.base import ScopedView
from apps.isolation.scope import tenant_scope
from apps.memories.queries.memories import read_visible_memories
from apps.memories.queries.versions import list_latest_versions, list_texts_before
from apps.memories.totals import count_all
from apps.telemetry.enums import Feature
from apps.tenants.enums import ApiScope


class Stats(ScopedView):
    """GET /v1/stats/: counts. Reads are counted as far as the tenant has them audited."""

    scopes: ClassVar = {"GET": ApiScope.READ}

    def get(self, request: Request) -> Response:
        with tenant_scope(tenant_id_of(request)):
            found = count_all()
        return Response(
            {
                "total_memories": found.memories,
                "total_retrieval_events": found.reads,
                "total_add_events": found.adds,
                "total_api_retrieval_events": found.reads,
                "total_retrieval_events_limit": None,
                "total_users_with_memories": found.users,
                "total_agents_with_memories": found.agents,
                "total_runs_with_memories": found.runs,
                "memories_per_user": found.per(found.users),
                "memories_per_agent": found.per(found.agents),
                "memories_per_run": found.per(found.runs),
            }
        )


class MemoryEvents(ScopedView):
    """GET /v1/memories/events/: a page of the history of all memories, newest first."""

    scopes: ClassVar = {"GET": ApiScope.READ}
    features: ClassVar = {"GET": Feature.HISTORY}

    def get(self, request: Request) -> Response:
        limit = request.GET.get("limit", request.GET.get("page_size"))
        page = read_page({"page": request.GET.get("page"), "page_size": limit})
        with tenant_scope(tenant_id_of(request)):
            count = count_all().versions
            check_page(page, count=count)
            versions = list_latest_versions(offset=page.offset, limit=page.size)
            ids = {version.memory_id for version in versions}
            memories = {row.id: row for row in read_visible_memories(ids)}
            before = list_texts_before(versions)
            record_read(request, list(memories.values()))
        results = [
            present_version(memories[version.memory_id], version, before.get(version.id))
            for version in versions
        ]
        return Response(make_page(request, page, count=count, results=results))
