from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from apps.dashboard.access import require_permission
from apps.dashboard.presenters.memories import MemoryView, memory_view
from apps.dashboard.queries.memories import get_memory_or_tombstone
from apps.dashboard.reads import record_read
from apps.dashboard.render import render_page
from apps.isolation.scope import tenant_scope
from apps.memories.queries import list_versions
from apps.tenants.rules import Permission

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from apps.dashboard.request import OperatorRequest


@require_permission(Permission.MEMORY_VIEW)
def memory_detail(request: OperatorRequest, memory_id: UUID) -> HttpResponse:
    with tenant_scope(request.tenant.id):
        memory = read_memory(request, memory_id)
    parts = {"peek": "dashboard/memories/_peek.html"}
    return render_page(request, "dashboard/memories/show.html", {"memory": memory}, parts=parts)


def read_memory(request: OperatorRequest, memory_id: UUID) -> MemoryView:
    memory = get_memory_or_tombstone(memory_id)
    versions = list_versions(memory_id)
    record_read(request, memory_id=memory_id)
    return memory_view(memory, versions=versions, today=timezone.now().date())
