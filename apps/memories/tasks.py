"""What the queue and the clock ask for."""

from uuid import UUID

from celery import shared_task

from apps.common.actor import SYSTEM
from apps.memories.domain import deliveries, journal_file, queue, renewing, running


@shared_task(name="memories.run_job")  # type: ignore[untyped-decorator]
def run_job(*, tenant_id: str, job_id: str) -> None:
    """One chunk: what is left comes as another task, so that others have their turn between."""
    running.run_chunk(tenant_id=UUID(tenant_id), job_id=UUID(job_id), by=SYSTEM)


@shared_task(name="memories.renew_vectors")  # type: ignore[untyped-decorator]
def renew_vectors(*, tenant_id: str) -> None:
    """Some memories: what is left comes as another task, as with a job."""
    renewing.renew_some(tenant_id=UUID(tenant_id))


@shared_task(name="memories.sweep_renewals")  # type: ignore[untyped-decorator]
def sweep_renewals() -> None:
    renewing.sweep_renewals()


@shared_task(name="memories.deliver")  # type: ignore[untyped-decorator]
def deliver(*, tenant_id: str, delivery_id: str) -> None:
    deliveries.deliver(tenant_id=UUID(tenant_id), delivery_id=UUID(delivery_id))


@shared_task(name="memories.sweep_jobs")  # type: ignore[untyped-decorator]
def sweep_jobs() -> None:
    queue.sweep_jobs()


@shared_task(name="memories.copy_journal")  # type: ignore[untyped-decorator]
def copy_journal() -> None:
    journal_file.copy_journal()
