"""From one state of a request to the next: by the table in rules.py, each move with its event."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.utils import timezone

from apps.audit.actions import Outcome, Refusal
from apps.audit.domain import record
from apps.common.actor import Actor
from apps.common.errors import NotFound
from apps.keys.queries import with_keys
from apps.memories.models import Entity
from apps.privacy.domain.due_list import put_on_list
from apps.privacy.domain.particulars import Handling
from apps.privacy.due import compute_due
from apps.privacy.enums import RequestKind, RequestState, Via, Work
from apps.privacy.models import Request
from apps.privacy.rules import Move, check_move, needs_approval

ENDED = (RequestState.DONE, RequestState.REFUSED, RequestState.WITHDRAWN)


def get_request(request_id: UUID) -> Request:
    """With its keys; NotFound without one."""
    found = with_keys(Request.objects.filter(id=request_id), owner="subject_id")
    if not found:
        raise NotFound("Request not found!")
    return found[0]


def lock_request(request_id: UUID) -> Request:
    """The same, held until the commit."""
    Request.objects.select_for_update(no_key=True).filter(id=request_id).first()
    return get_request(request_id)


def make_move(
    request: Request,
    move: Move,
    *,
    by: Actor,
    handling: Handling | None = None,
    **facts: Any,
) -> None:
    """Go to the next state, and record it. The request's row is held, or new, in the open scope."""
    rule = check_move(
        move,
        state=RequestState(request.state),
        mover=by.kind,
        needs_approval=handling is not None and is_approval_needed(request, handling),
    )
    request.state = rule.target
    if rule.target in ENDED:
        request.ended_at = timezone.now()
    request.save()
    record(rule.action, by=by, target_id=request.id, **_outcome(rule.target), **facts)


def is_approval_needed(request: Request, handling: Handling) -> bool:
    return needs_approval(
        kind=RequestKind(request.kind),
        via=Via(request.via),
        has_four_eyes=handling.has_four_eyes,
        has_api_approval=handling.has_api_approval,
    )


def start_or_block(request: Request, *, by: Actor, handling: Handling | None = None) -> None:
    """Begin the work, which Celery does; an erasure of what is under a legal hold is blocked."""
    if request.kind == RequestKind.ERASURE and is_held(request.subject_id):
        make_move(request, Move.BLOCK, by=by, handling=handling)
        return
    request.started_at = request.started_at or timezone.now()
    request.failure = ""
    make_move(request, Move.START, by=by, handling=handling)
    put_on_list(Work.RUN, request.id, at=timezone.now())


def is_held(subject_id: UUID | None) -> bool:
    """Held until the commit: no hold can come between the look and the move."""
    if subject_id is None:
        return False
    entity = Entity.objects.select_for_update(no_key=True).filter(id=subject_id).first()
    return entity is not None and entity.held_at is not None


def set_due(request: Request, holidays: Sequence[date]) -> None:
    request.due_on = compute_due(
        request.received_on,
        extra_months=request.extra_months,
        paused_days=request.paused_days,
        holidays=holidays,
    )


def _outcome(state: RequestState) -> dict[str, Any]:
    if state == RequestState.FAILED:
        return {"outcome": Outcome.FAILED, "reason": Refusal.ERROR}
    return {}
