"""What runs by the clock. A task takes less than the time after which the broker repeats it."""

import time
from collections.abc import Callable
from uuid import UUID

from celery import shared_task
from django.core.management import call_command

from apps.accounts.domain.tallies import clear_tallies
from apps.common.actor import SYSTEM
from apps.operations.domain import anchors, audit_trails, rollups, telemetry

SECONDS = 4  # of one chunk, so that others have their turn between


@shared_task(name="operations.clear_sessions")  # type: ignore[untyped-decorator]
def clear_sessions() -> None:
    call_command("clearsessions")
    clear_tallies()


@shared_task(name="operations.report_use")  # type: ignore[untyped-decorator]
def report_use() -> None:
    telemetry.report_use()


@shared_task(name="operations.measure_tenants")  # type: ignore[untyped-decorator]
def measure_tenants() -> None:
    rollups.measure_tenants()


@shared_task(name="operations.anchor_checkpoints")  # type: ignore[untyped-decorator]
def anchor_checkpoints() -> None:
    anchors.anchor_checkpoints()


@shared_task(name="operations.verify_trails")  # type: ignore[untyped-decorator]
def verify_trails() -> None:
    for tenant_id, check_id in audit_trails.start_checks(by=SYSTEM):
        audit_trails.send_check(tenant_id=tenant_id, check_id=check_id)


@shared_task(name="operations.verify_trail")  # type: ignore[untyped-decorator]
def verify_trail(*, tenant_id: str, check_id: str) -> None:
    """One chunk; what is left is another task, so that others have their turn between."""
    ids = {"tenant_id": UUID(tenant_id), "check_id": UUID(check_id)}
    if not audit_trails.run_check(**ids, goes_on=make_deadline()):
        audit_trails.send_check(**ids)


@shared_task(name="operations.expire_trails")  # type: ignore[untyped-decorator]
def expire_trails() -> None:
    audit_trails.expire_trails(goes_on=make_deadline(), by=SYSTEM)


def make_deadline() -> Callable[[], bool]:
    ends = time.monotonic() + SECONDS
    return lambda: time.monotonic() < ends
