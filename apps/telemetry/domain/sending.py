"""Sending what is due. The switch is read again at the moment in which the bytes leave."""

from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from apps.isolation.scope import INSTANCE_TENANT_ID, tenant_scope
from apps.telemetry.catalogue import EVENTS
from apps.telemetry.domain.consent import forget_waiting, leave
from apps.telemetry.domain.state import lock_state
from apps.telemetry.enums import Outcome
from apps.telemetry.errors import NotSentError, TurnedOffError
from apps.telemetry.models import OutboxEvent, SentReport, TelemetryState
from apps.telemetry.payload import build_batch
from apps.telemetry.queries import is_enabled
from apps.telemetry.switches import decide

BATCH = 50
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=4)
KEPT_WAITING = timedelta(hours=24)
KEPT_SENT = timedelta(days=60)
REFUSED = range(400, 500)
TRY_AGAIN = {408, 425, 429}


def send_due() -> list[SentReport]:
    """Send what is due, batch by batch, and stop at the first that does not arrive.

    Each batch costs one call, outside any transaction, of 8 seconds at most. While telemetry is
    off nothing is sent and what still waits is deleted.
    """
    if not is_enabled():
        _empty_outbox()
        return []
    reports: list[SentReport] = []
    while events := _take_due():
        report = _send(events)
        if report is None:
            break
        reports.append(report)
        if report.outcome != Outcome.DELIVERED:
            break
    return reports


def forget_old_reports() -> None:
    """Delete what was sent more than 60 days ago from the log. One statement."""
    SentReport.objects.filter(sent_at__lt=timezone.now() - KEPT_SENT).delete()


def _empty_outbox() -> None:
    with transaction.atomic():
        if not decide(lock_state()).enabled:
            forget_waiting()


def _take_due() -> list[OutboxEvent]:
    """The reports that are due, of one age. Taking them puts them off: nobody sends them twice."""
    now = timezone.now()
    with transaction.atomic():
        due = OutboxEvent.objects.filter(due_at__lte=now, name__in=EVENTS).order_by(
            "attempts", "made_at"
        )
        found = list(due.select_for_update(skip_locked=True)[:BATCH])
        events = [event for event in found if event.attempts == found[0].attempts]
        for event in events:
            event.due_at = now + min(FIRST_WAIT * 2**event.attempts, LONGEST_WAIT)
            event.attempts += 1
        OutboxEvent.objects.bulk_update(events, ["due_at", "attempts"])
    return events


def _send(events: list[OutboxEvent]) -> SentReport | None:
    """One call, as it stands in the log; None where telemetry was turned off before it."""
    from apps.telemetry import wire  # heavy, and only for who sends

    install_id = _ensure_install_id()
    report = SentReport(
        sent_at=timezone.now(),
        events=[event.name for event in events],
        attempt=events[0].attempts,
    )
    report.keep(b"")
    status, failure = None, ""
    try:
        status = wire.post_batch(
            build_batch(events, install_id), claim=partial(_claim, report, install_id)
        )
    except NotSentError as error:
        failure = error.failure
    except TurnedOffError:
        return None
    _settle(report, events, status=status, failure=failure)
    return report


def _ensure_install_id() -> UUID | None:
    with transaction.atomic():
        state = lock_state()
        if state.install_id is None and decide(state).enabled:
            state.install_id = uuid4()
            state.save(update_fields=["install_id"])
        return state.install_id


def _claim(report: SentReport, install_id: UUID | None, body: bytes) -> None:
    """Write down what is about to leave, in the transaction that sees telemetry on."""
    with transaction.atomic():
        state = lock_state()
        if not decide(state).enabled or state.install_id != install_id:
            raise TurnedOffError
        report.keep(body)
        report.save(force_insert=True)


def _settle(
    report: SentReport, events: list[OutboxEvent], *, status: int | None, failure: str
) -> None:
    """Note what came of the call; keep the reports for another try, or let go of them."""
    report.http_status, report.failure = status, failure
    report.outcome = _judge(events, status)
    with tenant_scope(INSTANCE_TENANT_ID):
        state = lock_state()
        report.save()
        if report.outcome != Outcome.RETRIED:
            OutboxEvent.objects.filter(id__in=[event.id for event in events]).delete()
            _leave_after_deletion(state, events)


def _judge(events: list[OutboxEvent], status: int | None) -> Outcome:
    if status is not None and 200 <= status < 300:  # noqa: PLR2004 - every success of HTTP
        return Outcome.DELIVERED
    if status in REFUSED and status not in TRY_AGAIN:
        return Outcome.DROPPED
    oldest = min(event.made_at for event in events)
    return Outcome.DROPPED if timezone.now() - oldest > KEPT_WAITING else Outcome.RETRIED


def _leave_after_deletion(state: TelemetryState, events: list[OutboxEvent]) -> None:
    if state.is_leaving and any(event.name == "deletion" for event in events):
        leave(state)
