"""Reading the trail: its events, its checkpoints and how it stands. Call in the tenant's scope."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from apps.audit.enums import Work
from apps.audit.models import (
    AuditAnchor,
    AuditCheck,
    AuditCheckpoint,
    AuditDue,
    AuditEvent,
    AuditSeal,
)
from apps.common.actor import ActorKind
from apps.common.ids import first_id
from apps.isolation.scope import current_tenant_id

LONGEST_CHECK = timedelta(hours=6)  # what has not ended then was lost on its way


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which events; None leaves a condition out. From `since` on, and before `until`."""

    action: str | None = None
    outcome: str | None = None
    actor_kind: ActorKind | None = None
    actor_id: UUID | None = None
    target_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class TrailState:
    """How the trail stands: what was verified, what waits, up to where it is anchored."""

    last: AuditCheckpoint | None
    unsealed: int
    running: AuditCheck | None
    ended: AuditCheck | None
    anchors: Sequence[AuditAnchor]


def select_events(chosen: Chosen) -> QuerySet[AuditEvent]:
    """Each condition has an index that begins with the tenant and ends with the id."""
    conditions = Q()
    for name in ("action", "outcome", "actor_kind", "actor_id", "target_id"):
        value = getattr(chosen, name)
        if value is not None:
            conditions &= Q(**{name: value})
    if chosen.since:
        conditions &= Q(id__gte=first_id(chosen.since))
    if chosen.until:
        conditions &= Q(id__lt=first_id(chosen.until))
    return AuditEvent.objects.filter(conditions)


def list_events(chosen: Chosen, *, before: UUID | None, limit: int) -> list[AuditEvent]:
    """The newest of them, or the newest that are older than `before`. Nothing is counted."""
    rows = select_events(chosen)
    if before:
        rows = rows.filter(id__lt=before)
    return list(rows.order_by("-id")[:limit])


def find_places(events: Sequence[AuditEvent]) -> dict[UUID, int]:
    """The sequences of those that are sealed."""
    seals = AuditSeal.objects.filter(id__in=[event.id for event in events])
    return dict(seals.values_list("id", "sequence"))


def list_checkpoints(*, before: int | None, limit: int) -> list[AuditCheckpoint]:
    """The newest, or the newest with a smaller number."""
    rows = AuditCheckpoint.objects.order_by("-number")
    return list((rows if before is None else rows.filter(number__lt=before))[:limit])


def get_last_check() -> AuditCheck | None:
    """The newest that has ended."""
    return AuditCheck.objects.exclude(ended_at=None).order_by("-started_at").first()


def read_trail_state() -> TrailState:
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
