"""Verification in the background: a row that knows how far it got, a chunk at a time."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.utils import timezone

from apps.audit.actions import Action
from apps.audit.domain.events import record
from apps.audit.domain.signing import PublicKeys
from apps.audit.domain.verification import (
    Anchors,
    Kind,
    Problem,
    Verification,
    verify_segments,
)
from apps.audit.models import AuditCheck
from apps.common.actor import Actor, ActorKind
from apps.isolation.scope import current_tenant_id, tenant_scope

KEPT = 30  # checks of one tenant


def start_check(*, by: Actor) -> AuditCheck:
    """A row for a verification that begins now, in the open scope. Who asks for one is recorded."""
    kept = AuditCheck.objects.order_by("-started_at").values("id")[: KEPT - 1]
    AuditCheck.objects.exclude(id__in=list(kept.values_list("id", flat=True))).delete()
    if by.kind != ActorKind.SYSTEM:
        record(Action.AUDIT_VERIFY, by=by, target_id=current_tenant_id())
    check = AuditCheck(started_at=timezone.now(), state=asdict(Verification()))
    check.save(force_insert=True)
    return check


def continue_check(
    *,
    tenant_id: UUID,
    check_id: UUID,
    keys: PublicKeys,
    anchors: Anchors,
    goes_on: Callable[[], bool],
) -> bool:
    """Verify on from where the row stands, while `goes_on`; answers whether it has ended.

    One transaction for each few segments. A row that is gone or has ended is left alone.
    """
    is_done = False
    while not is_done and goes_on():
        with tenant_scope(tenant_id):
            check = (
                AuditCheck.objects.select_for_update().filter(id=check_id, ended_at=None).first()
            )
            if check is None:
                return True
            is_done = _advance(check, keys, anchors)
    return is_done


def read_state(state: dict[str, Any]) -> Verification:
    problems = [Problem(one["sequence"], Kind(one["kind"])) for one in state["problems"]]
    return Verification(**state | {"problems": problems})


def _advance(check: AuditCheck, keys: PublicKeys, anchors: Anchors) -> bool:
    verification = read_state(check.state)
    verify_segments(verification, keys=keys, anchors=anchors)
    check.state = asdict(verification)
    check.ended_at = timezone.now() if verification.is_done else None
    check.save(update_fields=["state", "ended_at"])
    return verification.is_done
