"""What stands at the head of every page of an entity. Call inside the tenant's scope."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from apps.dashboard.access import has_permission
from apps.dashboard.presenters import entities as presenter
from apps.dashboard.presenters.holdings import TABS, Head, make_tabs
from apps.dashboard.presenters.requests import request_row
from apps.dashboard.queries.entities import measure
from apps.dashboard.queries.requests import list_of_subject
from apps.memories.queries import entities as queries
from apps.tenants.rules import Permission

if TYPE_CHECKING:
    from uuid import UUID

    from apps.dashboard.presenters.entities import EntityPage
    from apps.dashboard.request import OperatorRequest


def read_head(request: OperatorRequest, entity_id: UUID, tab: str = "") -> Head:
    """Three statements; two for who may not see requests."""
    entity = read_entity(entity_id)
    may_see = has_permission(request, Permission.REQUEST_VIEW)
    rows = list_of_subject(entity_id) if may_see else []
    today = timezone.now().date()
    allowed = [name for name, one in TABS.items() if has_permission(request, one.permission)]
    counts = {"": entity.memories, "requests": len(rows)}
    return Head(
        entity=entity,
        tabs=make_tabs(entity, allowed, current=tab, counts=counts),
        requests=tuple(request_row(row, today=today, names={}) for row in rows),
        may_reveal=has_permission(request, Permission.MEMORY_REVEAL),
        may_purge=has_permission(request, Permission.MEMORY_PURGE),
        may_erase=has_permission(request, Permission.REQUEST_HANDLE),
    )


def read_entity(entity_id: UUID) -> EntityPage:
    entity = queries.get_entity(entity_id)
    return presenter.entity_page(entity, presenter.EntityFacts(**measure(entity)))
