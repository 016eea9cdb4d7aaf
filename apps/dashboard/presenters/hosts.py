"""Other hosts that were called, as rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from uuid import UUID

    from apps.telemetry.models import OutboundHost


@dataclass(frozen=True, slots=True)
class HostRow:
    host: str
    purpose: str
    tenant: str
    calls: int
    bytes_out: int
    first_call_at: datetime
    last_call_at: datetime


def host_rows(
    hosts: Iterable[OutboundHost], tenants: Mapping[UUID | None, str]
) -> tuple[HostRow, ...]:
    return tuple(
        HostRow(
            host.host,
            host.get_purpose_display().lower(),
            tenants.get(host.tenant_id, "none" if host.tenant_id is None else "deleted tenant"),
            host.calls,
            host.bytes_out,
            host.first_call_at,
            host.last_call_at,
        )
        for host in hosts
    )
