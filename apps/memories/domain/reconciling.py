"""What becomes of statements beside what is known: added, superseding, or ignored as a repeat.

Nothing here trusts an extractor: it can only point to messages of its chunk and to memories that
it was shown, and both are looked at again under the lock.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils import timezone

from apps.audit.actions import Action
from apps.audit.domain import record
from apps.common.actor import Actor
from apps.isolation.writes import Insert
from apps.memories.domain.candidates import Candidate, find_candidates
from apps.memories.domain.drafts import Draft, find_repeats, insert_drafts, make_digest
from apps.memories.domain.limits import take_room
from apps.memories.domain.telling import tell_of_memories
from apps.memories.embedders import Vector as Embedding
from apps.memories.enums import EntityFlag, Verdict, WebhookEvent
from apps.memories.extractors import Statement
from apps.memories.extractors.likeness import is_same
from apps.memories.extractors.port import Extraction
from apps.memories.flags import is_flagged
from apps.memories.models import Job, Memory, MemoryQuerySet, Message, Source, Vector

_insert_sources = Insert(Source)


@dataclass(frozen=True, slots=True)
class Found:
    """An extraction with the rows that its places stand for, and the vectors of its texts."""

    extraction: Extraction
    messages: Sequence[Message]
    known: Sequence[Memory]
    embeddings: Mapping[str, Embedding]


@dataclass(slots=True)
class _Plan:
    """A statement on its way: to a new memory, or to the known one that says it already."""

    statement: Statement
    verdict: Verdict
    draft: Draft | None = None
    known_id: UUID | None = None
    replaces: list[UUID] = field(default_factory=list)

    @property
    def memory_id(self) -> UUID | None:
        return self.draft.memory.id if self.draft else self.known_id


def apply_statements(job: Job, found: Found, *, by: Actor) -> list[dict[str, Any]]:
    """Write what the statements change, in `hold_lease`; answers the lines of the job's results."""
    plans = _plan_all(job, found)
    protected = _release(plans)
    drafts = [plan.draft for plan in plans if plan.draft]
    take_room(job, new=len(drafts))
    inserted = insert_drafts(drafts, conversation_id=job.id) if drafts else set()
    ids = find_repeats(drafts, inserted) if drafts else {}
    for plan in plans:
        if plan.draft and plan.draft.memory.id not in inserted:
            plan.known_id, plan.draft = ids[plan.draft.digest], None
            plan.verdict = Verdict.SAME_TEXT
    replaced = _supersede(plans, protected)
    _write_sources(plans, found.messages)
    named = [plan.draft.memory for plan in plans if plan.draft and plan.draft.memory.categories]
    if named:
        tell_of_memories(WebhookEvent.MEMORY_CATEGORIZE, [(memory, 1) for memory in named])
    if plans:
        record(
            Action.MEMORY_ADD,
            by=by,
            target_id=job.key_owner_id,
            added=len(inserted),
            repeated=len(plans) - len(inserted),
        )
    if replaced:
        record(Action.MEMORY_SUPERSEDE, by=by, target_id=job.key_owner_id, count=replaced)
    lines = [_describe(plan, protected) for plan in plans]
    return lines + [{"verdict": verdict} for verdict in found.extraction.refused]


def _plan_all(job: Job, found: Found) -> list[_Plan]:
    """One after the other: what an earlier statement takes the place of is known no more."""
    candidates = find_candidates(job, found.embeddings) if found.embeddings else {}
    current = _find_current(found)
    plans: list[_Plan] = []
    gone: set[UUID] = set()
    for statement in found.extraction.statements:
        replaces = [found.known[place].id for place in statement.replaces]
        gone.update(replaces)
        near = [*candidates[statement.text], *_list_drafts(plans, found, statement)]
        near = [one for one in near if one.memory.id not in gone]
        plan = _plan(job, found, statement, near, current - gone)
        plan.replaces = [each for each in replaces if each != plan.memory_id]
        if plan.replaces and plan.verdict == Verdict.NEW:
            plan.verdict = Verdict.SUPERSEDES
        plans.append(plan)
    return plans


def _find_current(found: Found) -> set[UUID]:
    """Those that statements are said to repeat, as far as they are still there."""
    places = {one.repeats for one in found.extraction.statements} - {None}
    ids = [found.known[place].id for place in places if place is not None]
    rows = _changeable(ids) if ids else ()
    return {row.id for row in rows}


def _list_drafts(plans: Sequence[_Plan], found: Found, statement: Statement) -> list[Candidate]:
    mine = found.embeddings[statement.text]
    drafts = [plan.draft for plan in plans if plan.draft]
    return [Candidate(draft.memory, float(draft.embedding @ mine)) for draft in drafts]


def _plan(
    job: Job,
    found: Found,
    statement: Statement,
    candidates: Sequence[Candidate],
    current: set[UUID],
) -> _Plan:
    for one in candidates:
        text = str(one.memory.text)
        if is_same(statement.text, text, one.cosine):
            is_equal = text == statement.text
            verdict = Verdict.SAME_TEXT if is_equal else Verdict.SAME_WORDS
            return _Plan(statement, verdict, known_id=one.memory.id)
    if statement.repeats is not None and found.known[statement.repeats].id in current:
        known_id = found.known[statement.repeats].id
        return _Plan(statement, Verdict.SAME_MEANING, known_id=known_id)
    memory = _make_memory(job, statement, found.messages)
    draft = Draft(memory, found.embeddings[statement.text])
    return _Plan(statement, statement.doubt or Verdict.NEW, draft=draft)


def _make_memory(job: Job, statement: Statement, messages: Sequence[Message]) -> Memory:
    first = messages[statement.messages[0]]
    return Memory(
        key_owner_id=job.key_owner_id,
        user_id=job.user_id,
        agent_id=job.agent_id,
        app_id=job.app_id,
        run_id=job.run_id,
        text=statement.text,
        metadata=job.request["metadata"] or None,
        categories=_join_categories(job, statement) or None,
        speaker=first.name or None,
        role=first.role,
        digest=make_digest(job.all_entity_ids, first.name or first.role, statement.text),
        inferred={
            "day": statement.day.isoformat() if statement.day else None,
            "confidence": statement.confidence,
        },
        created_at=job.said_at,
        updated_at=timezone.now(),
        expires_on=job.expires_on,
        is_immutable=job.is_immutable,
    )


def _join_categories(job: Job, statement: Statement) -> list[str]:
    """Those that the application gave, then those that were found."""
    return list(dict.fromkeys((*job.request.get("given_categories", ()), *statement.categories)))


def _release(plans: Sequence[_Plan]) -> set[UUID]:
    """Free the digests and drop the vectors of what was known and is to be superseded.

    Locks it. Answers the immutable ones, which stay.
    """
    wanted = {each for plan in plans for each in plan.replaces}
    rows = _changeable(wanted).order_by("id").select_for_update()
    locked = dict(rows.values_list("id", "is_immutable")) if wanted else {}
    going = [memory_id for memory_id, is_immutable in locked.items() if not is_immutable]
    if going:
        Memory.objects.filter(id__in=going).update(digest=None)
        Vector.objects.filter(id__in=going).delete()
    return {memory_id for memory_id, is_immutable in locked.items() if is_immutable}


def _supersede(plans: Sequence[_Plan], protected: set[UUID]) -> int:
    """Name the new memory in each that it takes the place of; answers how many there were."""
    count, now = 0, timezone.now()
    for plan in plans:
        going = [each for each in plan.replaces if each not in protected]
        if going:
            rows = _changeable(going)
            count += rows.update(replaced_by=plan.memory_id, digest=None, updated_at=now)
            Vector.objects.filter(id__in=going).delete()
    return count


def _changeable(ids: Iterable[UUID]) -> MemoryQuerySet:
    """Those of these that are current, and have not been restricted since they were shown."""
    rows = Memory.objects.current().filter(id__in=list(ids))
    return rows.exclude(is_flagged(EntityFlag.RESTRICTED))


def _write_sources(plans: Sequence[_Plan], messages: Sequence[Message]) -> None:
    _insert_sources(
        [
            Source(memory_id=plan.draft.memory.id, message_id=messages[place].id)
            for plan in plans
            if plan.draft
            for place in dict.fromkeys(plan.statement.messages)
        ]
    )


def _describe(plan: _Plan, protected: set[UUID]) -> dict[str, Any]:
    replaced = [str(each) for each in plan.replaces if each not in protected]
    verdict = plan.verdict
    if verdict == Verdict.SUPERSEDES and not replaced:
        verdict = Verdict.PROTECTED
    line = {"id": str(plan.memory_id), "verdict": verdict}
    return line | ({"replaced": replaced} if replaced else {})
