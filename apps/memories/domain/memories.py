"""Adding memories and changing one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.utils import timezone

from apps.audit.actions import Action
from apps.audit.domain import record
from apps.common.actor import Actor
from apps.common.errors import Conflict, NotFound
from apps.isolation.scope import tenant_scope
from apps.keys.queries import with_keys
from apps.keys.ring import current_ring
from apps.keys.tokens import make_token
from apps.memories.domain.entities import add_speakers, ensure_entities
from apps.memories.domain.values import Added, AddResult, NewMemories, NewMessage
from apps.memories.domain.vectors import embed_texts, make_thread, make_vector
from apps.memories.embedders import Vector as Embedding
from apps.memories.enums import EntityKind, VersionEvent
from apps.memories.models import Entity, Memory, Vector, Version
from apps.memories.queries import find_entities, name_entities

UNCHANGED: Any = object()


def add_memories(*, tenant_id: UUID, new: NewMemories, by: Actor) -> AddResult:
    """Keep each message verbatim, as one memory; results stand in the order of the messages.

    The texts are embedded together, outside any transaction, then everything is inserted in one.
    An exact repeat of what the same entities already hold is answered with the id it has.
    """
    names = new.names and _known_names(tenant_id, new)
    embeddings = embed_texts([message.content for message in new.messages], names)
    try:
        return _write(tenant_id, new, embeddings, by)
    except IntegrityError:  # another request made the same entity or memory first
        return _write(tenant_id, new, embeddings, by)


def update_memory(
    *,
    tenant_id: UUID,
    memory_id: UUID,
    text: str | None = None,
    metadata: Mapping[str, Any] | None = UNCHANGED,
    created_at: datetime | None = None,
    expires_on: date | None = UNCHANGED,
    by: Actor,
) -> Memory:
    """Change a memory and add a version. A new text is embedded outside the transaction.

    Refuses an immutable memory, one that is gone, and a text that the same entities already hold.
    """
    embedding = None
    if text is not None:
        [embedding] = embed_texts([text], _names_of(tenant_id, memory_id))
    try:
        with tenant_scope(tenant_id):
            memory = lock_memory(memory_id)
            _apply(memory, text, metadata, created_at, expires_on)
            _save_change(memory, embedding)
            record(Action.MEMORY_UPDATE, by=by, target_id=memory.id)
            _ = memory.text, memory.metadata, memory.categories, memory.speaker
            name_entities([memory])
            return memory
    except IntegrityError:
        raise Conflict("The same entities already hold this text.", field="text") from None


def lock_memory(memory_id: UUID) -> Memory:
    """The live memory, held until the commit, with its key; NotFound if there is none."""
    memory = Memory.objects.live().select_for_update().filter(id=memory_id).first()
    if memory is None:
        raise NotFound("Memory not found!")
    current_ring().load_for_writing([memory.key_owner_id])
    return memory


def make_digest(new_ids: Iterable[UUID | None], speaker: str, text: str) -> bytes:
    """Equal for exact repeats: the same text by the same speaker under the same entities."""
    owners = b"".join(entity_id.bytes if entity_id else bytes(16) for entity_id in new_ids)
    return make_token("repeat", owners, speaker.encode(), text.encode())


@dataclass(slots=True)
class _Draft:
    message: NewMessage
    embedding: Embedding
    digest: bytes
    memory: Memory | None = None


def _write(tenant_id: UUID, new: NewMemories, embeddings: list[Embedding], by: Actor) -> AddResult:
    with tenant_scope(tenant_id):
        entities = ensure_entities(new.entity_ids, by=by)
        owner = next(entities[kind] for kind in EntityKind if kind in entities)
        add_speakers(owner, new.names)
        ids = {f"{kind}_id": entity.id for kind, entity in entities.items()}
        drafts = [
            _Draft(message, embedding, _digest(ids, message))
            for message, embedding in zip(new.messages, embeddings, strict=True)
        ]
        known = _find_repeats(drafts)
        fresh = {draft.digest: draft for draft in reversed(drafts) if draft.digest not in known}
        ordered = [draft for draft in drafts if fresh.get(draft.digest) is draft]
        _insert(ordered, new, owner, ids)
        event = record(
            Action.MEMORY_ADD,
            by=by,
            target_id=owner.id,
            added=len(ordered),
            repeated=len(drafts) - len(ordered),
        )
        return AddResult(event.id, [_result(draft, known, fresh) for draft in drafts])


def _digest(ids: Mapping[str, UUID], message: NewMessage) -> bytes:
    owners = [ids.get(f"{kind.value}_id") for kind in EntityKind]
    return make_digest(owners, message.name or message.role, message.content)


def _find_repeats(drafts: list[_Draft]) -> dict[bytes, UUID]:
    rows = Memory.objects.filter(digest__in={draft.digest for draft in drafts})
    return {bytes(digest): memory_id for digest, memory_id in rows.values_list("digest", "id")}


def _insert(drafts: list[_Draft], new: NewMemories, owner: Entity, ids: Mapping[str, UUID]) -> None:
    now = timezone.now()
    versions, vectors = [], []
    thread = None
    for draft in drafts:
        memory = draft.memory = _make_memory(draft, new, owner, ids, now)
        thread = (
            thread if thread is not None else make_thread(owner.id, ids.get("run_id") or memory.id)
        )
        versions.append(_make_version(memory, 1, VersionEvent.ADD, now))
        vectors.append(make_vector(memory, draft.embedding, thread))
    # Two adds of the same texts wait for each other's digests: in one order they can't deadlock.
    by_digest = sorted(drafts, key=lambda draft: draft.digest)
    Memory.objects.bulk_create([draft.memory for draft in by_digest if draft.memory])
    Version.objects.bulk_create(versions)
    Vector.objects.bulk_create(vectors)


def _make_memory(
    draft: _Draft, new: NewMemories, owner: Entity, ids: Mapping[str, UUID], now: datetime
) -> Memory:
    return Memory(
        key_owner_id=owner.id,
        **ids,
        text=draft.message.content,
        metadata=dict(new.metadata) if new.metadata else None,
        speaker=draft.message.name or None,
        role=draft.message.role,
        digest=draft.digest,
        created_at=new.created_at,
        updated_at=now,
        expires_on=new.expires_on,
        is_immutable=new.is_immutable,
    )


def _make_version(memory: Memory, number: int, event: VersionEvent, now: datetime) -> Version:
    return Version(
        memory_id=memory.id,
        key_owner_id=memory.key_owner_id,
        number=number,
        event=event,
        text=memory.text,
        metadata=memory.metadata,
        created_at=now,
    )


def _result(draft: _Draft, known: dict[bytes, UUID], fresh: dict[bytes, _Draft]) -> Added:
    if draft.digest in known:
        return Added(known[draft.digest], draft.message.content, is_new=False)
    first = fresh[draft.digest]
    assert first.memory is not None
    return Added(first.memory.id, draft.message.content, is_new=first is draft)


def _known_names(tenant_id: UUID, new: NewMemories) -> list[str]:
    """Whose names are to be left out of what is embedded: all who speak with this owner."""
    with tenant_scope(tenant_id):
        name = next((kind, new.entity_ids[kind]) for kind in EntityKind if kind in new.entity_ids)
        owner = find_entities([name]).get(name)
        return [*new.names, *((owner.speakers or []) if owner else [])]


def _names_of(tenant_id: UUID, memory_id: UUID) -> list[str]:
    with tenant_scope(tenant_id):
        memory = Memory.objects.live().filter(id=memory_id).values("key_owner_id")
        owners = with_keys(Entity.objects.filter(id__in=memory), owner="id")
        if not owners:
            raise NotFound("Memory not found!")
        return owners[0].speakers or []


def _apply(
    memory: Memory,
    text: str | None,
    metadata: Mapping[str, Any] | None,
    created_at: datetime | None,
    expires_on: date | None,
) -> None:
    if memory.is_immutable:
        raise Conflict("This memory is immutable.")
    if text is not None:
        memory.text = text
        owners = (memory.user_id, memory.agent_id, memory.app_id, memory.run_id)
        memory.digest = make_digest(owners, memory.speaker or memory.role, text)
    if metadata is not UNCHANGED:
        memory.metadata = dict(metadata) if metadata else None
    if expires_on is not UNCHANGED:
        memory.expires_on = expires_on
    memory.created_at = created_at or memory.created_at
    memory.updated_at = timezone.now()


def _save_change(memory: Memory, embedding: Embedding | None) -> None:
    number = Version.objects.filter(memory_id=memory.id).count() + 1
    memory.save()
    _make_version(memory, number, VersionEvent.UPDATE, memory.updated_at).save(force_insert=True)
    vector = Vector.objects.filter(id=memory.id)
    if embedding is None:
        vector.update(created_at=memory.created_at, expires_on=memory.expires_on)
    else:
        fresh = make_vector(memory, embedding, thread=0)
        vector.update(
            created_at=memory.created_at,
            expires_on=memory.expires_on,
            embedding=fresh.embedding,
            terms=fresh.terms,
            length=fresh.length,
            model_id=fresh.model_id,
        )
