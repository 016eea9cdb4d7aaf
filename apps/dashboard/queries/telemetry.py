"""What the page about telemetry reads besides telemetry's own rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.audit.actions import Action
from apps.audit.models import AuditEvent
from apps.isolation.scope import INSTANCE_TENANT_ID, tenant_scope
from apps.tenants.models import Tenant

if TYPE_CHECKING:
    from uuid import UUID

DECISIONS = (
    Action.TELEMETRY_ENABLE,
    Action.TELEMETRY_DISABLE,
    Action.TELEMETRY_ROTATE,
    Action.TELEMETRY_DELETE,
)


def list_decisions(limit: int = 20) -> list[AuditEvent]:
    """Who decided what about telemetry, newest first; the instance's part of the audit trail."""
    with tenant_scope(INSTANCE_TENANT_ID):
        events = AuditEvent.objects.filter(action__in=DECISIONS)
        return list(events.order_by("-occurred_at", "-id")[:limit])


def name_tenants() -> dict[UUID | None, str]:
    return dict(Tenant.objects.listed().values_list("id", "name"))
