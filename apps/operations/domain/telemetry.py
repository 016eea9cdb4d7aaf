"""What this installation reports, and when."""

from datetime import date

from django.db import transaction
from django.utils import timezone

from apps.common.actor import Actor
from apps.isolation.scope import INSTANCE_TENANT_ID, tenant_scope
from apps.operations.facts import read_heartbeat, read_machine
from apps.telemetry.domain import consent
from apps.telemetry.domain.counts import report_finished_days
from apps.telemetry.domain.reports import telemetry
from apps.telemetry.domain.sending import forget_old_reports
from apps.telemetry.domain.state import lock_state
from apps.telemetry.models import TelemetryState
from apps.telemetry.switches import is_recording, may_be_on


def turn_on(*, by: Actor) -> None:
    """Set the operator's switch to on; where that turns telemetry on, report it, due at once.

    Refuses before the notice was seen.
    """
    with tenant_scope(INSTANCE_TENANT_ID):
        consent.turn_on(by=by)
        _report_installation()


def report_start() -> None:
    """A worker has started."""
    if may_be_on():
        with transaction.atomic():
            _report_installation()
            telemetry.capture_event("start", read_machine())


def report_use() -> None:
    """Once an hour: a new day's heartbeat, the counts of finished days, the log's retention."""
    forget_old_reports()
    if may_be_on():
        today = timezone.now().date()
        report_finished_days(today=today)
        with transaction.atomic():
            _report_heartbeat(lock_state(), today)


def _report_installation() -> None:
    """Say once that telemetry is on, with the first heartbeat."""
    state = lock_state()
    if is_recording(state) and not state.is_installed:
        telemetry.capture_event("install", read_machine())
        state.is_installed = True
        state.save(update_fields=["is_installed"])
        _report_heartbeat(state, timezone.now().date())


def _report_heartbeat(state: TelemetryState, today: date) -> None:
    if is_recording(state) and state.heartbeat_on != today:
        telemetry.capture_event("heartbeat", read_heartbeat())
        state.heartbeat_on = today
        state.save(update_fields=["heartbeat_on"])
