from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils import timezone

from apps.common.errors import DomainError
from apps.dashboard.access import has_permission, require_permission
from apps.dashboard.forms.memories import EVERYBODY, MemoryFilterForm
from apps.dashboard.forms.refusals import add_refusal
from apps.dashboard.presenters.memories import memory_view
from apps.dashboard.presenters.memory_lists import Listing, list_found, list_page
from apps.dashboard.presenters.provenance import ProvenanceView, provenance_view
from apps.dashboard.queries.memories import get_memory_or_tombstone, list_filtered
from apps.dashboard.queries.overview import name_actors
from apps.dashboard.queries.provenance import find_provenance
from apps.dashboard.reads import record_read, record_rows
from apps.dashboard.render import render_page
from apps.isolation.scope import tenant_scope
from apps.memories.domain.search import search_memories
from apps.memories.queries import list_versions
from apps.tenants.rules import Permission

if TYPE_CHECKING:
    from django.http import HttpResponse

    from apps.dashboard.presenters.memories import MemoryView
    from apps.dashboard.request import OperatorRequest
    from apps.memories.models import Memory

TOP = 25


@require_permission(Permission.MEMORY_VIEW)
def memory_list(request: OperatorRequest) -> HttpResponse:
    """GET answers with the newest; what narrows them is sent by POST and stands in no address."""
    form = MemoryFilterForm(request.POST)
    listing = Listing("Memories", "")
    if form.is_valid():
        try:
            listing = find_memories(request, form) if form.query else read_page(request, form)
        except DomainError as error:
            add_refusal(form, error)
    parts = {"results": "dashboard/memories/_results.html"}
    context = {"form": form, "listing": listing}
    return render_page(request, "dashboard/memories/list.html", context, parts=parts)


@require_permission(Permission.MEMORY_VIEW)
def memory_detail(request: OperatorRequest, memory_id: UUID) -> HttpResponse:
    with tenant_scope(request.tenant.id):
        memory = get_memory_or_tombstone(memory_id)
        view = read_memory(request, memory)
        provenance = read_provenance(memory)
    parts = {"peek": "dashboard/memories/_peek.html"}
    context = {
        "memory": view,
        "provenance": provenance,
        "may_change": may_change(request, memory),
        "may_delete": memory.text is not None and has_permission(request, Permission.MEMORY_DELETE),
    }
    return render_page(request, "dashboard/memories/show.html", context, parts=parts)


def read_page(request: OperatorRequest, form: MemoryFilterForm) -> Listing:
    before, after = (read_uuid(request.POST.get(name, "")) for name in ("before", "after"))
    today = timezone.now().date()
    with tenant_scope(request.tenant.id):
        page = list_filtered(
            form.filters, form.chosen_state, today=today, before=before, after=after
        )
        record_rows(request, page.rows)
        return list_page(page, tokens=form.tokens)


def find_memories(request: OperatorRequest, form: MemoryFilterForm) -> Listing:
    """The recall of the API, over the whole tenant unless an entity is named."""
    started = perf_counter()
    found = search_memories(
        tenant_id=request.tenant.id,
        query=form.query,
        filters=form.filters or EVERYBODY,
        top_k=TOP,
    )
    ms = (perf_counter() - started) * 1000
    with tenant_scope(request.tenant.id):
        record_rows(request, [hit.memory for hit in found.hits], is_search=True)
        return list_found(found, tokens=form.tokens, ms=ms)


def read_memory(request: OperatorRequest, memory: Memory) -> MemoryView:
    versions = list_versions(memory.id)
    record_read(request, memory_id=memory.id)
    return memory_view(memory, versions=versions, today=timezone.now().date())


def read_provenance(memory: Memory) -> ProvenanceView:
    found = find_provenance(memory)
    names = name_actors(event.actor_id for event in found.looks if event.actor_id)
    return provenance_view(memory, found, names=names, now=timezone.now())


def may_change(request: OperatorRequest, memory: Memory) -> bool:
    """Whether the page offers it; the domain refuses what it must in any case."""
    is_final = memory.text is None or memory.is_immutable or memory.replaced_by_id is not None
    return not is_final and has_permission(request, Permission.MEMORY_CHANGE)


def read_uuid(value: str) -> UUID | None:
    try:
        return UUID(value) if value else None
    except ValueError:
        return None
