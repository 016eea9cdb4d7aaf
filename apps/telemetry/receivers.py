"""When an answer has been sent or a task has ended, what was counted meanwhile is written down."""

import sys
from typing import Any

import structlog
from celery.signals import task_failure, task_postrun
from django.core.signals import got_request_exception, request_finished
from django.db import Error
from django.dispatch import receiver

from apps.isolation.connections import give_back
from apps.telemetry.enums import Place
from apps.telemetry.outbound import ledger
from apps.telemetry.uses import count_error, uses

logger = structlog.get_logger("memoryhub.telemetry")


@receiver(request_finished)
@task_postrun.connect  # type: ignore[untyped-decorator]
def settle(**_: Any) -> None:
    """What can't be written is lost: nothing depends on it."""
    try:
        has_written = ledger.settle() | uses.settle()
    except Error as error:
        has_written = True
        logger.warning("counts are lost", error=type(error).__name__)
    if has_written:
        give_back()


@receiver(got_request_exception)
def count_failed_page(**_: Any) -> None:
    if error := sys.exc_info()[0]:
        count_error(error, Place.DASHBOARD)


@task_failure.connect  # type: ignore[untyped-decorator]
def count_failed_task(exception: BaseException, **_: Any) -> None:
    count_error(type(exception), Place.TASK)
