"""What runs by the clock."""

from celery import shared_task

from apps.telemetry.domain.sending import send_due


@shared_task(name="telemetry.send", soft_time_limit=30)  # type: ignore[untyped-decorator]
def send() -> None:
    send_due()
