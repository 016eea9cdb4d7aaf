from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse

from apps.dashboard.access import require_permission, require_recent_sign_in
from apps.dashboard.forms.purges import DaysForm
from apps.dashboard.forms.search import FindForm, SearchForm
from apps.dashboard.presenters import entities as presenter
from apps.dashboard.presenters.memories import MemoryResults, found_results, page_results
from apps.dashboard.queries.memories import Days, count_of_entity, list_of_entity
from apps.dashboard.render import render_page
from apps.dashboard.views.heads import read_head
from apps.isolation.scope import tenant_scope
from apps.memories.domain.reads import record_revealed, record_search
from apps.memories.domain.search import search_memories
from apps.memories.enums import EntityKind
from apps.memories.filters import match_entities
from apps.memories.queries import entities as queries
from apps.tenants.rules import Permission

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpResponse

    from apps.dashboard.presenters.entities import EntityPage, Listing
    from apps.dashboard.request import OperatorRequest
    from apps.memories.models import Memory

TOP = 10
CURSORS = ("before", "after")
PLACES = (*CURSORS, "since", "until")


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
    return show_memories(request, entity_id, reveals=False)


@require_permission(Permission.MEMORY_REVEAL)
def entity_reveal(request: OperatorRequest, entity_id: UUID) -> HttpResponse:
    """Shows the texts of one page or search for this one view; that they were shown is an event."""
    with tenant_scope(request.tenant.id):
        queries.get_entity(entity_id)
    if request.method != "POST":
        return redirect(
            f"{reverse('dashboard:entity-detail', args=[entity_id])}{say_place(request)}"
        )
    answer: HttpResponse = reveal_memories(request, entity_id)
    return answer


@require_recent_sign_in
def reveal_memories(request: OperatorRequest, entity_id: UUID) -> HttpResponse:
    return show_memories(request, entity_id, reveals=True)


def show_memories(request: OperatorRequest, entity_id: UUID, *, reveals: bool) -> HttpResponse:
    form = SearchForm(request.POST)
    with tenant_scope(request.tenant.id):
        head = read_head(request, entity_id)
        listed = None if form.text else read_page(request, head.entity, reveals=reveals)
    results = listed or search_entity(request, head.entity, form.text, reveals=reveals)
    parts = {"results": "dashboard/entities/_found.html"}
    context = {
        "head": head,
        "entity": head.entity,
        "results": results,
        "days": DaysForm(request.GET),
        "error": form.error,
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


def read_page(request: OperatorRequest, entity: EntityPage, *, reveals: bool) -> MemoryResults:
    before, after = (read_uuid(request.GET.get(name)) for name in CURSORS)
    days = DaysForm(request.GET).days
    narrow = Days(**days)
    page = list_of_entity(entity.kind, entity.id, days=narrow, before=before, after=after)
    total = entity.memories
    if narrow.is_set:
        total = count_of_entity(entity.kind, entity.id, narrow)
    if reveals:
        record_list(request, entity, page.rows)
    return page_results(
        page,
        href=entity.href,
        reveal_href=entity.reveal_href,
        place=say_place(request),
        days=days,
        total=total,
        reveals=reveals,
    )


def say_place(request: OperatorRequest) -> str:
    """Which page it is, to come back to it."""
    asked = {name: request.GET[name] for name in PLACES if request.GET.get(name)}
    return f"?{urlencode(asked)}" if asked else ""


def search_entity(
    request: OperatorRequest, entity: EntityPage, query: str, *, reveals: bool
) -> MemoryResults:
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
        count = len(found.hits)
        record_search(entity_id=entity.id, count=count, by=request.actor)
        if reveals:
            record_list(request, entity, [hit.memory for hit in found.hits])
        return found_results(
            found,
            query=query,
            total=entity.memories,
            ms=ms,
            href=entity.href,
            reveal_href=entity.reveal_href,
            reveals=reveals,
        )


def record_list(request: OperatorRequest, entity: EntityPage, rows: Sequence[Memory]) -> None:
    ids = [memory.id for memory in rows]
    record_revealed(entity_id=entity.id, count=len(ids), memory_ids=ids, by=request.actor)


def read_uuid(value: str | None) -> UUID | None:
    try:
        return UUID(value) if value else None
    except ValueError:
        raise Http404 from None
