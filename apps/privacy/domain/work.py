"""What is to be done for a request of each kind."""

from collections.abc import Callable, Mapping
from uuid import UUID

from django.utils import timezone

from apps.common.actor import Actor
from apps.privacy.domain import changes, copies, erasure
from apps.privacy.domain.due_list import TASKS, send_item
from apps.privacy.domain.running import Steps, run_steps
from apps.privacy.enums import RequestKind, Work
from apps.privacy.models import PrivacyDue

STEPS: Mapping[str, Steps] = {
    RequestKind.ACCESS: copies.STEPS,
    RequestKind.PORTABILITY: copies.STEPS,
    RequestKind.ERASURE: erasure.STEPS,
    RequestKind.RECTIFICATION: changes.CORRECTING,
    RequestKind.RESTRICTION: changes.MARKING,
    RequestKind.OBJECTION: changes.MARKING,
}
MOST_SENT = 1_000


def run_request(
    *, tenant_id: UUID, request_id: UUID, goes_on: Callable[[], bool] = lambda: True, by: Actor
) -> bool:
    """Work on a request while `goes_on`; answers whether something is left to do now."""
    return run_steps(
        tenant_id=tenant_id, request_id=request_id, steps=STEPS, goes_on=goes_on, by=by
    )


def sweep_requests() -> int:
    """Send what waits once more: what the broker lost, and what a dead worker held."""
    due = PrivacyDue.objects.filter(work__in=TASKS, at__lte=timezone.now()).order_by("at")
    found = list(due.values_list("work", "tenant_id", "item_id")[:MOST_SENT])
    for work, tenant_id, item_id in found:
        send_item(Work(work), tenant_id=tenant_id, item_id=item_id)
    return len(found)
