"""What operators do with a request between its opening and its work. Each opens its own scope."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from apps.audit.actions import Action
from apps.audit.domain import record, records_refusals
from apps.common.actor import Actor
from apps.common.errors import Conflict, Forbidden, Invalid
from apps.isolation.scope import tenant_scope
from apps.memories.domain.flags import lift_flag, set_flag
from apps.memories.enums import EntityFlag
from apps.memories.models import Entity
from apps.privacy.domain.moves import lock_request, make_move, set_due, start_or_block
from apps.privacy.domain.particulars import read_handling
from apps.privacy.due import MOST_EXTRA_MONTHS, compute_due
from apps.privacy.enums import IdentityCheck, RefusalReason, RequestState
from apps.privacy.models import Note, Request
from apps.privacy.rules import Move
from apps.tenants.queries import list_handlers

LONGEST_TEXT = 10_000


@records_refusals(Action.REQUEST_VERIFY, target="request_id")
def verify_request(
    *, tenant_id: UUID, request_id: UUID, check: IdentityCheck, by: Actor
) -> Request:
    """Record how it was made sure who asks. A clock that stood still goes on."""
    with tenant_scope(tenant_id):
        request = lock_request(request_id)
        if request.paused_at:
            _resume(request, by)
        request.identity_check, request.verified_by = check, by.id
        make_move(request, Move.VERIFY, by=by, check=check)
        return request


@records_refusals(Action.REQUEST_APPROVE, target="request_id")
def approve_request(*, tenant_id: UUID, request_id: UUID, by: Actor) -> Request:
    """Four eyes: Forbidden to whoever opened or verified it."""
    with tenant_scope(tenant_id):
        request = lock_request(request_id)
        if by.id in {request.opened_by, request.verified_by}:
            raise Forbidden("A second person approves: you have opened or verified this request.")
        make_move(request, Move.APPROVE, by=by)
        return request


@records_refusals(Action.REQUEST_START, target="request_id")
def start_request(*, tenant_id: UUID, request_id: UUID, by: Actor) -> Request:
    """Begin the work, or go on with what failed or was held. An erasure under a hold is blocked."""
    with tenant_scope(tenant_id):
        request = lock_request(request_id)
        start_or_block(request, by=by, handling=read_handling())
        return request


def refuse_request(
    *, tenant_id: UUID, request_id: UUID, reason: RefusalReason, explanation: str, by: Actor
) -> Request:
    """The reasons are owed to the person (Art. 12(4)), so an explanation is needed."""
    with tenant_scope(tenant_id):
        request = lock_request(request_id)
        request.refusal = reason
        request.explanation = _check_text(explanation, "explanation")
        make_move(request, Move.REFUSE, by=by, why=reason)
        return request


def withdraw_request(*, tenant_id: UUID, request_id: UUID, by: Actor) -> Request:
    with tenant_scope(tenant_id):
        request = lock_request(request_id)
        make_move(request, Move.WITHDRAW, by=by)
        return request


def extend_request(
    *, tenant_id: UUID, request_id: UUID, months: int, explanation: str, by: Actor
) -> Request:
    """Up to two more months, with reasons, and only within the first month (Art. 12(3))."""
    if not 1 <= months <= MOST_EXTRA_MONTHS:
        raise Invalid(
            f"A request can be extended by 1 to {MOST_EXTRA_MONTHS} months.", field="months"
        )
    with tenant_scope(tenant_id):
        request, handling = lock_request(request_id), read_handling()
        _refuse_ended(request)
        first = compute_due(
            request.received_on, paused_days=request.paused_days, holidays=handling.holidays
        )
        if request.extra_months or timezone.now().date() > first:
            raise Conflict(f"It can be extended once, until {first}.")
        request.extra_months = months
        request.explanation = _check_text(explanation, "explanation")
        set_due(request, handling.holidays)
        request.save()
        record(Action.REQUEST_EXTEND, by=by, target_id=request.id, months=months)
        return request


def pause_request(*, tenant_id: UUID, request_id: UUID, by: Actor) -> Request:
    """A proof of identity was asked for: the clock stands still until the request is verified."""
    with tenant_scope(tenant_id):
        request = lock_request(request_id)
        if request.state != RequestState.RECEIVED or request.paused_at:
            raise Conflict("A proof of identity is asked for before a request is verified, once.")
        request.paused_at = timezone.now()
        request.save()
        record(Action.REQUEST_PAUSE, by=by, target_id=request.id)
        return request


def assign_request(
    *, tenant_id: UUID, request_id: UUID, assignee_id: UUID | None, by: Actor
) -> Request:
    """To an operator of the tenant who may handle requests, or to nobody. Invalid for others."""
    handlers = {one.id for one in list_handlers(tenant_id)}
    if assignee_id is not None and assignee_id not in handlers:
        raise Invalid("Assign it to an operator who may handle requests.", field="assignee")
    with tenant_scope(tenant_id):
        request = lock_request(request_id)
        request.assignee_id = assignee_id
        request.save()
        facts: dict[str, Any] = {"assignee": assignee_id} if assignee_id else {}
        record(Action.REQUEST_ASSIGN, by=by, target_id=request.id, **facts)
        return request


def write_note(*, tenant_id: UUID, request_id: UUID, text: str, by: Actor) -> Note:
    """Sealed under the person's key, so that it goes with it."""
    with tenant_scope(tenant_id):
        request = lock_request(request_id)
        note = Note(
            request=request,
            subject_id=request.subject_id,
            text=_check_text(text, "text"),
            author_id=by.id,
            created_at=timezone.now(),
        )
        note.save(force_insert=True)
        record(Action.REQUEST_NOTE, by=by, target_id=request.id)
        return note


def hold_subject(*, tenant_id: UUID, entity_id: UUID, by: Actor) -> None:
    """Nothing of this entity may be deleted from now on. Conflict while it is being erased."""
    with tenant_scope(tenant_id):
        entity = Entity.objects.select_for_update(no_key=True).filter(id=entity_id).first()
        if entity and entity.erasing_at:
            raise Conflict("This entity is being erased, which can't be stopped.")
        set_flag(entity_id=entity_id, flag=EntityFlag.HELD, by=by)


def release_subject(*, tenant_id: UUID, entity_id: UUID, by: Actor) -> None:
    """Lift the hold. A request that it blocked can be started again."""
    with tenant_scope(tenant_id):
        lift_flag(entity_id=entity_id, flag=EntityFlag.HELD, by=by)


def _resume(request: Request, by: Actor) -> None:
    assert request.paused_at is not None
    stood = timezone.now() - request.paused_at
    days = -(-stood // timedelta(days=1))  # a day that has begun counts
    request.paused_days, request.paused_at = request.paused_days + days, None
    set_due(request, read_handling().holidays)
    record(Action.REQUEST_RESUME, by=by, target_id=request.id, days=days)


def _refuse_ended(request: Request) -> None:
    if not request.is_open:
        raise Conflict("This request has ended.")


def _check_text(text: str, name: str) -> str:
    text = text.strip()
    if not text or len(text) > LONGEST_TEXT:
        raise Invalid(f"{name} needs 1 to {LONGEST_TEXT} characters.", field=name)
    return text
