"""Summaries of an entity's memories: a job asks the model, and keeps its text for a day at most.

It is served only while each memory that it was made of is there, unchanged, and may be read.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.db import IntegrityError
from django.utils import timezone

from apps.audit.actions import Action
from apps.audit.domain import record, records_refusals
from apps.common.actor import Actor
from apps.common.errors import Invalid, NotFound
from apps.isolation.scope import tenant_scope
from apps.keys.ring import current_ring
from apps.keys.tokens import make_token
from apps.memories.conditions import All, AnyOf, Filter, HasId, OneOf, Present, list_leaves
from apps.memories.domain.flags import CLOSING
from apps.memories.domain.hygiene import open_cleaner
from apps.memories.domain.leases import Lease, drop_summary, end_chunk, hold_lease, renew_lease
from apps.memories.domain.queue import GRACE, InsertDue, send_on_commit
from apps.memories.enums import UNFINISHED, DueWork, EntityKind, JobError, JobKind, JobState
from apps.memories.extractors import Dated, ExtractorError, get_summarizer
from apps.memories.filters import parse_filters
from apps.memories.flags import is_flagged
from apps.memories.models import Entity, Job, Memory
from apps.memories.pages import Selection, select_memories
from apps.memories.queries.entities import find_entities
from apps.telemetry.outbound import calling_for

FRESH = timedelta(minutes=10)  # so long a summary stands though memories were added since
MOST_RACES = 2

_insert_jobs = InsertDue(Job, DueWork.JOB, GRACE)


@dataclass(frozen=True, slots=True)
class SummaryView:
    """The job of a summary; once it has succeeded, with its text and the memories behind it."""

    job: Job
    text: str | None = None
    memories: Sequence[Memory] = ()


@records_refusals(Action.JOB_ACCEPT)
def request_summary(*, tenant_id: UUID, filters: dict[str, Any], by: Actor) -> SummaryView:
    """The finished summary of the memories that the filter matches, or the job that makes it.

    One job at a time for equal filters, and no model is called here. Invalid unless the filter is
    bound to one entity of each kind that it names; NotFound where no memory matches; KeyClosed
    where the person has objected.
    """
    tree = parse_filters(filters)
    names = find_subject(tree)
    for _ in range(MOST_RACES):
        with suppress(IntegrityError):  # another request made the same job first
            return _request(tenant_id, filters, tree, names, by)
    return _request(tenant_id, filters, tree, names, by)


def find_subject(tree: Filter) -> dict[EntityKind, str]:
    """The entities whose memories a filter asks for: of each kind that it names, the one."""
    named = [part for part in _list_parts(tree) if isinstance(part, OneOf)]
    leaves = [leaf for leaf in list_leaves(tree) if isinstance(leaf, OneOf | Present)]
    subject = {leaf.kind: leaf.values[0] for leaf in named}
    if not subject or len(subject) < len(leaves):
        raise Invalid(
            "A summary is about one entity: filters must name exactly one user_id, agent_id,"
            ' app_id or run_id, or one of several of these kinds, joined by AND. "*", OR, NOT and'
            " ne are not allowed for them.",
            field="filters",
        )
    return subject


def write_summary(lease: Lease, *, by: Actor) -> None:
    """Ask the model once, and keep what it writes unless what it was shown has changed since.

    Raises ExtractorError and what `hold_lease` raises; then nothing of it is kept.
    """
    with tenant_scope(lease.tenant_id):
        selected = _select(parse_filters(lease.job.request["filters"]))
        rows = _read_some(selected)
        matched = selected.count()
    if not rows:
        raise ExtractorError(JobError.NOTHING, is_final=True)
    with calling_for(lease.tenant_id):
        found = get_summarizer().summarize(
            [Dated(row.created_at.date(), str(row.text)) for row in rows]
        )
    renew_lease(lease, spent=found.tokens)
    text = open_cleaner(lease.tenant_id, refuses=False).clean(found.text, field="summary")
    with hold_lease(lease, entity_ids=chain.from_iterable(row.entity_ids for row in rows)) as job:
        _refuse_changed(rows)
        job.summary = text
        job.made_of = {"memories": _describe(rows), "matched": matched}
        end_chunk(job, 1, by=by)


def forget_summaries() -> int:
    """Destroy all that the tenant has: any of them may quote whoever is erased. In a scope."""
    kept = Job.objects.filter(summary__isnull=False)
    return int(kept.update(summary=None, made_of=None))


def _list_parts(tree: Filter) -> Iterator[Filter]:
    """The conditions that all hold; an OR of one is that one."""
    match tree:
        case All(parts) | AnyOf((_,) as parts):
            yield from chain.from_iterable(map(_list_parts, parts))
        case _:
            yield tree


def _request(
    tenant_id: UUID,
    filters: dict[str, Any],
    tree: Filter,
    names: Mapping[EntityKind, str],
    by: Actor,
) -> SummaryView:
    with tenant_scope(tenant_id):
        found = find_entities(names.items())
        entities = {kind: entity for (kind, _), entity in found.items() if entity.external_id}
        if len(entities) < len(names):
            raise _nothing()
        current_ring().load_for_writing([entity.id for entity in entities.values()])
        token = make_token("summary", orjson.dumps(filters, option=orjson.OPT_SORT_KEYS))
        job = Job.objects.select_for_update().filter(repeat_token=token).first()
        if job and (known := _find_known(job, tree)):
            return known
        if job:
            drop_summary(job)
        if not _select(tree).count():
            raise _nothing()
        return SummaryView(_accept(filters, entities, token, by))


def _nothing() -> NotFound:
    return NotFound("No memory matches the filters: there is nothing to summarise.")


def _find_known(job: Job, tree: Filter) -> SummaryView | None:
    """What this job, which is locked, has come to; None where another has to be made."""
    if job.state in UNFINISHED:
        return SummaryView(job)
    if job.state != JobState.SUCCEEDED or job.summary is None or job.made_of is None:
        return None
    made_of, matched = job.made_of["memories"], job.made_of["matched"]
    rows = _read_some(_select(All((tree, HasId(tuple(map(UUID, made_of)))))))
    is_fresh = timezone.now() - job.updated_at < FRESH
    if _describe(rows) != made_of or not (is_fresh or _select(tree).count() == matched):
        return None
    return SummaryView(job, job.summary, rows)


def _accept(
    filters: dict[str, Any], entities: Mapping[EntityKind, Entity], token: bytes, by: Actor
) -> Job:
    now = timezone.now()
    job = Job(
        kind=JobKind.SUMMARY,
        key_owner_id=next(entities[kind].id for kind in EntityKind if kind in entities),
        **{f"{kind.value}_id": entity.id for kind, entity in entities.items()},
        request={"metadata": None, "filters": filters},
        said_at=now,
        actor_kind=by.kind,
        actor_id=by.id,
        total=1,
        created_at=now,
        updated_at=now,
        repeat_token=token,
    )
    _insert_jobs([job])
    record(Action.JOB_ACCEPT, by=by, target_id=job.id, messages=0)
    send_on_commit(job)
    return job


def _select(tree: Filter) -> Selection:
    return select_memories(tree, today=timezone.now().date())


def _read_some(selected: Selection) -> list[Memory]:
    """The newest, open, of bounded number and length; none of whom nothing may be written about."""
    rows = selected.read(offset=0, limit=settings.SUMMARY_MEMORIES)
    closed = Memory.objects.filter(is_flagged(*CLOSING), id__in=[row.id for row in rows])
    left_out = set(closed.values_list("id", flat=True))
    some: list[Memory] = []
    length = 0
    for row in (row for row in rows if row.id not in left_out):
        length += len(row.text or "")
        if some and length > settings.EXTRACTION_CHARACTERS:
            break
        some.append(row)
    return some


def _describe(rows: Sequence[Memory]) -> dict[str, str]:
    return {str(row.id): row.updated_at.isoformat() for row in rows}


def _refuse_changed(rows: Sequence[Memory]) -> None:
    """Locks them: of a delete that meets this, one sees what the other has done."""
    ids = [row.id for row in rows]
    held = Memory.objects.current().filter(id__in=ids).order_by("id").select_for_update()
    if _describe(held.only("id", "updated_at")) != _describe(rows):
        raise ExtractorError(JobError.CHANGED)
