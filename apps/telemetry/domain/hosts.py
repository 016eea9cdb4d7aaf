"""Writing down which other hosts were called."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import F

from apps.telemetry.enums import Purpose
from apps.telemetry.models import OutboundHost


class HostKey(NamedTuple):
    host: str
    purpose: Purpose
    tenant_id: UUID | None


@dataclass(frozen=True, slots=True)
class Calls:
    """How many calls with how many bytes, and when the last one was."""

    count: int = 0
    sent: int = 0
    last_at: datetime | None = None

    def add(self, sent: int, at: datetime) -> "Calls":
        return Calls(self.count + 1, self.sent + sent, at)


def add_calls(calls: Mapping[HostKey, Calls]) -> None:
    """Add to what is known of these hosts. A statement a host, three for one that is new."""
    for key, call in calls.items():
        if not _add(key, call):
            times = {"first_call_at": call.last_at, "last_call_at": call.last_at}
            row = OutboundHost(**key._asdict(), **times)
            OutboundHost.objects.bulk_create([row], ignore_conflicts=True)
            _add(key, call)


def _add(key: HostKey, call: Calls) -> int:
    rows = OutboundHost.objects.filter(host=key.host, purpose=key.purpose, tenant_id=key.tenant_id)
    return rows.update(
        calls=F("calls") + call.count,
        bytes_out=F("bytes_out") + call.sent,
        last_call_at=call.last_at,
    )
