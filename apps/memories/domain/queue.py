"""The way from a committed job to a worker. The queue carries ids, and may lose them."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cached_property, partial
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from apps.common.sending import count_waiting, send
from apps.isolation.scope import SETTING
from apps.isolation.writes import Insert, M
from apps.memories.enums import UNFINISHED, DueWork, EntityKind, JobError, JobKind
from apps.memories.models import Job, JobDue

GRACE = timedelta(seconds=30)  # for the queue to bring a job; then the sweeper sends it
RESEND = timedelta(seconds=30)  # between two sendings: a broker that restarts may lose the first
MOST_WAITING = 1_000  # tasks in the queue; then workers have enough to do, and nothing is sent
TASK = "memories.run_job"
DELIVERY_TASK = "memories.deliver"


class InsertDue(Insert[M]):
    """Each row goes on the list of what is due in the very same statement."""

    def __init__(self, model: type[M], work: DueWork, grace: timedelta) -> None:
        super().__init__(model)
        self._work, self._grace = work, grace

    @cached_property
    def _sql(self) -> str:
        return (
            f"WITH written AS ({super()._sql}, created_at)"  # noqa: S608
            f" INSERT INTO {JobDue._meta.db_table} (work, item_id, tenant_id, due_at)"
            f" SELECT '{self._work.value}', id, current_setting('{SETTING}')::uuid,"
            f" created_at + interval '{self._grace.total_seconds():.0f} seconds' FROM written"
            " RETURNING item_id"
        )


def send_on_commit(job: Job) -> None:
    transaction.on_commit(partial(send_job, job.tenant_id, job.id))


def send_job(tenant_id: UUID, job_id: UUID) -> bool:
    """False where the broker can't be reached: the job is due, and will be swept up."""
    return send(TASK, tenant_id=tenant_id, job_id=job_id)


def send_delivery(tenant_id: UUID, delivery_id: UUID) -> bool:
    """As `send_job`."""
    return send(DELIVERY_TASK, tenant_id=tenant_id, delivery_id=delivery_id)


def sweep_jobs() -> int:
    """Send what is due, jobs and deliveries; answers how many. Call outside any scope.

    Due is what the broker did not bring, what a dead worker held, and what had to wait.
    """
    now = timezone.now()
    due = list(JobDue.objects.filter(due_at__lte=now).order_by("due_at")[:MOST_WAITING])
    sent = []
    for row in due[: _find_room() if due else 0]:
        tell = send_job if row.work == DueWork.JOB else send_delivery
        if not tell(row.tenant_id, row.item_id):
            break
        sent.append(row.item_id)
    # Not those that a worker is at: who waits for it would have it wait for the others.
    free = JobDue.objects.filter(item_id__in=sent, due_at__lte=now)
    free = free.select_for_update(skip_locked=True)
    with transaction.atomic():
        JobDue.objects.filter(item_id__in=free.values("item_id")).update(due_at=now + RESEND)
    return len(sent)


def in_line(key_owner_id: UUID) -> "QuerySet[Job]":
    """The unfinished adds of a key owner in their order, but for those that a restriction stops."""
    waiting = Job.objects.filter(key_owner=key_owner_id, state__in=UNFINISHED, kind=JobKind.ADD)
    return waiting.exclude(error=JobError.RESTRICTED).order_by("id")


def release_jobs(entity_id: UUID) -> None:
    """Let those go on that waited for the end of a restriction of this entity. In its scope."""
    named = Q(*(Q(**{kind.value: entity_id}) for kind in EntityKind), _connector=Q.OR)
    jobs = Job.objects.filter(named, state__in=UNFINISHED, error=JobError.RESTRICTED)
    ids = list(jobs.order_by("id").select_for_update().values_list("id", flat=True))
    Job.objects.filter(id__in=ids).update(error="", leased_until=None)
    put_off(ids, timezone.now())


def _find_room() -> int:
    waiting = count_waiting()
    return 0 if waiting is None else max(0, MOST_WAITING - waiting)


def put_off(job_ids: Iterable[UUID], until: datetime) -> None:
    """Let the sweeper look at these jobs then, and no earlier. Call in a transaction."""
    _lock(job_ids).update(due_at=until)


def take_off(job_ids: Iterable[UUID]) -> None:
    """These jobs have ended, or are gone. Call in a transaction."""
    _lock(job_ids).delete()


def _lock(job_ids: Iterable[UUID]) -> "QuerySet[JobDue]":
    """The older first, as a worker does that ends a job and sends the next: so none deadlock."""
    rows = JobDue.objects.filter(item_id__in=list(job_ids)).order_by("item_id")
    return JobDue.objects.filter(item_id__in=rows.select_for_update().values("item_id"))
