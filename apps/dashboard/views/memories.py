from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING
from uuid import UUID

from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from apps.common.errors import DomainError
from apps.dashboard.access import has_permission, require_permission, require_recent_sign_in
from apps.dashboard.forms.memories import EVERYBODY, MemoryFilterForm
from apps.dashboard.forms.refusals import add_refusal
from apps.dashboard.presenters.memories import memory_view
from apps.dashboard.presenters.memory_lists import Listing, list_found, list_page
from apps.dashboard.presenters.provenance import ProvenanceView, provenance_view
from apps.dashboard.queries.memories import MemoryState, get_memory_or_tombstone, list_filtered
from apps.dashboard.queries.overview import name_actors
from apps.dashboard.queries.provenance import find_provenance, list_looks
from apps.dashboard.render import render_page
from apps.isolation.scope import tenant_scope
from apps.memories.domain.reads import record_opened, record_revealed, record_search
from apps.memories.domain.search import search_memories
from apps.memories.queries.entities import find_entities
from apps.memories.queries.versions import list_versions
from apps.tenants.rules import Permission

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpResponse

    from apps.dashboard.request import OperatorRequest
    from apps.memories.models import Memory

TOP = 25
CURSORS = ("before", "after")


@require_permission(Permission.MEMORY_VIEW)
def memory_list(request: OperatorRequest) -> HttpResponse:
    """GET answers with the newest; what narrows them is sent by POST and stands in no address."""
    return show_list(request, reveals=False)


@require_permission(Permission.MEMORY_REVEAL)
def list_reveal(request: OperatorRequest) -> HttpResponse:
    """Shows the texts of one page or search for this one view; that they were shown is an event."""
    if request.method != "POST":
        return redirect("dashboard:memory-list")
    answer: HttpResponse = reveal_list(request)
    return answer


@require_recent_sign_in
def reveal_list(request: OperatorRequest) -> HttpResponse:
    return show_list(request, reveals=True)


def show_list(request: OperatorRequest, *, reveals: bool) -> HttpResponse:
    form = MemoryFilterForm(request.POST)
    listing, purge_href = Listing("Memories", ""), ""
    if form.is_valid():
        read = find_memories if form.query else read_page
        try:
            listing = read(request, form, reveals=reveals)
        except DomainError as error:
            add_refusal(form, error)
        else:
            purge_href = find_purge(request, form)
    parts = {"results": "dashboard/memories/_results.html"}
    context = {
        "form": form,
        "listing": listing,
        "purge_href": purge_href,
        "has_exports": has_permission(request, Permission.REQUEST_HANDLE),
        "may_export": may_export(request, form),
        "may_reveal": has_permission(request, Permission.MEMORY_REVEAL),
        "may_choose": may_choose(request, form),
    }
    return render_page(request, "dashboard/memories/list.html", context, parts=parts)


@require_permission(Permission.MEMORY_VIEW)
def memory_detail(request: OperatorRequest, memory_id: UUID) -> HttpResponse:
    return show_memory(request, memory_id, reveals=False)


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
    return show_memory(request, memory_id, reveals=True)


def show_memory(request: OperatorRequest, memory_id: UUID, *, reveals: bool) -> HttpResponse:
    today = timezone.now().date()
    with tenant_scope(request.tenant.id):
        memory = get_memory_or_tombstone(memory_id)
        versions = list_versions(memory_id)
        view = memory_view(memory, versions=versions, today=today, reveals=reveals)
        if view.shows_text:
            record_opened(memory_id=memory_id, by=request.actor)
        provenance = read_provenance(request, memory, reveals=reveals)
    parts = {"peek": "dashboard/memories/_peek.html"}
    context = {
        "memory": view,
        "provenance": provenance,
        "may_reveal": has_permission(request, Permission.MEMORY_REVEAL),
        "may_correct": view.is_kept and has_permission(request, Permission.REQUEST_HANDLE),
        "may_change": may_change(request, memory),
        "may_delete": view.is_kept and has_permission(request, Permission.MEMORY_DELETE),
    }
    return render_page(request, "dashboard/memories/show.html", context, parts=parts)


def read_page(request: OperatorRequest, form: MemoryFilterForm, *, reveals: bool) -> Listing:
    """A filter of what is sealed tells what the memories hold, so it is recorded as a search."""
    place = {name: row_id for name in CURSORS if (row_id := read_uuid(request.POST.get(name, "")))}
    today = timezone.now().date()
    with tenant_scope(request.tenant.id):
        page = list_filtered(form.filters, form.chosen_state, today=today, **place)
        if form.asks_sealed:
            record_found(request, page.rows)
        listing = list_page(page, tokens=form.tokens, place=place, reveals=reveals)
        record_shown(request, page.rows, listing)
    return listing


def find_memories(request: OperatorRequest, form: MemoryFilterForm, *, reveals: bool) -> Listing:
    """The recall of the API, over the whole tenant unless an entity is named."""
    started = perf_counter()
    found = search_memories(
        tenant_id=request.tenant.id,
        query=form.query,
        filters=form.filters or EVERYBODY,
        top_k=TOP,
    )
    ms = (perf_counter() - started) * 1000
    rows = [hit.memory for hit in found.hits]
    with tenant_scope(request.tenant.id):
        record_found(request, rows)
        listing = list_found(found, tokens=form.tokens, ms=ms, reveals=reveals)
        record_shown(request, rows, listing)
    return listing


def find_purge(request: OperatorRequest, form: MemoryFilterForm) -> str:
    """Where a selection goes to be purged: memories of one entity only."""
    is_of_one = form.owner and form.chosen_state != MemoryState.DELETED
    if not (is_of_one and has_permission(request, Permission.MEMORY_PURGE)):
        return ""
    with tenant_scope(request.tenant.id):
        entity = find_entities([form.owner]).get(form.owner) if form.owner else None
    return reverse("dashboard:entity-purge", args=[entity.id]) if entity else ""


def may_export(request: OperatorRequest, form: MemoryFilterForm) -> bool:
    """A search ranks, it has no end; and of what was deleted there is nothing left to export."""
    is_list = form.is_valid() and not form.query and form.chosen_state != MemoryState.DELETED
    return is_list and has_permission(request, Permission.REQUEST_HANDLE)


def may_choose(request: OperatorRequest, form: MemoryFilterForm) -> bool:
    """Whether the rows have boxes: what was deleted can't be changed any more."""
    is_kept = form.is_valid() and form.chosen_state != MemoryState.DELETED
    return is_kept and has_permission(request, Permission.MEMORY_DELETE)


def record_found(request: OperatorRequest, memories: Sequence[Memory]) -> None:
    record_search(entity_id=find_owner(memories), count=len(memories), by=request.actor)


def record_shown(request: OperatorRequest, memories: Sequence[Memory], listing: Listing) -> None:
    ids = listing.shown
    owner = find_owner(memories)
    record_revealed(entity_id=owner, count=len(ids), memory_ids=ids, by=request.actor)


def find_owner(memories: Sequence[Memory]) -> UUID | None:
    """The one entity that owns them all, where there is one."""
    owners = {memory.key_owner_id for memory in memories}
    return owners.pop() if len(owners) == 1 else None


def read_provenance(request: OperatorRequest, memory: Memory, *, reveals: bool) -> ProvenanceView:
    found = find_provenance(memory)
    looks = list_looks(memory) if has_permission(request, Permission.AUDIT_VIEW) else None
    names = name_actors(event.actor_id for event in looks or () if event.actor_id)
    return provenance_view(
        memory, found, looks=looks, names=names, now=timezone.now(), reveals=reveals
    )


def may_change(request: OperatorRequest, memory: Memory) -> bool:
    """Whether the page offers it; the domain refuses what it must in any case."""
    is_final = memory.text is None or memory.is_immutable or memory.replaced_by_id is not None
    is_open = not is_final and not memory.is_restricted
    return is_open and has_permission(request, Permission.MEMORY_CHANGE)


def read_uuid(value: str) -> UUID | None:
    try:
        return UUID(value) if value else None
    except ValueError:
        return None
