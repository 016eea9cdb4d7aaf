"""What the queue and the clock ask for."""

from uuid import UUID

from celery import shared_task

from apps.common.actor import SYSTEM
from apps.memories.domain import deliveries, queue, running


@shared_task(name="memories.run_job")  # type: ignore[untyped-decorator]
def run_job(*, tenant_id: str, job_id: str) -> None:
    """One chunk: what is left comes as another task, so that others have their turn between."""
    running.run_chunk(tenant_id=UUID(tenant_id), job_id=UUID(job_id), by=SYSTEM)


@shared_task(name="memories.deliver")  # type: ignore[untyped-decorator]
def deliver(*, tenant_id: str, delivery_id: str) -> None:
    deliveries.deliver(tenant_id=UUID(tenant_id), delivery_id=UUID(delivery_id))


@shared_task(name="memories.sweep_jobs")  # type: ignore[untyped-decorator]
def sweep_jobs() -> None:
    queue.sweep_jobs()
