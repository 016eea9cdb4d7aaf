"""Accepting jobs, and ending them before they are done."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from apps.audit.actions import Action
from apps.audit.domain import record, records_refusals
from apps.common.actor import Actor
from apps.common.errors import Conflict, NotFound
from apps.isolation.compiled import Bind, Compiled
from apps.isolation.scope import tenant_scope
from apps.isolation.writes import Insert
from apps.keys.tokens import make_token
from apps.memories.domain.entities import add_speakers, ensure_entities
from apps.memories.domain.hygiene import clean_new, count_redacted
from apps.memories.domain.journal import Erased, journal
from apps.memories.domain.limits import take_room
from apps.memories.domain.queue import GRACE, InsertDue, send_on_commit, take_off
from apps.memories.domain.telling import tell_of_jobs
from apps.memories.domain.values import Added, NewMemories, Repeat
from apps.memories.enums import (
    UNFINISHED,
    DueWork,
    EntityKind,
    JobError,
    JobState,
    Verdict,
    WebhookEvent,
)
from apps.memories.models import Entity, Job, JobDue, Message, Source

FOR_GOOD = (JobError.DELETED, JobError.KEY_DESTROYED)  # of such a job no message is left
REPEATS_KEPT = timedelta(days=1)
MOST_RACES = 5  # one for each kind of entity that an add may make, one for its Idempotency-Key

_insert_jobs = InsertDue(Job, DueWork.JOB, GRACE)
_insert_ended_jobs = Insert(Job)
_insert_messages = Insert(Message)
_jobs_by_repeat = Compiled(
    lambda: Job.objects.filter(repeat_token=Bind("token")).only("id", "created_at", "repeat_digest")
)


@records_refusals(Action.JOB_ACCEPT)
def accept_job(
    *, tenant_id: UUID, new: NewMemories, repeat: Repeat | None = None, by: Actor
) -> UUID:
    """Commit a job with its messages and answer its id. Nothing is called but the queue.

    The same `repeat` within a day answers the job that it made; with another body it is a Conflict.
    What the tenant does not store is redacted first, or Invalid. Full where there is no room.
    """
    new, redacted = clean_new(tenant_id, new)
    for _ in range(MOST_RACES):
        with suppress(IntegrityError):  # another request made the same entity or job first
            return _accept(tenant_id, new, redacted, repeat, by)
    return _accept(tenant_id, new, redacted, repeat, by)


def find_repeated(repeat: Repeat | None, *, by: Actor) -> UUID | None:
    """The job of an earlier request with this key; Conflict if that had another body.

    One statement, none without a key. Needs an open scope.
    """
    if repeat is None:
        return None
    token = _make_repeat_token(repeat, by)
    for job in _jobs_by_repeat(token=token):
        if timezone.now() - job.created_at >= REPEATS_KEPT:
            Job.objects.filter(id=job.id).update(repeat_token=None, repeat_digest=None)
        elif bytes(job.repeat_digest or b"") != _make_repeat_digest(repeat):
            raise Conflict(
                "This Idempotency-Key was used with another body.", field="Idempotency-Key"
            )
        else:
            return job.id
    return None


def keep_answer(
    *,
    new: NewMemories,
    entities: Mapping[EntityKind, Entity],
    repeat: Repeat,
    added: Sequence[Added],
    by: Actor,
) -> UUID:
    """Remember what an add without an extractor has done, as a job that has succeeded."""
    job = _make_job(new, entities, repeat, by)
    job.state, job.done = JobState.SUCCEEDED, job.total
    job.started_at = job.ended_at = job.created_at
    job.results = [describe_added(one) for one in added]
    _insert_ended_jobs([job])
    return job.id


def describe_added(added: Added) -> dict[str, Any]:
    """The line of a job's results: ids and verdicts, no text."""
    verdict = Verdict.NEW if added.is_new else Verdict.SAME_TEXT
    return {"id": str(added.memory_id), "verdict": verdict}


@records_refusals(Action.JOB_RETRY, target="job_id")
def retry_job(*, tenant_id: UUID, job_id: UUID, by: Actor) -> None:
    """Let a failed job go on where it stopped. Conflict where it has not failed or can't go on."""
    with tenant_scope(tenant_id):
        job = Job.objects.select_for_update().filter(id=job_id).first()
        if job is None:
            raise NotFound("Job not found!")
        if job.state != JobState.FAILED or job.error in FOR_GOOD:
            raise Conflict("Only a job that has failed, and has its messages, can be retried.")
        job.state, job.error, job.ended_at = JobState.PENDING, "", None
        job.tries, job.misreads = 0, 0
        job.leased_until, job.updated_at = None, timezone.now()
        job.save()
        JobDue.objects.create(item_id=job.id, tenant_id=tenant_id, due_at=job.updated_at + GRACE)
        record(Action.JOB_RETRY, by=by, target_id=job.id)
        send_on_commit(job)


def cancel_jobs(condition: Q, *, by: Actor) -> int:
    """End the unfinished jobs that the condition selects and destroy their messages.

    A worker that holds one finds its lease gone when it wants to write. In the caller's scope;
    locks jobs, so call it before memories are locked, and `prepare_journal` before the scope.
    """
    jobs = Job.objects.filter(condition, state__in=UNFINISHED).order_by("id")
    cancelled = list(jobs.select_for_update())
    ids = [job.id for job in cancelled]
    if not ids:
        return 0
    now = timezone.now()
    Job.objects.filter(id__in=ids).update(
        state=JobState.FAILED,
        error=JobError.DELETED,
        lease=None,
        leased_until=None,
        updated_at=now,
        ended_at=now,
    )
    take_off(ids)
    destroy_unused(ids)
    journal(Erased.JOB, ids)
    tell_of_jobs(WebhookEvent.JOB_CANCELLED, cancelled)
    record(Action.JOB_CANCEL, by=by, count=len(ids))
    return len(ids)


def destroy_unused(job_ids: Iterable[UUID]) -> None:
    """Destroy the messages of these jobs that no memory came out of."""
    Message.objects.filter(~Exists(_uses()), job__in=list(job_ids)).delete()


def destroy_unused_messages(message_ids: Iterable[UUID]) -> list[UUID]:
    """Destroy these messages, but for those of memories that stay; answers which went.

    They are locked first: of two deletes that meet, the later one sees that nothing is left.
    """
    ids = list(message_ids)
    list(Message.objects.filter(id__in=ids).order_by("id").select_for_update().values_list("id"))
    unused = Message.objects.filter(~Exists(_uses()), id__in=ids)
    gone = list(unused.values_list("id", flat=True))
    Message.objects.filter(id__in=gone).delete()
    return gone


def _uses() -> "QuerySet[Source]":
    return Source.objects.filter(message=OuterRef("id"))


def forget_jobs(job_ids: Iterable[UUID]) -> "QuerySet[Source]":
    """Take these jobs from the list of what is due; answers what still refers to their messages.

    Part of an erasure, in its scope: whoever works on one finds its lease gone.
    """
    ids = list(job_ids)
    take_off(ids)
    messages = Message.objects.filter(job__in=ids)
    return Source.objects.filter(message__in=messages.values("id"))


def _accept(
    tenant_id: UUID,
    new: NewMemories,
    redacted: Mapping[str, int],
    repeat: Repeat | None,
    by: Actor,
) -> UUID:
    with tenant_scope(tenant_id):
        if known := find_repeated(repeat, by=by):
            return known
        entities = ensure_entities(new.entity_ids, by=by)
        job = _make_job(new, entities, repeat, by)
        job.request |= {"redacted": dict(redacted)}
        add_speakers(_owner_of(entities), new.names)
        take_room(job, new=1)
        _insert_jobs([job])
        _insert_messages(_make_messages(job, new))
        facts = count_redacted(redacted.values())
        record(Action.JOB_ACCEPT, by=by, target_id=job.id, messages=job.total, **facts)
        send_on_commit(job)
        return job.id


def _make_job(
    new: NewMemories, entities: Mapping[EntityKind, Entity], repeat: Repeat | None, by: Actor
) -> Job:
    now = timezone.now()
    return Job(
        key_owner_id=_owner_of(entities).id,
        **{f"{kind.value}_id": entity.id for kind, entity in entities.items()},
        request={
            "metadata": new.metadata,
            "given_categories": list(new.categories),
            **asdict(new.guidance),
        },
        said_at=new.created_at,
        expires_on=new.expires_on,
        is_immutable=new.is_immutable,
        actor_kind=by.kind,
        actor_id=by.id,
        total=len(new.messages),
        created_at=now,
        updated_at=now,
        repeat_token=repeat and _make_repeat_token(repeat, by),
        repeat_digest=repeat and _make_repeat_digest(repeat),
    )


def _owner_of(entities: Mapping[EntityKind, Entity]) -> Entity:
    return next(entities[kind] for kind in EntityKind if kind in entities)


def _make_messages(job: Job, new: NewMemories) -> list[Message]:
    return [
        Message(
            job_id=job.id,
            key_owner_id=job.key_owner_id,
            number=number,
            role=message.role,
            name=message.name or None,
            content=message.content,
        )
        for number, message in enumerate(new.messages)
    ]


def _make_repeat_token(repeat: Repeat, by: Actor) -> bytes:
    """Each application has keys of its own."""
    actor = by.id.bytes if by.id else b""
    return make_token("repeat-key", actor, repeat.key.encode())


def _make_repeat_digest(repeat: Repeat) -> bytes:
    return make_token("repeat-body", repeat.body)
