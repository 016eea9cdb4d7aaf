"""The tabs of an entity's page besides its memories: each a page of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import redirect
from django.urls import reverse

from apps.dashboard.access import require_permission, require_recent_sign_in
from apps.dashboard.presenters import holdings as presenter
from apps.dashboard.presenters.holdings import TABS
from apps.dashboard.presenters.hosts import host_rows
from apps.dashboard.queries import holdings as queries
from apps.dashboard.queries.overview import name_actors
from apps.dashboard.render import render_page
from apps.dashboard.views.entities import read_uuid
from apps.dashboard.views.heads import read_head
from apps.isolation.scope import tenant_scope
from apps.memories.domain.reads import record_revealed
from apps.memories.queries.entities import get_entity
from apps.privacy.domain.particulars import read_handling
from apps.telemetry.queries import list_hosts
from apps.tenants.rules import Permission

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from uuid import UUID

    from django.http import HttpResponse

    from apps.dashboard.presenters.holdings import Head
    from apps.dashboard.queries.holdings import Page, Place
    from apps.dashboard.request import OperatorRequest

    Read = Callable[[OperatorRequest, Head], Mapping[str, Any]]


def read_deleted(request: OperatorRequest, head: Head) -> Mapping[str, Any]:
    page = queries.list_deleted(head.entity.kind, head.entity.id, read_place(request))
    return listed(page, head, "deleted", [presenter.deleted_row(row) for row in page.rows])


def read_messages(request: OperatorRequest, head: Head) -> Mapping[str, Any]:
    return list_messages(request, head, reveals=False)


def list_messages(request: OperatorRequest, head: Head, *, reveals: bool) -> Mapping[str, Any]:
    page = queries.list_messages(head.entity.kind, head.entity.id, read_place(request))
    days = queries.date_jobs(page.rows)
    rows = [
        presenter.message_row(row, said_at=days[row.job_id], reveals=reveals) for row in page.rows
    ]
    href = reverse("dashboard:entity-messages", args=[head.entity.id])
    return listed(page, head, "messages", rows) | {
        "is_revealed": reveals,
        "page_href": f"{href}?{request.GET.urlencode()}",
        "reveal_href": f"{href}reveal/?{request.GET.urlencode()}",
    }


def read_jobs(request: OperatorRequest, head: Head) -> Mapping[str, Any]:
    page = queries.list_jobs(head.entity.kind, head.entity.id, read_place(request))
    return listed(page, head, "jobs", [presenter.job_row(row) for row in page.rows])


def read_requests(request: OperatorRequest, head: Head) -> Mapping[str, Any]:  # noqa: ARG001
    return {"rows": head.requests}


def read_recipients(request: OperatorRequest, head: Head) -> Mapping[str, Any]:  # noqa: ARG001
    names: dict[UUID | None, str] = {request.tenant.id: request.tenant.name}
    return {
        "said": read_handling().said.recipients,
        "settings_href": reverse("dashboard:request-settings"),
        "hosts": host_rows(list_hosts([request.tenant.id]), names),
    }


def read_looks(request: OperatorRequest, head: Head) -> Mapping[str, Any]:
    page = queries.list_looks(head.entity.kind, head.entity.id, read_place(request))
    names = name_actors(event.actor_id for event in page.rows if event.actor_id)
    rows = [presenter.look_row(event, tenant=request.tenant, names=names) for event in page.rows]
    return listed(page, head, "looked", rows)


def read_keys(request: OperatorRequest, head: Head) -> Mapping[str, Any]:  # noqa: ARG001
    return {"key": presenter.key_view(queries.find_key(head.entity.id))}


READ: Mapping[str, Read] = {
    "deleted": read_deleted,
    "messages": read_messages,
    "jobs": read_jobs,
    "requests": read_requests,
    "recipients": read_recipients,
    "looked": read_looks,
    "keys": read_keys,
}


def make_view(tab: str) -> Callable[..., HttpResponse]:
    @require_permission(TABS[tab].permission)
    def view(request: OperatorRequest, entity_id: UUID) -> HttpResponse:
        with tenant_scope(request.tenant.id):
            head = read_head(request, entity_id, tab)
            held = READ[tab](request, head)
        return render_tab(request, tab, head, held)

    return view


VIEWS = {tab: make_view(tab) for tab in READ}


@require_permission(Permission.MEMORY_REVEAL)
def messages_reveal(request: OperatorRequest, entity_id: UUID) -> HttpResponse:
    """Shows one page of messages for this one view; that they were shown is an event."""
    with tenant_scope(request.tenant.id):
        get_entity(entity_id)
    if request.method != "POST":
        return redirect("dashboard:entity-messages", entity_id)
    answer: HttpResponse = reveal(request, entity_id)
    return answer


@require_recent_sign_in
def reveal(request: OperatorRequest, entity_id: UUID) -> HttpResponse:
    with tenant_scope(request.tenant.id):
        head = read_head(request, entity_id, "messages")
        held = list_messages(request, head, reveals=True)
        record_revealed(entity_id=entity_id, count=len(held["rows"]), by=request.actor)
    return render_tab(request, "messages", head, held)


def render_tab(
    request: OperatorRequest, tab: str, head: Head, held: Mapping[str, Any]
) -> HttpResponse:
    context = {"head": head, "entity": head.entity, "tab": tab, **held}
    context["part"] = f"dashboard/entities/tabs/_{tab}.html"
    return render_page(request, "dashboard/entities/tab.html", context)


def read_place(request: OperatorRequest) -> Place:
    before, after = (read_uuid(request.GET.get(name)) for name in ("before", "after"))
    return queries.Place(before, after)


def listed(page: Page, head: Head, tab: str, rows: list[Any]) -> dict[str, Any]:
    return {"rows": rows, "turn": presenter.turn(page, f"{head.entity.href}{tab}/")}
