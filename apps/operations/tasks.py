"""What runs by the clock."""

from celery import shared_task
from django.core.management import call_command

from apps.operations.domain import telemetry


@shared_task(name="operations.clear_sessions")  # type: ignore[untyped-decorator]
def clear_sessions() -> None:
    call_command("clearsessions")


@shared_task(name="operations.report_use")  # type: ignore[untyped-decorator]
def report_use() -> None:
    telemetry.report_use()
