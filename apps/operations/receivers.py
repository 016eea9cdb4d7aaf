"""When an answer has been sent or a task has ended, what was counted meanwhile is written down."""

from time import monotonic
from typing import Any

import structlog
from celery.signals import task_postrun
from django.core.signals import request_finished
from django.db import Error
from django.dispatch import receiver

from apps.isolation.connections import give_back
from apps.memories.usage import usage

logger = structlog.get_logger("memoryhub.rollup")

SECONDS = 10


class Clock:
    """Of this process: when it writes next. Two threads at once may both write, each its part."""

    def __init__(self) -> None:
        self.next_writing = 0.0

    def is_time(self) -> bool:
        now = monotonic()
        if now < self.next_writing:
            return False
        self.next_writing = now + SECONDS
        return True


clock = Clock()


@receiver(request_finished)
@task_postrun.connect  # type: ignore[untyped-decorator]
def settle(**_: Any) -> None:
    """What can't be written is lost: nothing depends on it."""
    if not usage or not clock.is_time():
        return
    # Late: where this module is loaded, applications are not ready for all that it needs.
    from apps.operations.domain.rollups import write_counts

    try:
        write_counts(usage.take())
    except Error as error:
        logger.warning("counts are lost", error=type(error).__name__)
    give_back()
