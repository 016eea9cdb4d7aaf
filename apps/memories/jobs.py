"""Reading jobs: what applications and operators are shown. Everything here needs an open scope."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from apps.audit.actions import Action, Outcome
from apps.audit.models import AuditEvent
from apps.common.errors import Forbidden, NotFound
from apps.keys.queries import load_keys, with_keys
from apps.memories.enums import EntityFlag, EntityKind, JobState
from apps.memories.flags import is_flagged
from apps.memories.models import Entity, Job, Memory
from apps.memories.queries import read_memories

if TYPE_CHECKING:
    from django.db.models import QuerySet


@dataclass(frozen=True, slots=True)
class JobView:
    """A job, open, with the names of its entities and the memories that its results name.

    A memory that has been deleted since has no text; one that was erased is not among them.
    """

    job: Job
    names: dict[EntityKind, str]
    memories: dict[UUID, Memory]


def read_job(job_id: UUID, *, is_awaited: bool = False) -> JobView:
    """NotFound if there is none, Forbidden while it is restricted. Four statements at most.

    Whoever sent the messages and waits for what comes of them, `is_awaited`, is told of it.

    An add that was answered at once is known by its audit event: as a job that has succeeded.
    """
    jobs = Job.objects.all() if is_awaited else _shown()
    if rows := _open(jobs.filter(id=job_id)):
        return rows[0]
    if Job.objects.filter(id=job_id).exists():
        raise Forbidden("This event is restricted on the request of the person it is about.")
    adds = AuditEvent.objects.filter(action=Action.MEMORY_ADD, outcome=Outcome.DONE)
    event = adds.filter(id=job_id).first()
    if event is None:
        raise NotFound("Event not found or you don't have permission to access it.")
    return JobView(_describe_add(event), {}, {})


def count_jobs() -> int:
    return int(_shown().count())


def read_jobs(*, offset: int, limit: int) -> list[JobView]:
    """Newest first, without the restricted. Four statements, however many there are."""
    return _open(_shown().order_by("-id")[offset : offset + limit])


def _shown() -> "QuerySet[Job]":
    return Job.objects.exclude(is_flagged(EntityFlag.RESTRICTED))


def _describe_add(event: AuditEvent) -> Job:
    """Never stored. Which memories it added is not known any more."""
    count, at = event.facts["added"] + event.facts["repeated"], event.occurred_at
    return Job(
        id=event.id,
        state=JobState.SUCCEEDED,
        request={"metadata": None},
        total=count,
        done=count,
        created_at=at,
        updated_at=at,
        started_at=at,
        ended_at=at,
    )


def _open(jobs: Iterable[Job]) -> list[JobView]:
    jobs = list(jobs)
    load_keys(jobs)
    entities = Entity.objects.filter(id__in={each for job in jobs for each in job.entity_ids})
    names = {row.id: row.external_id for row in with_keys(entities, owner="id")}
    ids = {UUID(line["id"]) for job in jobs for line in job.results if "id" in line}
    memories = {row.id: row for row in read_memories(list(ids))} if ids else {}
    return [_view(job, names, memories) for job in jobs]


def _view(job: Job, names: dict[UUID, str | None], memories: dict[UUID, Memory]) -> JobView:
    _ = job.request
    owners = zip(EntityKind, job.all_entity_ids, strict=True)
    named = {kind: names.get(each) for kind, each in owners if each is not None}
    lines = [UUID(line["id"]) for line in job.results if "id" in line]
    return JobView(
        job,
        {kind: name for kind, name in named.items() if name is not None},
        {each: memories[each] for each in lines if each in memories},
    )
