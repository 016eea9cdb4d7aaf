"""Events of what did not happen: written after the rollback, in a transaction of their own."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast
from uuid import UUID

import structlog
from django.db import Error, OperationalError

from apps.audit.actions import Action, Outcome, Refusal
from apps.audit.domain.events import record
from apps.common.actor import Actor
from apps.common.errors import Conflict, DomainError, Forbidden, Unavailable
from apps.isolation.scope import has_scope, tenant_scope
from apps.keys.ring import KeyDestroyed

P = ParamSpec("P")
T = TypeVar("T")

logger = structlog.get_logger("memoryhub.audit")

REASONS: tuple[tuple[type[Exception], Outcome, Refusal], ...] = (
    (Forbidden, Outcome.DENIED, Refusal.FORBIDDEN),
    (KeyDestroyed, Outcome.FAILED, Refusal.KEY_DESTROYED),
    (Conflict, Outcome.FAILED, Refusal.CONFLICT),
    (Unavailable, Outcome.FAILED, Refusal.UNAVAILABLE),
)


def record_refusal(
    action: Action,
    *,
    tenant_id: UUID,
    by: Actor,
    outcome: Outcome = Outcome.DENIED,
    reason: Refusal = Refusal.FORBIDDEN,
    target_id: UUID | None = None,
    **facts: Any,
) -> None:
    """Record that this was refused. Call it after the rollback: it opens a scope of its own.

    No error of the database goes on, since the caller is refused in any case: it is logged.
    """
    try:
        with tenant_scope(tenant_id):
            record(action, by=by, target_id=target_id, outcome=outcome, reason=reason, **facts)
    except Error as error:
        logger.error("refusal not recorded", action=action, error=type(error).__name__)  # noqa: TRY400


def records_refusals(
    action: Action, *, target: str = ""
) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Decorate a domain function that takes `tenant_id` and `by`: what it refuses is recorded.

    `target` names the argument that holds the target's id. Wrong input and what is not there are
    no events: nothing was there to be changed. The error goes on to the caller in any case.
    """

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        @wraps(function)
        def guarded(*args: P.args, **given: P.kwargs) -> T:
            try:
                return function(*args, **given)
            except Exception as error:
                _record_error(
                    action,
                    error,
                    tenant_id=cast("UUID", given["tenant_id"]),
                    by=cast("Actor", given["by"]),
                    target_id=cast("UUID | None", given.get(target)),
                )
                raise

        return guarded

    return decorate


def _record_error(
    action: Action, error: Exception, *, tenant_id: UUID, by: Actor, target_id: UUID | None
) -> None:
    """Inside another's scope nothing is rolled back yet: whoever opened it records."""
    found = _classify(error)
    if found is None or has_scope():
        return
    outcome, reason = found
    record_refusal(
        action, tenant_id=tenant_id, by=by, outcome=outcome, reason=reason, target_id=target_id
    )


def _classify(error: Exception) -> tuple[Outcome, Refusal] | None:
    for kind, outcome, reason in REASONS:
        if isinstance(error, kind):
            return outcome, reason
    if isinstance(error, DomainError | OperationalError):  # the latter: nothing can be written
        return None
    return Outcome.FAILED, Refusal.ERROR
