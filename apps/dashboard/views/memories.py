from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect
from django.utils import timezone

from apps.dashboard.access import has_permission, require_permission, require_recent_sign_in
from apps.dashboard.presenters.memories import MemoryView, memory_view
from apps.dashboard.queries.memories import get_memory_or_tombstone
from apps.dashboard.render import render_page
from apps.isolation.scope import tenant_scope
from apps.memories.domain.reads import record_opened
from apps.memories.queries import list_versions
from apps.tenants.rules import Permission

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from apps.dashboard.request import OperatorRequest


@require_permission(Permission.MEMORY_VIEW)
def memory_detail(request: OperatorRequest, memory_id: UUID) -> HttpResponse:
    with tenant_scope(request.tenant.id):
        memory = read_memory(memory_id, reveals=False)
    return render_memory(request, memory)


@require_permission(Permission.MEMORY_REVEAL)
def memory_reveal(request: OperatorRequest, memory_id: UUID) -> HttpResponse:
    """Shows the text for this one view of the page; that it was shown is an event."""
    with tenant_scope(request.tenant.id):
        get_memory_or_tombstone(memory_id)
    if request.method != "POST":
        return redirect("dashboard:memory-detail", memory_id)
    answer: HttpResponse = reveal(request, memory_id)
    return answer


@require_recent_sign_in
def reveal(request: OperatorRequest, memory_id: UUID) -> HttpResponse:
    with tenant_scope(request.tenant.id):
        memory = read_memory(memory_id, reveals=True)
        shown = (memory.text, *(version.text for version in memory.versions))
        is_shown = any(text.state == "revealed" for text in shown)
        if is_shown:
            record_opened(memory_id=memory_id, by=request.actor)
    return render_memory(request, memory)


def read_memory(memory_id: UUID, *, reveals: bool) -> MemoryView:
    memory = get_memory_or_tombstone(memory_id)
    versions = list_versions(memory_id)
    return memory_view(memory, versions=versions, today=timezone.now().date(), reveals=reveals)


def render_memory(request: OperatorRequest, memory: MemoryView) -> HttpResponse:
    parts = {"peek": "dashboard/memories/_peek.html"}
    may_reveal = has_permission(request, Permission.MEMORY_REVEAL)
    context = {
        "memory": memory,
        "may_reveal": may_reveal,
        "may_correct": has_permission(request, Permission.REQUEST_HANDLE),
    }
    return render_page(request, "dashboard/memories/show.html", context, parts=parts)
