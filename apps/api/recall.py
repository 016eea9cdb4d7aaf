"""Lists and searches, for whatever envelope a path puts around them."""

from typing import Any

from django.utils import timezone
from rest_framework.request import Request

from apps.api.authentication import tenant_id_of
from apps.api.inputs import PageInput, SearchInput
from apps.api.pages import check_page
from apps.api.presenting import present_hit
from apps.api.reads import record_read, record_search
from apps.isolation.scope import tenant_scope
from apps.memories.conditions import Filter
from apps.memories.domain.search import search_memories
from apps.memories.models import Memory
from apps.memories.pages import select_memories


def read_rows(
    request: Request, filters: Filter, page: PageInput, *, has_expired: bool
) -> tuple[int, list[Memory]]:
    """How many there are, and those of the page, newest first. NotFound past the end."""
    today = None if has_expired else timezone.now().date()
    with tenant_scope(tenant_id_of(request), plans_once=True):
        selected = select_memories(filters, today=today)
        count = selected.count()
        check_page(page, count=count)
        rows = selected.read(offset=page.offset, limit=page.size)
        record_read(request, rows)
    return count, rows


def find_hits(request: Request, asked: SearchInput) -> list[dict[str, Any]]:
    found = search_memories(
        tenant_id=tenant_id_of(request),
        query=asked.query,
        filters=asked.filters,
        top_k=asked.top_k,
        threshold=asked.threshold,
        has_expired=asked.has_expired,
        today=asked.today,
    )
    record_search(request, [hit.memory for hit in found.hits])
    return [
        present_hit(hit, is_explained=asked.is_explained, fields=asked.fields) for hit in found.hits
    ]
