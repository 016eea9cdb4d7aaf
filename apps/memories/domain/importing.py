"""Taking in memories that were written elsewhere, with their ids, versions and times."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from apps.audit.actions import Action
from apps.audit.domain import record
from apps.common.actor import Actor
from apps.isolation.scope import tenant_scope
from apps.isolation.writes import Insert
from apps.keys.ring import current_ring
from apps.memories.domain.drafts import make_digest
from apps.memories.domain.entities import ensure_entities
from apps.memories.domain.flags import refuse_blocked
from apps.memories.domain.hygiene import count_redacted, open_cleaner
from apps.memories.domain.limits import take_room
from apps.memories.domain.vectors import embed_texts, make_thread, make_vector
from apps.memories.embedders import Vector as Embedding
from apps.memories.enums import EntityKind, MessageRole, VersionEvent
from apps.memories.hygiene.cleaning import Cleaner
from apps.memories.matching import list_marks
from apps.memories.models import Entity, Memory, Vector, Version
from apps.memories.queries import find_entities, make_entity_token

_insert_memories = Insert(Memory, unique=("tenant_id", "digest"))
_insert_versions = Insert(Version)
_insert_vectors = Insert(Vector)


@dataclass(frozen=True, slots=True)
class KnownEntity:
    id: UUID
    kind: EntityKind
    external_id: str
    speakers: list[str] | None
    created_at: datetime
    last_used_at: datetime


@dataclass(frozen=True, slots=True)
class KnownVersion:
    id: UUID
    number: int
    event: VersionEvent
    text: str | None
    metadata: Mapping[str, Any] | None
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
            created_at=known.created_at,
            last_used_at=known.last_used_at,
        )
        record(Action.ENTITY_CREATE, by=by, target_id=known.id, kind=known.kind)


def import_memories(*, tenant_id: UUID, known: Sequence[KnownMemory], by: Actor) -> int:
    """Store these as they were, embedded anew, outside of any transaction; answers how many.

    What is there already, by its id or as an exact repeat, is left out. Refuses as an add does,
    but for what the tenant does not store, which is redacted.
    """
    cleaner = open_cleaner(tenant_id, refuses=False)
    known = [_clean(one, cleaner) for one in known]
    names = list(dict.fromkeys(one.speaker for one in known if one.speaker))
    embeddings = embed_texts([one.text for one in known], names, tenant_id=tenant_id)
    with tenant_scope(tenant_id):
        present = set(
            Memory.objects.filter(id__in=[one.id for one in known]).values_list("id", flat=True)
        )
        pairs = zip(known, embeddings, strict=True)
        fresh = [(one, embedding) for one, embedding in pairs if one.id not in present]
        added = _store(fresh, by)
        if added:
            repeated, facts = len(known) - added, count_redacted(cleaner.redacted.values())
            record(Action.MEMORY_ADD, by=by, added=added, repeated=repeated, **facts)
        return added


def _clean(one: KnownMemory, cleaner: Cleaner) -> KnownMemory:
    versions = [
        replace(
            version,
            text=cleaner.clean_optional(version.text, field="versions"),
            metadata=cleaner.clean_values(version.metadata, field="versions"),
        )
        for version in one.versions
    ]
    return replace(
        one,
        text=cleaner.clean(one.text, field="text"),
        metadata=cleaner.clean_values(one.metadata, field="metadata"),
        categories=cleaner.clean_values(one.categories, field="categories"),
        speaker=cleaner.clean_optional(one.speaker, field="speaker"),
        versions=versions,
    )


def _store(fresh: Sequence[tuple[KnownMemory, Embedding]], by: Actor) -> int:
    made = [(_make(one, by), one, embedding) for one, embedding in fresh]
    for memory, _, _ in made:
        take_room(memory, new=1)
    inserted = _insert_memories(sorted((memory for memory, _, _ in made), key=_digest_of))
    kept = [entry for entry in made if entry[0].id in inserted]
    _insert_versions([row for memory, one, _ in kept for row in _make_versions(memory, one)])
    _insert_vectors([make_vector(memory, vector, _thread_of(memory)) for memory, _, vector in kept])
    return len(kept)


def _make(one: KnownMemory, by: Actor) -> Memory:
    entities = ensure_entities(one.entity_ids, by=by)
    owner = next(entities[kind] for kind in EntityKind if kind in entities)
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
        digest=make_digest(owners, one.speaker or one.role, one.text),
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
