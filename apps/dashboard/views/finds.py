from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.shortcuts import redirect
from django_htmx.http import HttpResponseLocation

from apps.common.errors import NotFound
from apps.dashboard.access import require_permission
from apps.dashboard.forms.search import FindForm
from apps.dashboard.presenters import text
from apps.dashboard.presenters.entities import EntityRow, entity_row
from apps.dashboard.presenters.memories import memory_href
from apps.dashboard.queries.memories import get_memory_or_tombstone
from apps.dashboard.render import render_page
from apps.isolation.scope import tenant_scope
from apps.memories.enums import EntityKind
from apps.memories.queries import search_entities
from apps.tenants.rules import Permission

if TYPE_CHECKING:
    from django.http import HttpResponse

    from apps.dashboard.request import OperatorRequest


LIMIT = 50  # of each kind


@dataclass(frozen=True, slots=True)
class Found:
    text: str = ""
    rows: tuple[EntityRow, ...] = ()

    @property
    def heading(self) -> str:
        return f"{text.counted(len(self.rows), 'entity', 'entities')} found"


@require_permission(Permission.ENTITY_VIEW)
def find(request: OperatorRequest) -> HttpResponse:
    form = FindForm(request.POST)
    with tenant_scope(request.tenant.id):
        found, href = look_up(form.text)
    if href:
        return go(request, href)
    context = {"found": found, "error": form.error}
    return render_page(request, "dashboard/finds/show.html", context)


def look_up(asked: str) -> tuple[Found, str]:
    """What has this id or a part of it; an address where only one thing can be meant."""
    if not asked:
        return Found(), ""
    if href := find_memory(asked):
        return Found(), href
    found = [search_entities(kind=kind, part=asked, limit=LIMIT) for kind in EntityKind]
    rows = [entity_row(size) for sizes in found for size in sizes]
    exact = [row for row in rows if row.external_id == asked]
    return Found(asked, tuple(rows)), exact[0].href if len(exact) == 1 else ""


def find_memory(asked: str) -> str:
    try:
        return memory_href(get_memory_or_tombstone(UUID(asked)).id)
    except (ValueError, NotFound):
        return ""


def go(request: OperatorRequest, href: str) -> HttpResponse:
    """To the page itself, so that its address stands in the browser."""
    if not request.htmx:
        return redirect(href)
    return HttpResponseLocation(href, target="#page", swap="outerHTML")
