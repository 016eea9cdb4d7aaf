"""What the instance's owner decides. Each decision is one transaction with its audit event."""

from django.utils import timezone

from apps.audit.actions import Action
from apps.audit.domain import record
from apps.common.actor import SYSTEM, Actor
from apps.common.errors import Conflict
from apps.isolation.scope import INSTANCE_TENANT_ID, tenant_scope
from apps.keys.instance import create_instance_secrets
from apps.telemetry.domain.state import lock_state
from apps.telemetry.models import OutboxEvent, Tally, TelemetryState
from apps.telemetry.payload import make_event
from apps.telemetry.switches import decide


def mark_notice_seen() -> None:
    """Remember that an instance owner was shown what would be sent."""
    with tenant_scope(INSTANCE_TENANT_ID):
        state = lock_state()
        if state.notice_seen_at is None:
            state.notice_seen_at = timezone.now()
            state.save(update_fields=["notice_seen_at"])


def turn_on(*, by: Actor) -> None:
    """Set the operator's switch to on. Refuses before the notice was seen.

    Stronger switches stay what they are: while one of them is off, telemetry is off.
    """
    with tenant_scope(INSTANCE_TENANT_ID):
        state = lock_state()
        if state.notice_seen_at is None:
            raise Conflict("Read what would be sent first: open the page Telemetry.")
        create_instance_secrets()
        if not state.is_on:
            _decide(state, is_on=True, by=by)
            record(Action.TELEMETRY_ENABLE, by=by)


def turn_off(*, by: Actor) -> None:
    """Set the operator's switch to off and empty the outbox, for every process at once."""
    with tenant_scope(INSTANCE_TENANT_ID):
        state = lock_state()
        forget_waiting()
        if state.is_on or state.decided_at is None:
            _decide(state, is_on=False, by=by)
            record(Action.TELEMETRY_DISABLE, by=by)


def rotate_install_id(*, by: Actor) -> None:
    """Reports from now on can't be linked to those before: the next send makes a new id."""
    with tenant_scope(INSTANCE_TENANT_ID):
        state = lock_state()
        if state.is_leaving:
            raise Conflict("A deletion of this id is on its way to the makers.")
        state.install_id = None
        state.save(update_fields=["install_id"])
        record(Action.TELEMETRY_ROTATE, by=by)


def delete_data(*, by: Actor) -> None:
    """While on, let one last report ask the makers to delete; telemetry is off once it is sent.

    While off, or where nothing was ever sent, the id is forgotten and telemetry is off at once.
    """
    with tenant_scope(INSTANCE_TENANT_ID):
        state = lock_state()
        is_known_outside = decide(state).enabled and state.install_id is not None
        record(Action.TELEMETRY_DELETE, by=by)
        if is_known_outside:
            forget_waiting()
            make_event("deletion", {}).save(force_insert=True)
            state.is_leaving = True
            state.save(update_fields=["is_leaving"])
        else:
            leave(state, by=by)


def leave(state: TelemetryState, *, by: Actor = SYSTEM) -> None:
    """Forget the install id and turn off. Call in the instance's scope, with the state held."""
    forget_waiting()
    was_on = state.is_on
    state.install_id = None
    _decide(state, is_on=False, by=by)
    if was_on:
        record(Action.TELEMETRY_DISABLE, by=by)


def forget_waiting() -> None:
    """Empty the outbox and the counts of the days that are not reported yet."""
    OutboxEvent.objects.all().delete()
    Tally.objects.all().delete()


def _decide(state: TelemetryState, *, is_on: bool, by: Actor) -> None:
    state.is_on, state.is_leaving = is_on, False
    state.is_installed, state.heartbeat_on = False, None
    state.decided_at, state.decided_by_id = timezone.now(), by.id
    state.save()
