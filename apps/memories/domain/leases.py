"""Who works on a job. A lease is taken for one chunk, and only its holder may write.

At most one add of a key owner runs (a constraint), the oldest first. Summaries wait for nobody.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import IntegrityError
from django.db.models import F, Q, Sum
from django.utils import timezone

from apps.audit.actions import Action
from apps.audit.domain import record
from apps.common.actor import Actor, ActorKind
from apps.common.ids import first_id
from apps.isolation.scope import tenant_scope
from apps.keys.ring import current_ring
from apps.memories.domain.flags import CLOSING
from apps.memories.domain.jobs import destroy_unused
from apps.memories.domain.queue import GRACE, in_line, put_off, send_on_commit, take_off
from apps.memories.domain.telling import tell_of_jobs
from apps.memories.enums import EntityFlag, JobError, JobKind, JobState, WebhookEvent
from apps.memories.extractors.port import ExtractorError
from apps.memories.models import Entity, Job, Message
from apps.memories.usage import Use, count_use

MARGIN = timedelta(seconds=10)  # of a lease, beyond the longest wait for a model
RESTRICTED = timedelta(hours=1)  # the end of the restriction lets it go on at once
BLOCKED = timedelta(hours=1)  # the job before it lets it go on as soon as that has ended
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 900.0  # seconds between tries
SUMMARY_KEPT = timedelta(days=1)
MOST_MISREADS = 3  # of a model that answers, but not what was asked for
NONSENSE = (JobError.NONSENSE, JobError.CUT_OFF, JobError.TOO_MANY)


class LeaseLost(Exception):
    """Another worker has the job by now, or it has ended: nothing may be written."""


@dataclass(slots=True)
class Lease:
    """A job with the messages of its next chunk and those just before it, open."""

    job: Job
    token: UUID
    messages: Sequence[Message]
    before: Sequence[Message]
    names: Sequence[str]  # of all who speak with the key owner

    @property
    def tenant_id(self) -> UUID:
        return self.job.tenant_id

    @property
    def sender(self) -> Actor:
        """Who sent the messages, and so adds what is in them."""
        return Actor(ActorKind(self.job.actor_kind), self.job.actor_id)


def take_job(*, tenant_id: UUID, job_id: UUID, by: Actor) -> Lease | None:
    """Lease the job for its next chunk; None where there is nothing to do on it now."""
    with suppress(IntegrityError), tenant_scope(tenant_id):  # another of its owner was quicker
        job, now = Job.objects.select_for_update().filter(id=job_id).first(), timezone.now()
        if job is None:
            return None
        if job.ended_at:
            _drop_old_summary(job, now)
            return None
        if job.leased_until and job.leased_until > now:
            # Sent too soon; its holder may be dead.
            put_off([job.id], job.leased_until)
            return None
        return None if _is_held_up(job, now, by) else _lease(job, now)
    return None


def renew_lease(lease: Lease, *, spent: tuple[int, int]) -> None:
    """After the model's answer, and note the tokens that it has cost. Raises LeaseLost."""
    with hold_lease(lease) as job:
        _spend(job, spent)
        _set_lease(job, lease.token, timezone.now())


@contextmanager
def hold_lease(lease: Lease, *, entity_ids: Iterable[UUID] = ()) -> Iterator[Job]:
    """A scope in which the job is locked and the lease valid. Holds the keys of these entities too.

    Raises LeaseLost, KeyDestroyed, and KeyClosed where one of its entities takes nothing any more.
    """
    with tenant_scope(lease.tenant_id):
        owner_id = lease.job.key_owner_id
        held = {*lease.job.entity_ids, *entity_ids}
        current_ring().load_for_writing(held)  # before all else, as an erasure does
        job = Job.objects.select_for_update().filter(id=lease.job.id, lease=lease.token).first()
        if job is None:
            raise LeaseLost
        current_ring().entity(owner_id)
        yield job


def give_up(lease: Lease, error: ExtractorError, *, by: Actor) -> None:
    """Let the job wait and be tried again, or end it where that can't help or has not helped."""
    with tenant_scope(lease.tenant_id):
        job = Job.objects.select_for_update().filter(id=lease.job.id, lease=lease.token).first()
        if job is None:
            return
        _spend(job, error.tokens)
        job.misreads += error.reason in NONSENSE
        is_over = job.tries >= settings.JOB_TRIES or job.misreads >= MOST_MISREADS
        if error.is_final or is_over:
            _end(job, error.reason, by)
        else:
            _pause(job, error.reason, timezone.now() + _find_pause(job.tries, error.wait))


def end_chunk(job: Job, done: int, *, by: Actor) -> None:
    """Note that these messages are done, and end the job with the last. In `hold_lease`."""
    job.done += done
    job.tries, job.misreads, job.error = 0, 0, ""
    if job.done < job.total:
        job.state, job.lease, job.leased_until = JobState.PENDING, None, None
        job.updated_at = timezone.now()
        job.save()
        put_off([job.id], job.updated_at + GRACE)
        send_on_commit(job)
    else:
        _end(job, None, by)


def _spend(job: Job, tokens: tuple[int, int]) -> None:
    job.tokens_in += tokens[0]
    job.tokens_out += tokens[1]


def _is_held_up(job: Job, now: datetime, by: Actor) -> bool:
    """Whether the job can't be worked on; then it is put off or ended."""
    current_ring().load([job.key_owner_id])
    entities = Entity.objects.filter(id__in=job.entity_ids)
    flags = {flag for entity in entities for flag in entity.flags}
    if _is_blocked(job):
        put_off([job.id], now + BLOCKED)
    elif job.key_owner_id not in current_ring().entity_keys:
        _end(job, JobError.KEY_DESTROYED, by)
    elif flags & set(CLOSING):
        _end(job, JobError.CLOSED, by)
    elif EntityFlag.RESTRICTED in flags:
        _pause(job, JobError.RESTRICTED, now + RESTRICTED)
    elif job.tries >= settings.JOB_TRIES:
        _end(job, JobError.WORKER_LOST, by)
    elif waits_until := _find_day_limit(now):
        _pause(job, JobError.DAY_TOKENS, waits_until)
    else:
        return False
    return True


def _lease(job: Job, now: datetime) -> Lease:
    token = uuid4()
    job.state, job.tries = JobState.RUNNING, job.tries + 1
    job.started_at = job.started_at or now
    _set_lease(job, token, now)
    _ = job.request
    messages, before = _read_messages(job)
    names = Entity.objects.get(id=job.key_owner_id).speakers or []
    return Lease(job, token, messages, before, names)


def _set_lease(job: Job, token: UUID, now: datetime) -> None:
    job.lease, job.updated_at = token, now
    job.leased_until = now + timedelta(seconds=settings.EXTRACTION_TIMEOUT) + MARGIN
    job.save()
    put_off([job.id], job.leased_until)


def _read_messages(job: Job) -> tuple[list[Message], list[Message]]:
    """The next chunk, of bounded length but at least one message, and what was said before it."""
    first = max(0, job.done - settings.EXTRACTION_CONTEXT)
    rows = Message.objects.filter(
        job=job.id, number__gte=first, number__lt=job.done + settings.EXTRACTION_MESSAGES
    ).order_by("number")
    before: list[Message] = []
    chunk: list[Message] = []
    length = 0
    for row in rows:
        if row.number < job.done:
            before.append(row)
            continue
        length += len(row.content)
        if chunk and length > settings.EXTRACTION_CHARACTERS:
            break
        chunk.append(row)
    for row in (*before, *chunk):
        _ = row.content, row.name
    return chunk, before


def _is_blocked(job: Job) -> bool:
    """Is it an add, and another of its key owner older, or running?"""
    if job.kind != JobKind.ADD:
        return False
    others = in_line(job.key_owner_id).exclude(id=job.id)
    return others.filter(Q(id__lt=job.id) | Q(state=JobState.RUNNING)).exists()


def _end(job: Job, error: JobError | None, by: Actor) -> None:
    """Succeeded, or failed with an error. What is read no more goes, and the next job is let on."""
    job.state = JobState.FAILED if error else JobState.SUCCEEDED
    job.error, job.lease, job.leased_until = error or "", None, None
    job.updated_at = job.ended_at = timezone.now()
    job.save()
    if error == JobError.KEY_DESTROYED:
        Message.objects.filter(job=job.id).delete()
    elif error is None:
        destroy_unused([job.id])
    if job.summary is None:
        take_off([job.id])
    else:
        put_off([job.id], job.ended_at + SUMMARY_KEPT)
    if error:
        record(Action.JOB_FAIL, by=by, target_id=job.id, error=error)
    tell_of_jobs(_find_event(job), [job])
    count_use(Use.JOBS_FAILED if error else Use.JOBS_DONE)
    _let_next(job)


def _drop_old_summary(job: Job, now: datetime) -> None:
    if job.ended_at and job.ended_at + SUMMARY_KEPT <= now:
        drop_summary(job)
        take_off([job.id])


def drop_summary(job: Job) -> None:
    """Destroy its text. The same wish makes another job from here on."""
    job.summary = job.made_of = job.repeat_token = None
    job.save(update_fields=["summary", "made_of", "repeat_token"])


def _find_event(job: Job) -> WebhookEvent:
    if job.state == JobState.SUCCEEDED:
        return WebhookEvent.JOB_COMPLETED
    return WebhookEvent.JOB_PARTIALLY_COMPLETED if job.done else WebhookEvent.JOB_FAILED


def _let_next(job: Job) -> None:
    """Locks the oldest that waits, so that it can't put itself off meanwhile."""
    waiting = in_line(job.key_owner_id).exclude(id=job.id)
    following = waiting.select_for_update().first()
    if following and not (following.leased_until and following.leased_until > job.updated_at):
        put_off([following.id], job.updated_at + GRACE)
        send_on_commit(following)


def _pause(job: Job, error: JobError, until: datetime) -> None:
    job.state, job.error = JobState.PENDING, error
    job.lease, job.leased_until = None, until
    job.updated_at = timezone.now()
    job.save()
    put_off([job.id], until)


def _find_pause(tries: int, wait: float) -> timedelta:
    """Twice as long each time, or as long as the host asked for."""
    pause = max(FIRST_PAUSE * 2 ** (tries - 1), wait)
    return timedelta(seconds=min(pause, LONGEST_PAUSE))


def _find_day_limit(now: datetime) -> datetime | None:
    """Midnight, where the jobs that were accepted today have used up the tenant's tokens."""
    if not settings.EXTRACTION_DAY_TOKENS:
        return None
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    jobs = Job.objects.filter(id__gte=first_id(midnight), created_at__gte=midnight)
    used = jobs.aggregate(tokens=Sum(F("tokens_in") + F("tokens_out")))["tokens"] or 0
    return midnight + timedelta(days=1) if used >= settings.EXTRACTION_DAY_TOKENS else None
