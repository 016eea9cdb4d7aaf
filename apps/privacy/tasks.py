"""What runs by the clock, or for one request. A chunk takes less time than a lease."""

import time
from typing import Any
from uuid import UUID

from celery import shared_task

from apps.common.actor import SYSTEM
from apps.privacy.domain import (
    copies,
    list_exports,
    purging,
    retention,
    scrubbing,
    tenant_erasure,
    work,
)
from apps.privacy.domain.due_list import send_item, send_request
from apps.privacy.enums import Work

SECONDS = 20  # of one turn


@shared_task(name="privacy.run_request")  # type: ignore[untyped-decorator]
def run_request(*, tenant_id: str, request_id: str) -> None:
    """One turn; what is left is another task, so that others have their turn between."""
    ends = time.monotonic() + SECONDS
    ids = {"tenant_id": UUID(tenant_id), "request_id": UUID(request_id)}
    if work.run_request(**ids, goes_on=lambda: time.monotonic() < ends, by=SYSTEM):
        send_request(**ids)


@shared_task(name="privacy.run_purge")  # type: ignore[untyped-decorator]
def run_purge(*, tenant_id: str, purge_id: str) -> None:
    ends = time.monotonic() + SECONDS
    ids = {"tenant_id": UUID(tenant_id), "purge_id": UUID(purge_id)}
    if purging.run_purge(**ids, goes_on=lambda: time.monotonic() < ends, by=SYSTEM):
        send_item(Work.PURGE, tenant_id=UUID(tenant_id), item_id=UUID(purge_id))


@shared_task(name="privacy.run_list_export")  # type: ignore[untyped-decorator]
def run_list_export(*, tenant_id: str, export_id: str) -> None:
    ends = time.monotonic() + SECONDS
    ids = {"tenant_id": UUID(tenant_id), "export_id": UUID(export_id)}
    if list_exports.run_list_export(**ids, goes_on=lambda: time.monotonic() < ends, by=SYSTEM):
        send_item(Work.EXPORT, tenant_id=UUID(tenant_id), item_id=UUID(export_id))


@shared_task(name="privacy.run_tenant_erasure")  # type: ignore[untyped-decorator]
def run_tenant_erasure(*, tenant_id: str) -> None:
    ends = time.monotonic() + SECONDS
    ids: Any = {"tenant_id": UUID(tenant_id)}
    if tenant_erasure.run_tenant_erasure(**ids, goes_on=lambda: time.monotonic() < ends, by=SYSTEM):
        send_item(Work.LEAVE, **ids, item_id=ids["tenant_id"])


@shared_task(name="privacy.sweep_requests")  # type: ignore[untyped-decorator]
def sweep_requests() -> None:
    work.sweep_requests()


@shared_task(name="privacy.expire_copies")  # type: ignore[untyped-decorator]
def expire_copies() -> None:
    copies.expire_copies(by=SYSTEM)
    list_exports.check_list_exports(by=SYSTEM)


@shared_task(name="privacy.scrub")  # type: ignore[untyped-decorator]
def scrub() -> None:
    scrubbing.scrub(by=SYSTEM)


@shared_task(name="privacy.sweep_retention")  # type: ignore[untyped-decorator]
def sweep_retention() -> None:
    ends = time.monotonic() + SECONDS
    retention.sweep_retention(goes_on=lambda: time.monotonic() < ends, by=SYSTEM)
