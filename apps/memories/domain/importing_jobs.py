"""Taking in jobs that were accepted elsewhere, with the messages that are left of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from apps.audit.actions import Action
from apps.audit.domain import record
from apps.common.actor import Actor
from apps.isolation.scope import tenant_scope
from apps.isolation.writes import Insert
from apps.memories.domain.entities import ensure_entities
from apps.memories.enums import EntityKind, JobError, JobState, MessageRole
from apps.memories.models import Job, Message, Source

_insert_jobs = Insert(Job)
_insert_messages = Insert(Message)


@dataclass(frozen=True, slots=True)
class KnownMessage:
    id: UUID
    number: int
    role: MessageRole
    name: str | None
    content: str


@dataclass(frozen=True, slots=True)
class KnownJob:
    id: UUID
    entity_ids: Mapping[EntityKind, str]
    request: Mapping[str, Any]
    said_at: datetime
    is_immutable: bool
    created_at: datetime
    expires_on: date | None
    messages: Sequence[KnownMessage]


def import_jobs(*, tenant_id: UUID, known: Sequence[KnownJob], by: Actor) -> int:
    """Store these, as failed until `settle_jobs`; answers how many are new. Nothing is sent."""
    with tenant_scope(tenant_id):
        present = set(Job.objects.filter(id__in=[one.id for one in known]).values_list("id"))
        fresh = [one for one in known if (one.id,) not in present]
        jobs = [_make(one, by) for one in fresh]
        _insert_jobs(jobs)
        _insert_messages(
            [
                _make_message(job, message)
                for job, one in zip(jobs, fresh, strict=True)
                for message in one.messages
            ]
        )
        for job in jobs:
            record(Action.JOB_ACCEPT, by=by, target_id=job.id, messages=job.total)
        return len(fresh)


def settle_jobs(*, tenant_id: UUID, job_ids: Sequence[UUID]) -> None:
    """Those of which every message has become a memory have succeeded. The others can be retried.

    Part of an import, which has recorded the jobs.
    """
    with tenant_scope(tenant_id):
        used = Source.objects.filter(message=OuterRef("id"))
        waiting = Message.objects.filter(~Exists(used), job=OuterRef("id"))
        jobs = Job.objects.filter(~Exists(waiting), id__in=job_ids, error=JobError.IMPORTED)
        jobs.update(state=JobState.SUCCEEDED, error="", done=F("total"))


def _make(one: KnownJob, by: Actor) -> Job:
    entities = ensure_entities(one.entity_ids, by=by)
    owner = next(entities[kind] for kind in EntityKind if kind in entities)
    return Job(
        id=one.id,
        key_owner_id=owner.id,
        **{f"{kind.value}_id": entity.id for kind, entity in entities.items()},
        state=JobState.FAILED,
        error=JobError.IMPORTED,
        request=dict(one.request),
        said_at=one.said_at,
        is_immutable=one.is_immutable,
        actor_kind=by.kind,
        actor_id=by.id,
        total=1 + max((message.number for message in one.messages), default=-1),
        created_at=one.created_at,
        updated_at=timezone.now(),
        ended_at=timezone.now(),
        expires_on=one.expires_on,
    )


def _make_message(job: Job, message: KnownMessage) -> Message:
    return Message(
        id=message.id,
        job_id=job.id,
        key_owner_id=job.key_owner_id,
        number=message.number,
        role=message.role,
        name=message.name,
        content=message.content,
    )
