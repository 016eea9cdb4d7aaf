"""Everything about telemetry as one document."""

from typing import Any

from django.conf import settings

from apps.operations.previews import preview_all
from apps.telemetry import queries
from apps.telemetry.catalogue import EVENTS
from apps.telemetry.models import OutboundHost, OutboxEvent, SentReport
from apps.telemetry.switches import decide


def describe_state() -> dict[str, Any]:
    state = queries.read_state()
    decision = decide(state)
    return {
        "enabled": decision.enabled,
        "decided_by": decision.by,
        "destination": settings.POSTHOG_HOST,
        "install_id": str(state.install_id) if state.install_id else None,
    }


def describe_report(report: SentReport) -> dict[str, Any]:
    return {
        "at": report.sent_at.isoformat(),
        "status": report.status,
        "sha256": report.sha256,
        "body": bytes(report.body).decode(),
    }


def collect_everything() -> dict[str, Any]:
    """Without a credential but the project key, which is part of what is sent."""
    return {
        "state": describe_state(),
        "catalogue": describe_catalogue(),
        "preview": preview_all(queries.read_state()),
        "waiting": [_describe_waiting(event) for event in queries.list_outbox()],
        "sent": [describe_report(report) for report in queries.list_reports()],
        "hosts": [_describe_host(host) for host in queries.list_hosts()],
    }


def describe_catalogue() -> dict[str, Any]:
    return {
        event.name: {
            "occasion": event.occasion,
            "purpose": event.purpose,
            "fields": {
                name: f"{field.meaning}; {field.kind.describe()}"
                for name, field in event.fields.items()
            },
        }
        for event in EVENTS.values()
    }


def _describe_waiting(event: OutboxEvent) -> dict[str, Any]:
    return {
        "event": event.name,
        "uuid": str(event.id),
        "properties": event.properties,
        "due_at": event.due_at.isoformat(),
        "attempts": event.attempts,
    }


def _describe_host(host: OutboundHost) -> dict[str, Any]:
    return {
        "host": host.host,
        "purpose": host.purpose,
        "tenant_id": str(host.tenant_id) if host.tenant_id else None,
        "calls": host.calls,
        "bytes_out": host.bytes_out,
        "first_call_at": host.first_call_at.isoformat(),
        "last_call_at": host.last_call_at.isoformat(),
    }
