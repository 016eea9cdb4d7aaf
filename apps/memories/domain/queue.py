"""The way from a committed job to a worker. The queue carries ids, and may lose them."""

import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cached_property, partial
from uuid import UUID

from celery import current_app
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from kombu.exceptions import OperationalError

from apps.isolation.scope import SETTING
from apps.isolation.writes import Insert
from apps.memories.enums import UNFINISHED, EntityKind, JobError
from apps.memories.models import Job, JobDue

GRACE = timedelta(seconds=30)  # for the queue to bring a job; then the sweeper sends it
RESEND = timedelta(minutes=5)  # between two sendings by the sweeper
MOST_SENT = 1_000  # by one sweep
SILENCE = 5.0  # seconds after a failure in which nothing is sent: a broker may hang, not only end
TASK = "memories.run_job"

_silent_until = 0.0  # of this process


class InsertJobs(Insert[Job]):
    """Each job goes on the list of what is due in the very same statement."""

    @cached_property
    def _sql(self) -> str:
        return (
            f"WITH written AS ({super()._sql}, created_at)"  # noqa: S608
            f" INSERT INTO {JobDue._meta.db_table} (item_id, tenant_id, due_at)"
            f" SELECT id, current_setting('{SETTING}')::uuid,"
            f" created_at + interval '{GRACE.total_seconds():.0f} seconds' FROM written"
            " RETURNING item_id"
        )


def send_on_commit(job: Job) -> None:
    transaction.on_commit(partial(send_job, job.tenant_id, job.id))


def send_job(tenant_id: UUID, job_id: UUID) -> bool:
    """False where the broker can't be reached: the job is due, and will be swept up."""
    return send(TASK, tenant_id=tenant_id, job_id=job_id)


def send(task: str, **ids: UUID) -> bool:
    """The same for any task that something on a due-list stands behind."""
    global _silent_until  # noqa: PLW0603 - whoever adds must not wait for a broker again and again
    if time.monotonic() < _silent_until:
        return False
    try:
        current_app.send_task(
            task, kwargs={name: str(value) for name, value in ids.items()}, retry=False
        )
    except OperationalError:
        _silent_until = time.monotonic() + SILENCE
        return False
    return True


def sweep_jobs() -> int:
    """Send what is due once more; answers how many. Call outside any scope.

    Due is what the broker did not bring, what a dead worker held, and what had to wait.
    """
    now = timezone.now()
    due = list(JobDue.objects.filter(due_at__lte=now).order_by("due_at")[:MOST_SENT])
    sent = []
    for row in due:
        if not send_job(row.tenant_id, row.item_id):
            break
        sent.append(row.item_id)
    JobDue.objects.filter(item_id__in=sent, due_at__lte=now).update(due_at=now + RESEND)
    return len(sent)


def in_line(key_owner_id: UUID) -> "QuerySet[Job]":
    """The unfinished jobs of a key owner in their order, but for those that a restriction stops."""
    waiting = Job.objects.filter(key_owner=key_owner_id, state__in=UNFINISHED)
    return waiting.exclude(error=JobError.RESTRICTED).order_by("id")


def release_jobs(entity_id: UUID) -> None:
    """Let those go on that waited for the end of a restriction of this entity. In its scope."""
    named = Q(*(Q(**{kind.value: entity_id}) for kind in EntityKind), _connector=Q.OR)
    jobs = Job.objects.filter(named, state__in=UNFINISHED, error=JobError.RESTRICTED)
    ids = list(jobs.order_by("id").select_for_update().values_list("id", flat=True))
    Job.objects.filter(id__in=ids).update(error="", leased_until=None)
    put_off(ids, timezone.now())


def put_off(job_ids: Iterable[UUID], until: datetime) -> None:
    """Let the sweeper look at these jobs then, and no earlier."""
    JobDue.objects.filter(item_id__in=list(job_ids)).update(due_at=until)


def take_off(job_ids: Iterable[UUID]) -> None:
    """These jobs have ended, or are gone."""
    JobDue.objects.filter(item_id__in=list(job_ids)).delete()
