"""Taking in memories that were written elsewhere, with their ids, versions and times."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from apps.audit.actions import Action
from apps.audit.domain import record, records_refusals
from apps.common.actor import Actor
from apps.isolation.scope import tenant_scope
from apps.isolation.writes import Insert
from apps.keys.ring import current_ring
from apps.memories.domain.deletion import destroy
from apps.memories.domain.drafts import make_digest
from apps.memories.domain.entities import add_speakers, ensure_entities
from apps.memories.domain.flags import refuse_blocked
from apps.memories.domain.hygiene import count_redacted, open_cleaner
from apps.memories.domain.journal import prepare_journal
from apps.memories.domain.limits import take_room
from apps.memories.domain.vectors import embed_texts, make_thread, make_vector
from apps.memories.embedders import Vector as Embedding
from apps.memories.enums import EntityKind, FeedbackVerdict, MessageRole, VersionEvent
from apps.memories.hygiene.cleaning import Cleaner
from apps.memories.matching import list_marks
from apps.memories.models import Entity, Feedback, Memory, Message, Source, Vector, Version
from apps.memories.queries.entities import find_entities, make_entity_token

_insert_memories = Insert(Memory, unique=("tenant_id", "digest"))
_insert_versions = Insert(Version)
_insert_vectors = Insert(Vector)
_insert_sources = Insert(Source)
_insert_feedback = Insert(Feedback)

Ensured = dict[frozenset[tuple[EntityKind, str]], dict[EntityKind, Entity]]


@dataclass(frozen=True, slots=True)
class KnownEntity:
    id: UUID
    kind: EntityKind
    external_id: str
    speakers: list[str] | None
    created_at: datetime
    last_used_at: datetime
    about: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class KnownVersion:
    id: UUID
    number: int
    event: VersionEvent
    text: str | None
    metadata: Mapping[str, Any] | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class KnownSource:
    id: UUID
    message_id: UUID


@dataclass(frozen=True, slots=True)
class KnownFeedback:
    id: UUID
    verdict: FeedbackVerdict | None
    reason: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class KnownMemory:
    id: UUID
    entity_ids: Mapping[EntityKind, str]
    text: str
    metadata: Mapping[str, Any] | None
    categories: Any
    speaker: str | None
    role: MessageRole
    is_immutable: bool
    created_at: datetime
    updated_at: datetime
    expires_on: date | None
    versions: Sequence[KnownVersion]
    inferred: Mapping[str, Any] | None = None
    replaced_by: UUID | None = None
    sources: Sequence[KnownSource] = ()
    feedback: Sequence[KnownFeedback] = ()


def import_entity(*, tenant_id: UUID, known: KnownEntity, by: Actor) -> None:
    """The entity with its id and times; one that is there already stays as it is."""
    speakers = open_cleaner(tenant_id, refuses=False).clean_values(known.speakers, field="speakers")
    name = (known.kind, known.external_id)
    with tenant_scope(tenant_id):
        if find_entities([name]):
            return
        refuse_blocked([name])
        current_ring().create([known.id])
        Entity.objects.create(
            id=known.id,
            kind=known.kind,
            token=make_entity_token(*name),
            external_id=known.external_id,
            speakers=speakers,
            about=known.about,
            created_at=known.created_at,
            last_used_at=known.last_used_at,
        )
        record(Action.ENTITY_CREATE, by=by, target_id=known.id, kind=known.kind)


def import_memories(*, tenant_id: UUID, known: Sequence[KnownMemory], by: Actor) -> int:
    """Store these as they were, embedded anew, outside of any transaction; answers how many.

    What is there already, by its id or as an exact repeat, is left out. Refuses as an add does,
    but for what the tenant does not store, which is redacted. What something took the place of is
    recalled no more: `link_replaced` says by what, once all are there.
    """
    cleaner = open_cleaner(tenant_id, refuses=False)
    known = [_clean(one, cleaner) for one in known]
    embeddings = _embed(known, tenant_id)
    with tenant_scope(tenant_id):
        present = find_present(tenant_id=tenant_id, ids=[one.id for one in known])
        fresh = [one for one in known if one.id not in present]
        added = _store(fresh, embeddings, by)
        if added:
            repeated, facts = len(known) - added, count_redacted(cleaner.redacted.values())
            record(Action.MEMORY_ADD, by=by, added=added, repeated=repeated, **facts)
        return added


def find_present(*, tenant_id: UUID, ids: Iterable[UUID]) -> set[UUID]:
    """Which of these ids there are memories of, deleted ones too. One statement."""
    with tenant_scope(tenant_id):
        return set(Memory.objects.filter(id__in=list(ids)).values_list("id", flat=True))


@records_refusals(Action.MEMORY_SUPERSEDE)
def link_replaced(*, tenant_id: UUID, successors: Mapping[UUID, UUID], by: Actor) -> None:
    """Name for each of these memories the one that took its place.

    One whose successor did not come is destroyed: it must not come back as if it still held.
    """
    prepare_journal()
    with tenant_scope(tenant_id):
        rows = Memory.objects.current().filter(id__in=successors, digest=None)
        waiting = list(rows.order_by("id").select_for_update().values_list("id", flat=True))
        there = set(
            Memory.objects.filter(id__in=set(successors.values())).values_list("id", flat=True)
        )
        linked = [memory_id for memory_id in waiting if successors[memory_id] in there]
        for memory_id in linked:
            Memory.objects.filter(id=memory_id).update(replaced_by=successors[memory_id])
        if linked:
            record(Action.MEMORY_SUPERSEDE, by=by, count=len(linked))
        if lost := [memory_id for memory_id in waiting if successors[memory_id] not in there]:
            destroy(lost)
            record(Action.MEMORY_DELETE, by=by, deleted=len(lost))


def _embed(known: Sequence[KnownMemory], tenant_id: UUID) -> dict[UUID, Embedding]:
    """Of those that are to be found."""
    current = [one for one in known if one.replaced_by is None]
    names = list(dict.fromkeys(one.speaker for one in current if one.speaker))
    if not current:
        return {}
    vectors = embed_texts([one.text for one in current], names, tenant_id=tenant_id)
    return {one.id: vector for one, vector in zip(current, vectors, strict=True)}


def _clean(one: KnownMemory, cleaner: Cleaner) -> KnownMemory:
    versions = [
        replace(
            version,
            text=cleaner.clean_optional(version.text, field="versions"),
            metadata=cleaner.clean_values(version.metadata, field="versions"),
        )
        for version in one.versions
    ]
    feedback = [
        replace(said, reason=cleaner.clean_optional(said.reason, field="feedback"))
        for said in one.feedback
    ]
    return replace(
        one,
        feedback=feedback,
        text=cleaner.clean(one.text, field="text"),
        metadata=cleaner.clean_values(one.metadata, field="metadata"),
        categories=cleaner.clean_values(one.categories, field="categories"),
        speaker=cleaner.clean_optional(one.speaker, field="speaker"),
        versions=versions,
    )


def _store(fresh: Sequence[KnownMemory], embeddings: Mapping[UUID, Embedding], by: Actor) -> int:
    ensured: Ensured = {}
    made = [(_make(one, ensured, by), one) for one in fresh]
    for memory, _ in made:
        take_room(memory, new=1)
    inserted = _insert_memories(sorted((memory for memory, _ in made), key=_digest_of))
    kept = [entry for entry in made if entry[0].id in inserted]
    _insert_versions([row for memory, one in kept for row in _make_versions(memory, one)])
    _insert_vectors(
        [
            make_vector(memory, embeddings[memory.id], _thread_of(memory))
            for memory, _ in kept
            if memory.id in embeddings
        ]
    )
    _insert_sources(_make_sources([one for _, one in kept]))
    _insert_feedback([row for memory, one in kept for row in _make_feedback(memory, one)])
    return len(kept)


def _ensure(one: KnownMemory, ensured: Ensured, by: Actor) -> dict[EntityKind, Entity]:
    """The entities of this memory; most memories of a batch have the same."""
    names = frozenset(one.entity_ids.items())
    if names not in ensured:
        ensured[names] = ensure_entities(one.entity_ids, by=by)
    return ensured[names]


def _make_sources(kept: Sequence[KnownMemory]) -> list[Source]:
    """Of the messages that are there."""
    ids = {source.message_id for one in kept for source in one.sources}
    there = set(Message.objects.filter(id__in=ids).values_list("id", flat=True)) if ids else set()
    return [
        Source(id=source.id, memory_id=one.id, message_id=source.message_id)
        for one in kept
        for source in one.sources
        if source.message_id in there
    ]


def _make_feedback(memory: Memory, one: KnownMemory) -> list[Feedback]:
    return [
        Feedback(
            id=said.id,
            memory_id=memory.id,
            key_owner_id=memory.key_owner_id,
            verdict=said.verdict,
            reason=said.reason,
            created_at=said.created_at,
        )
        for said in one.feedback
    ]


def _make(one: KnownMemory, ensured: Ensured, by: Actor) -> Memory:
    entities = _ensure(one, ensured, by)
    owner = next(entities[kind] for kind in EntityKind if kind in entities)
    if one.speaker:
        add_speakers(owner, [one.speaker])
    owners = [entities[kind].id if kind in entities else None for kind in EntityKind]
    memory = Memory(
        id=one.id,
        key_owner_id=owner.id,
        **{f"{kind.value}_id": entity.id for kind, entity in entities.items()},
        text=one.text,
        metadata=one.metadata,
        categories=one.categories,
        speaker=one.speaker,
        role=one.role,
        inferred=one.inferred,
        digest=None if one.replaced_by else make_digest(owners, one.speaker or one.role, one.text),
        is_immutable=one.is_immutable,
        created_at=one.created_at,
        updated_at=one.updated_at,
        expires_on=one.expires_on,
    )
    memory.marks = list_marks(memory)
    return memory


def _make_versions(memory: Memory, one: KnownMemory) -> list[Version]:
    return [
        Version(
            id=version.id,
            memory_id=memory.id,
            key_owner_id=memory.key_owner_id,
            number=version.number,
            event=version.event,
            text=version.text,
            metadata=version.metadata,
            created_at=version.created_at,
        )
        for version in one.versions
    ]


def _digest_of(memory: Memory) -> bytes:
    return bytes(memory.digest or b"")


def _thread_of(memory: Memory) -> int:
    return make_thread(memory.key_owner_id, memory.run_id or memory.id)
