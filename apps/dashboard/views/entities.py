from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING
from uuid import UUID

from django.http import Http404
from django.shortcuts import redirect
from django.utils import timezone

from apps.dashboard.access import has_permission, require_permission
from apps.dashboard.forms.search import FindForm, SearchForm
from apps.dashboard.presenters import entities as presenter
from apps.dashboard.presenters.memories import MemoryResults, found_results, page_results
from apps.dashboard.presenters.requests import request_row
from apps.dashboard.queries.entities import measure
from apps.dashboard.queries.memories import list_of_entity
from apps.dashboard.queries.requests import list_of_subject
from apps.dashboard.reads import record_list, record_search
from apps.dashboard.render import render_page
from apps.isolation.scope import tenant_scope
from apps.memories import queries
from apps.memories.domain.search import search_memories
from apps.memories.enums import EntityKind
from apps.memories.filters import match_entities
from apps.tenants.rules import Permission

if TYPE_CHECKING:
    from django.http import HttpResponse

    from apps.dashboard.presenters.entities import EntityPage, Listing
    from apps.dashboard.request import OperatorRequest

TOP = 10


@require_permission(Permission.ENTITY_VIEW)
def entity_index(request: OperatorRequest) -> HttpResponse:  # noqa: ARG001
    return redirect("dashboard:entity-list", EntityKind.USER)


@require_permission(Permission.ENTITY_VIEW)
def entity_list(request: OperatorRequest, kind: EntityKind) -> HttpResponse:
    form = FindForm(request.POST)
    with tenant_scope(request.tenant.id):
        listing = find_listing(kind, form.text) if form.text else read_listing(request, kind)
    parts = {"results": "dashboard/entities/_rows.html"}
    context = {"listing": listing, "error": form.error}
    return render_page(request, "dashboard/entities/list.html", context, parts=parts)


@require_permission(Permission.MEMORY_VIEW)
def entity_detail(request: OperatorRequest, entity_id: UUID) -> HttpResponse:
    form = SearchForm(request.POST)
    with tenant_scope(request.tenant.id):
        entity = read_entity(entity_id)
        rows = list_of_subject(entity_id)
        listed = None if form.text else read_page(request, entity)
    results = listed or search_entity(request, entity, form.text)
    parts = {"results": "dashboard/entities/_found.html"}
    today = timezone.now().date()
    context = {
        "entity": entity,
        "results": results,
        "error": form.error,
        "may_erase": has_permission(request, Permission.REQUEST_HANDLE),
        "open_requests": [
            request_row(row, today=today, names={})
            for row in rows
            if row.is_open and has_permission(request, Permission.REQUEST_VIEW)
        ],
    }
    return render_page(request, "dashboard/entities/show.html", context, parts=parts)


def read_listing(request: OperatorRequest, kind: EntityKind) -> Listing:
    is_by_size = request.GET.get("order") == presenter.SIZE
    asked = request.GET.get("page", "")
    page = max(int(asked), 1) if asked.isdecimal() and len(asked) < 7 else 1  # noqa: PLR2004
    counts = queries.count_entities()
    found = queries.list_entities(
        kinds=[kind],
        by_size=is_by_size,
        offset=(page - 1) * presenter.PAGE_SIZE,
        limit=presenter.PAGE_SIZE,
    )
    return presenter.Listing(
        kind=kind,
        tabs=presenter.entity_tabs(kind, counts),
        rows=tuple(presenter.entity_row(size) for size in found),
        order=presenter.SIZE if is_by_size else presenter.LAST_USE,
        page=page,
        total=counts.get(kind, 0),
    )


def find_listing(kind: EntityKind, text: str) -> Listing:
    found = queries.search_entities(kind=kind, part=text, limit=presenter.PAGE_SIZE)
    return presenter.Listing(
        kind=kind,
        tabs=presenter.entity_tabs(kind, queries.count_entities()),
        rows=tuple(presenter.entity_row(size) for size in found),
        text=text,
    )


def read_entity(entity_id: UUID) -> EntityPage:
    entity = queries.get_entity(entity_id)
    return presenter.entity_page(entity, presenter.EntityFacts(**measure(entity)))


def read_page(request: OperatorRequest, entity: EntityPage) -> MemoryResults:
    before, after = (read_uuid(request.GET.get(name)) for name in ("before", "after"))
    page = list_of_entity(entity.kind, entity.id, before=before, after=after)
    record_list(request, entity_id=entity.id, count=len(page.rows))
    return page_results(page, href=entity.href)


def search_entity(request: OperatorRequest, entity: EntityPage, query: str) -> MemoryResults:
    """The recall of the API. It embeds the query before it opens a scope of its own."""
    started = perf_counter()
    found = search_memories(
        tenant_id=request.tenant.id,
        query=query,
        filters=match_entities({EntityKind(entity.kind): entity.external_id}),
        top_k=TOP,
        threshold=0.0,
    )
    ms = (perf_counter() - started) * 1000
    with tenant_scope(request.tenant.id):
        record_search(request, entity_id=entity.id, count=len(found.hits))
        return found_results(found, query=query, total=entity.memories, ms=ms)


def read_uuid(value: str | None) -> UUID | None:
    try:
        return UUID(value) if value else None
    except ValueError:
        raise Http404 from None
