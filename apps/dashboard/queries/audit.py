"""The trail page by page, and what the pages say of its state. Call inside the tenant's scope."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from apps.accounts.models import Operator
from apps.audit import queries
from apps.audit.domain.sealing import make_leaf
from apps.audit.merkle import Neighbour, climb, make_path
from apps.audit.models import (
    AuditAnchor,
    AuditCheckpoint,
    AuditDetail,
    AuditEvent,
    AuditSeal,
)
from apps.audit.queries import find_places
from apps.common.actor import ActorKind
from apps.common.errors import NotFound
from apps.dashboard.forms.audit import SYSTEM
from apps.dashboard.presenters.text import midnight
from apps.isolation.scope import INSTANCE_TENANT_ID, current_tenant_id
from apps.tenants.models import ApiKey

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet

PAGE_SIZE = 50
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class EventPage:
    events: Sequence[AuditEvent]
    places: Mapping[UUID, int]  # sequences of those that are sealed
    has_newer: bool = False
    has_older: bool = False


@dataclass(frozen=True, slots=True)
class Sealing:
    """The place of an event and its way to the signed root."""

    seal: AuditSeal
    checkpoint: AuditCheckpoint
    path: Sequence[Neighbour]
    is_sound: bool
    anchors: Sequence[AuditAnchor] = field(default_factory=list)


def list_events(
    chosen: Mapping[str, Any], *, before: UUID | None = None, after: UUID | None = None
) -> EventPage:
    """One page by keyset, without counting. Two statements."""
    rows = select_events(chosen)
    if after:
        found = list(rows.filter(id__gt=after).order_by("id")[: PAGE_SIZE + 1])
        events = found[:PAGE_SIZE][::-1]
        return EventPage(events, find_places(events), len(found) > PAGE_SIZE, has_older=True)
    if before:
        rows = rows.filter(id__lt=before)
    found = list(rows.order_by("-id")[: PAGE_SIZE + 1])
    events = found[:PAGE_SIZE]
    return EventPage(events, find_places(events), bool(before), len(found) > PAGE_SIZE)


def select_events(chosen: Mapping[str, Any]) -> QuerySet[AuditEvent]:
    """Those that the form chose; its days are whole ones."""
    who = chosen.get("who")
    return queries.select_events(
        queries.Chosen(
            action=chosen.get("action"),
            outcome=chosen.get("outcome"),
            actor_kind=ActorKind.SYSTEM if who == SYSTEM else None,
            actor_id=UUID(who) if who and who != SYSTEM else None,
            target_id=chosen.get("target"),
            since=midnight(chosen["since"]) if "since" in chosen else None,
            until=midnight(chosen["until"]) + DAY if "until" in chosen else None,
        )
    )


def get_event(event_id: UUID) -> AuditEvent:
    event = AuditEvent.objects.filter(id=event_id).first()
    if event is None:
        raise NotFound("No audit event has this id.")
    return event


def read_sealing(event: AuditEvent) -> Sealing | None:
    """The event's leaf, made anew, and every leaf of its segment. None where it still waits."""
    seal = AuditSeal.objects.filter(id=event.id).first()
    if seal is None:
        return None
    checkpoint = AuditCheckpoint.objects.filter(
        first__lte=seal.sequence, last__gte=seal.sequence
    ).first()
    if checkpoint is None:
        raise NotFound("No checkpoint holds this event.")
    places = (checkpoint.first, checkpoint.last)
    segment = AuditSeal.objects.filter(sequence__range=places).order_by("sequence")
    leaves = [bytes(leaf) for leaf in segment.values_list("leaf", flat=True)]
    path = make_path(leaves, seal.sequence - checkpoint.first)
    root = climb(make_leaf(event, seal.sequence), path)
    anchors = list(AuditAnchor.objects.order_by("place"))
    return Sealing(seal, checkpoint, path, root == bytes(checkpoint.root), anchors)


def has_details(event: AuditEvent) -> bool:
    return AuditDetail.objects.filter(id=event.id).exists()


def list_actors() -> list[tuple[UUID, str]]:
    """Who can have acted in this trail: operators and API keys with their names."""
    tenant_id = current_tenant_id()
    if tenant_id == INSTANCE_TENANT_ID:
        operators, keys = Operator.objects.all(), ApiKey.objects.none()
    else:
        operators = Operator.objects.filter(memberships__tenant_id=tenant_id)
        keys = ApiKey.objects.filter(tenant_id=tenant_id)
    people = [(one.id, str(one)) for one in operators.order_by("name", "email")]
    return [*people, *((one.id, f"API key {one.name}") for one in keys.order_by("name"))]
