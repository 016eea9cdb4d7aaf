"""What is held about an entity besides its memories, page by page. Call inside the scope."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from apps.audit.actions import Action
from apps.audit.models import AuditEvent
from apps.keys.models import EntityKey
from apps.keys.queries import with_keys
from apps.memories.models import Entity, Job, Memory, Message, Version
from apps.privacy.models import Request

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

PAGE_SIZE = 50
LOOKS = (
    Action.MEMORY_READ,
    Action.MEMORY_SEARCH,
    Action.EXPORT_READ,
    Action.COPY_WRITE,
    Action.COPY_DOWNLOAD,
    Action.LINK_USE,
)


@dataclass(frozen=True, slots=True)
class Place:
    before: UUID | None = None
    after: UUID | None = None


@dataclass(frozen=True, slots=True)
class Page:
    rows: Sequence[Any]
    has_newer: bool = False
    has_older: bool = False


def list_deleted(kind: str, entity_id: UUID, place: Place) -> Page:
    """What deletes have left of memories: ids and times. One statement."""
    counts = Version.objects.filter(memory=OuterRef("pk")).order_by().values("memory")
    versions = Coalesce(Subquery(counts.annotate(count=Count("id")).values("count")), 0)
    gone = Memory.objects.exclude(deleted_at=None).filter(**{f"{kind}_id": entity_id})
    return _turn(gone.annotate(versions=versions), place)


def list_jobs(kind: str, entity_id: UUID, place: Place) -> Page:
    return _turn(_jobs_of(kind, entity_id), place)


def list_messages(kind: str, entity_id: UUID, place: Place) -> Page:
    """With their keys. One statement."""
    rows = Message.objects.filter(job__in=_jobs_of(kind, entity_id).values("id"))
    return _turn(rows, place, opens=True)


def date_jobs(messages: Sequence[Message]) -> dict[UUID, datetime]:
    jobs = Job.objects.filter(id__in={message.job_id for message in messages})
    return dict(jobs.values_list("id", "created_at"))


def list_looks(kind: str, entity_id: UUID, place: Place) -> Page:
    """Who was shown something of the entity: its pages, its memories, its copies. One statement.

    Through the index of targets: one look for each memory that is or was held.
    """
    memories = Memory.objects.filter(**{f"{kind}_id": entity_id})
    targets = (
        Entity.objects.filter(id=entity_id),
        memories.filter(deleted_at=None),
        memories.exclude(deleted_at=None),
        Request.objects.filter(subject_id=entity_id),
    )
    first, *others = (rows.order_by().values("id") for rows in targets)
    whom = first.union(*others, all=True)
    return _turn(AuditEvent.objects.filter(target_id__in=whom, action__in=LOOKS), place)


def find_key(entity_id: UUID) -> EntityKey | None:
    return EntityKey.objects.defer("wrapped").filter(id=entity_id).first()


def _jobs_of(kind: str, entity_id: UUID) -> QuerySet[Job]:
    return Job.objects.filter(**{f"{kind}_id": entity_id}).order_by()


def _turn(rows: QuerySet[Any], place: Place, *, opens: bool = False) -> Page:
    """One page by the order of ids, newest first, without counting."""
    read = with_keys if opens else list
    if place.after:
        found = read(rows.filter(id__gt=place.after).order_by("id")[: PAGE_SIZE + 1])
        return Page(found[:PAGE_SIZE][::-1], len(found) > PAGE_SIZE, has_older=True)
    if place.before:
        rows = rows.filter(id__lt=place.before)
    found = read(rows.order_by("-id")[: PAGE_SIZE + 1])
    return Page(found[:PAGE_SIZE], bool(place.before), len(found) > PAGE_SIZE)
