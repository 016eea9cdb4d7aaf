"""The trail page by page, and what the pages say of its state. Call inside the tenant's scope."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils import timezone

from apps.accounts.models import Operator
from apps.audit.domain.checks import get_last_check
from apps.audit.domain.sealing import make_leaf
from apps.audit.enums import Work
from apps.audit.merkle import Neighbour, climb, make_path
from apps.audit.models import (
    AuditAnchor,
    AuditCheck,
    AuditCheckpoint,
    AuditDetail,
    AuditDue,
    AuditEvent,
    AuditSeal,
)
from apps.common.actor import ActorKind
from apps.common.errors import NotFound
from apps.common.ids import first_id
from apps.dashboard.forms.audit import SYSTEM
from apps.dashboard.presenters.text import midnight
from apps.isolation.scope import INSTANCE_TENANT_ID, current_tenant_id
from apps.tenants.models import ApiKey

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from django.db.models import QuerySet

PAGE_SIZE = 50
DAY = timedelta(days=1)
LONGEST_CHECK = timedelta(hours=6)  # what has not ended then was lost on its way


@dataclass(frozen=True, slots=True)
class EventPage:
    events: Sequence[AuditEvent]
    places: Mapping[UUID, int]  # sequences of those that are sealed
    has_newer: bool = False
    has_older: bool = False


@dataclass(frozen=True, slots=True)
class TrailState:
    """How the trail stands: what was verified, what waits, up to where it is anchored."""

    last: AuditCheckpoint | None
    unsealed: int
    running: AuditCheck | None
    ended: AuditCheck | None
    anchors: Sequence[AuditAnchor]


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
    """Each condition has an index that begins with the tenant and ends with the id."""
    conditions = Q()
    if who := chosen.get("who"):
        conditions &= Q(actor_kind=ActorKind.SYSTEM) if who == SYSTEM else Q(actor_id=who)
    for name in ("action", "outcome"):
        if name in chosen:
            conditions &= Q(**{name: chosen[name]})
    if "target" in chosen:
        conditions &= Q(target_id=chosen["target"])
    if "since" in chosen:
        conditions &= Q(id__gte=first_id(midnight(chosen["since"])))
    if "until" in chosen:
        conditions &= Q(id__lt=first_id(midnight(chosen["until"]) + DAY))
    return AuditEvent.objects.filter(conditions)


def find_places(events: Sequence[AuditEvent]) -> dict[UUID, int]:
    seals = AuditSeal.objects.filter(id__in=[event.id for event in events])
    return dict(seals.values_list("id", "sequence"))


def get_event(event_id: UUID) -> AuditEvent:
    event = AuditEvent.objects.filter(id=event_id).first()
    if event is None:
        raise NotFound("No audit event has this id.")
    return event


def read_state() -> TrailState:
    """Five statements."""
    checks = AuditCheck.objects.order_by("-started_at")
    begun = timezone.now() - LONGEST_CHECK
    due = AuditDue.objects.filter(work=Work.SEAL, tenant_id=current_tenant_id())
    return TrailState(
        last=AuditCheckpoint.objects.order_by("-number").first(),
        unsealed=due.count(),
        running=checks.filter(ended_at=None, started_at__gt=begun).first(),
        ended=get_last_check(),
        anchors=list(AuditAnchor.objects.order_by("place")),
    )


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
