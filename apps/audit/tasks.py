"""What runs by the clock."""

import time

from celery import shared_task

from apps.audit.domain import sealing
from apps.common.actor import SYSTEM

SECONDS = 20  # of one run; what is left is for the next


@shared_task(name="audit.seal_events")  # type: ignore[untyped-decorator]
def seal_events() -> None:
    ends = time.monotonic() + SECONDS
    sealing.seal_due(goes_on=lambda: time.monotonic() < ends, by=SYSTEM)
