"""Opening requests."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
from django.db import IntegrityError
from django.utils import timezone

from apps.audit.actions import Action
from apps.audit.domain import record
from apps.common.actor import Actor
from apps.common.errors import Conflict, Invalid
from apps.isolation.scope import tenant_scope
from apps.keys.tokens import make_token
from apps.memories.models import Entity
from apps.memories.queries.entities import find_entities
from apps.privacy.domain.changes import check_is_about
from apps.privacy.domain.moves import is_approval_needed, make_move, start_or_block
from apps.privacy.domain.particulars import Handling, read_handling
from apps.privacy.domain.values import NewRequest
from apps.privacy.due import compute_due
from apps.privacy.enums import OPEN, IdentityCheck, RequestKind, Via
from apps.privacy.models import Request
from apps.privacy.rules import Move

LIFTED = (RequestKind.RESTRICTION, RequestKind.OBJECTION)


def open_request(*, tenant_id: UUID, new: NewRequest, by: Actor) -> tuple[Request, bool]:
    """The request, and whether it is new: the same reference or repeat key answers the first one.

    What comes from an application counts as verified by it, and runs at once unless the tenant
    wants to approve. Conflict where an open request asks the same already, and where a reference or
    repeat key came with something else; NotFound and Invalid for a correction of a memory that is
    not there, or about somebody else.
    """
    _check(new)
    try:
        return _open(tenant_id, new, by)
    except IntegrityError:  # another request with this reference or key was faster
        return _open(tenant_id, new, by)


def _open(tenant_id: UUID, new: NewRequest, by: Actor) -> tuple[Request, bool]:
    with tenant_scope(tenant_id):
        tokens = _make_tokens(new)
        if known := _find_repeated(tokens):
            return known, False
        name = (new.subject_kind, new.subject_name)
        entity = find_entities([name]).get(name)
        _refuse_duplicate(new, entity)
        for correction in new.corrections:
            check_is_about(correction.memory_id, entity.id if entity else None)
        handling = read_handling()
        request = _make(new, entity, handling, tokens, by)
        request.save(force_insert=True)
        record(Action.REQUEST_OPEN, by=by, target_id=request.id, kind=new.kind, via=new.via)
        if new.via != Via.OPERATOR:
            _go_on(request, handling, by)
        return request, True


def _go_on(request: Request, handling: Handling, by: Actor) -> None:
    """Whoever calls by a key or a command has made sure who asks."""
    request.identity_check = IdentityCheck.APPLICATION
    request.verified_by = by.id
    make_move(request, Move.VERIFY, by=by, check=IdentityCheck.APPLICATION)
    if not is_approval_needed(request, handling):
        start_or_block(request, by=by)


def list_duplicates(request: Request) -> Sequence[Request]:
    """Others that are open for the same person, oldest first."""
    others = Request.objects.filter(subject_id=request.subject_id, state__in=OPEN)
    return list(others.exclude(id=request.id).order_by("id")) if request.subject_id else []


def _check(new: NewRequest) -> None:
    has_corrections = bool(new.corrections)
    if has_corrections != (new.kind == RequestKind.RECTIFICATION):
        raise Invalid(
            "corrections are for a rectification, which needs at least one.", field="corrections"
        )
    if new.is_lift and new.kind not in LIFTED:
        raise Invalid("lift is for a restriction or an objection.", field="lift")
    today = timezone.now().date()
    if new.received_on and new.received_on > today:
        raise Invalid(f"Choose a day up to today, {today}.", field="received_on")


def _make(
    new: NewRequest,
    entity: Entity | None,
    handling: Handling,
    tokens: dict[str, bytes | None],
    by: Actor,
) -> Request:
    received = new.received_on or timezone.now().date()
    return Request(
        kind=new.kind,
        via=new.via,
        subject_kind=new.subject_kind,
        subject_id=entity.id if entity else None,
        subject_name=None if entity else new.subject_name,
        reference=new.reference or None,
        corrections=_write_corrections(new) or None,
        is_lift=new.is_lift,
        received_on=received,
        due_on=compute_due(received, holidays=handling.holidays),
        opened_by=by.id,
        created_at=timezone.now(),
        **tokens,
    )


def _write_corrections(new: NewRequest) -> list[dict[str, str]]:
    return [{"memory_id": str(one.memory_id), "text": one.text} for one in new.corrections]


def _make_tokens(new: NewRequest) -> dict[str, bytes | None]:
    body: list[Any] = [new.kind, new.subject_kind, new.subject_name, new.reference, new.is_lift]
    body.append(_write_corrections(new))
    return {
        "reference_token": _make_token("reference", new.reference),
        "repeat_token": _make_token("repeat", new.repeat_key),
        "body_token": make_token("request body", orjson.dumps(body)),
    }


def _make_token(purpose: str, value: str) -> bytes | None:
    return make_token(f"request {purpose}", value.encode()) if value else None


def _find_repeated(tokens: dict[str, bytes | None]) -> Request | None:
    """After an erasure nothing is left to compare: the reference or the key alone decides."""
    for name in ("repeat_token", "reference_token"):
        if tokens[name] is None:
            continue
        known = Request.objects.filter(**{name: tokens[name]}).first()
        if known is None:
            continue
        if known.body_token and bytes(known.body_token) != tokens["body_token"]:
            raise Conflict("This key or reference was used for another request.")
        return known
    return None


def _refuse_duplicate(new: NewRequest, entity: Entity | None) -> None:
    """Two corrections are two things; two erasures of one person are one."""
    if entity is None or new.kind == RequestKind.RECTIFICATION:
        return
    Entity.objects.select_for_update(no_key=True).filter(id=entity.id).first()
    same = Request.objects.filter(
        subject_id=entity.id, kind=new.kind, is_lift=new.is_lift, state__in=OPEN
    )
    if known := same.first():
        raise Conflict(f"Request {known.id} asks for the same and is open.")
