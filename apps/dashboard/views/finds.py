from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.shortcuts import redirect
from django.urls import reverse
from django_htmx.http import HttpResponseLocation

from apps.common.errors import NotFound
from apps.dashboard.access import require_permission
from apps.dashboard.forms.search import FindForm
from apps.dashboard.presenters import text
from apps.dashboard.presenters.entities import EntityRow, entity_row
from apps.dashboard.presenters.manual import list_pages
from apps.dashboard.presenters.memories import memory_href
from apps.dashboard.presenters.shell import list_groups
from apps.dashboard.queries.memories import get_memory_or_tombstone
from apps.dashboard.render import render_page, swapped_element
from apps.isolation.scope import tenant_scope
from apps.memories.enums import EntityKind
from apps.memories.queries.entities import find_used, search_entities
from apps.tenants.rules import Permission

if TYPE_CHECKING:
    from django.http import HttpResponse

    from apps.dashboard.request import OperatorRequest
    from apps.memories.models import Entity


LIMIT = 50  # of each kind
MOST_LINES = 8  # entities of the palette
PALETTE = "palette"


@dataclass(frozen=True, slots=True)
class Line:
    """Where the palette leads, and what that is."""

    label: str
    href: str
    kind: str


@dataclass(frozen=True, slots=True)
class Found:
    text: str = ""
    rows: tuple[EntityRow, ...] = ()

    @property
    def heading(self) -> str:
        return f"{text.counted(len(self.rows), 'entity', 'entities')} found"


@require_permission(Permission.ENTITY_VIEW)
def find(request: OperatorRequest) -> HttpResponse:
    """The page, or the palette under the search box."""
    form = FindForm(request.POST)
    if swapped_element(request) == PALETTE:
        return render_page(request, "_palette.html", {"lines": list_lines(request, form.text)})
    with tenant_scope(request.tenant.id):
        found, href = look_up(form.text)
    if href:
        return go(request, href)
    context = {"found": found, "error": form.error}
    return render_page(request, "dashboard/finds/show.html", context)


def list_lines(request: OperatorRequest, asked: str) -> list[Line]:
    """It is asked while somebody types: only the entities last used are opened for a part."""
    word = asked.strip()
    if not word:
        return []
    with tenant_scope(request.tenant.id):
        href = find_memory(word)
        entities = [entity_line(entity) for entity in find_used(word, limit=MOST_LINES)]
    memory = [Line("Memory with this id", href, "memory")] if href else []
    return [*memory, *list_rooms(request, word), *entities, *list_help(word)]


def list_rooms(request: OperatorRequest, word: str) -> list[Line]:
    return [
        Line(room.label, room.href, "room")
        for group in list_groups(request)
        for room in group.rooms
        if word.casefold() in room.label.casefold()
    ]


def list_help(word: str) -> list[Line]:
    return [
        Line(page.title, page.href, "help")
        for page in list_pages()
        if word.casefold() in page.title.casefold()
    ]


def entity_line(entity: Entity) -> Line:
    href = reverse("dashboard:entity-detail", args=[entity.id])
    return Line(entity.external_id, href, entity.kind)


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
