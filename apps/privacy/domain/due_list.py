"""The global list of what waits: ids and times, so that nobody has to enter tenants to look."""

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from django.db import transaction

from apps.common.sending import send
from apps.isolation.scope import current_tenant_id
from apps.privacy.enums import Work
from apps.privacy.models import PrivacyDue

if TYPE_CHECKING:
    from django.db.models import QuerySet

TASKS = {
    Work.RUN: "privacy.run_request",
    Work.PURGE: "privacy.run_purge",
    Work.EXPORT: "privacy.run_list_export",
    Work.LEAVE: "privacy.run_tenant_erasure",
}
NAMES = {Work.RUN: "request_id", Work.PURGE: "purge_id", Work.EXPORT: "export_id"}

logger = structlog.get_logger("memoryhub.privacy")


def put_on_list(work: Work, item_id: UUID, *, at: datetime, is_sent: bool = True) -> None:
    """In the transaction of the change; a worker hears of it at the commit, or finds it later."""
    tenant_id = current_tenant_id()
    PrivacyDue.objects.update_or_create(
        work=work, tenant_id=tenant_id, item_id=item_id, defaults={"at": at}
    )
    if work in TASKS and is_sent:
        transaction.on_commit(partial(send_item, work, tenant_id=tenant_id, item_id=item_id))


def postpone(work: Work, item_id: UUID, *, at: datetime) -> None:
    _find(work, item_id).update(at=at)


def take_off_list(work: Work, item_id: UUID) -> None:
    _find(work, item_id).delete()


def send_request(tenant_id: UUID, request_id: UUID) -> None:
    send_item(Work.RUN, tenant_id=tenant_id, item_id=request_id)


def send_item(work: Work, *, tenant_id: UUID, item_id: UUID) -> None:
    """Tell a worker. Where the broker is away, the sweeper finds the item in the list."""
    item = {NAMES[work]: item_id} if work in NAMES else {}
    if not send(TASKS[work], tenant_id=tenant_id, **item):
        logger.warning("work not sent")


def _find(work: Work, item_id: UUID) -> "QuerySet[PrivacyDue]":
    return PrivacyDue.objects.filter(work=work, tenant_id=current_tenant_id(), item_id=item_id)
