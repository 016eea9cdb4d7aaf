"""Reading jobs: what applications and operators are shown. Everything here needs an open scope."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from apps.audit.actions import Action, Outcome
from apps.audit.models import AuditEvent
from apps.common.errors import NotFound
from apps.keys.queries import load_keys, with_keys
from apps.memories.enums import EntityKind, JobState
from apps.memories.flags import mark_flagged
from apps.memories.models import Entity, Job, Memory
from apps.memories.queries.memories import RESTRICTED, read_visible_memories

if TYPE_CHECKING:
    from django.db.models import QuerySet


@dataclass(frozen=True, slots=True)
class JobView:
    """A job, open, with the names of its entities and the memories that its results name.

    A memory that has been deleted since has no text; one that was erased or is restricted is not
    among them. Of a restricted entity's job the request is not shown.
    """

    job: Job
    names: dict[EntityKind, str]
    memories: dict[UUID, Memory]
    is_restricted: bool = False


def read_job(job_id: UUID) -> JobView:
    """NotFound if there is none. Four statements at most.

    An add that was answered at once is known by its audit event: as a job that has succeeded.
    """
    if rows := open_jobs(Job.objects.filter(id=job_id)):
        return rows[0]
    adds = AuditEvent.objects.filter(action=Action.MEMORY_ADD, outcome=Outcome.DONE)
    event = adds.filter(id=job_id).first()
    if event is None:
        raise NotFound("Event not found or you don't have permission to access it.")
    return JobView(_describe_add(event), {}, {})


def count_jobs() -> int:
    return int(Job.objects.count())


def read_jobs(*, offset: int, limit: int) -> list[JobView]:
    """Newest first. Four statements, however many there are."""
    return open_jobs(Job.objects.order_by("-id")[offset : offset + limit])


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


def open_jobs(rows: "QuerySet[Job]") -> list[JobView]:
    """With the names of their entities and the memories that their results name."""
    jobs = list(mark_flagged(rows, is_restricted=RESTRICTED))
    load_keys(jobs)
    entities = Entity.objects.filter(id__in={each for job in jobs for each in job.entity_ids})
    names = {row.id: row.external_id for row in with_keys(entities, owner="id")}
    ids = {UUID(line["id"]) for job in jobs for line in job.results if "id" in line}
    memories = {row.id: row for row in read_visible_memories(ids)} if ids else {}
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
        is_restricted=bool(job.is_restricted),
    )
