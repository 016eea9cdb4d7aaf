"""Reading what telemetry keeps. Each function is one statement."""

from collections.abc import Sequence
from uuid import UUID

from apps.common.errors import NotFound
from apps.telemetry.models import OutboundHost, OutboxEvent, SentReport, Tally, TelemetryState
from apps.telemetry.switches import decide, may_be_on

LISTED_REPORTS = 50


def read_state() -> TelemetryState:
    return TelemetryState.objects.first() or TelemetryState()


def is_enabled() -> bool:
    """May something be sent now? No statement where the environment forbids it."""
    return may_be_on() and decide(read_state()).enabled


def list_outbox() -> list[OutboxEvent]:
    return list(OutboxEvent.objects.order_by("due_at", "made_at"))


def list_reports(limit: int | None = None) -> list[SentReport]:
    """What was sent, newest first."""
    return list(SentReport.objects.order_by("-sent_at", "-id")[:limit])


def count_reports() -> int:
    return SentReport.objects.count()


def get_report(report_id: UUID) -> SentReport:
    report = SentReport.objects.filter(id=report_id).first()
    if report is None:
        raise NotFound("Report not found!")
    return report


def list_tallies() -> list[Tally]:
    return list(Tally.objects.order_by("day", "event", "subject"))


def list_hosts(tenant_ids: Sequence[UUID] | None = None) -> list[OutboundHost]:
    """The outbound hosts of these tenants; without any named, of all and of none."""
    hosts = OutboundHost.objects.order_by("host", "purpose", "tenant_id")
    return list(hosts if tenant_ids is None else hosts.filter(tenant_id__in=tenant_ids))
