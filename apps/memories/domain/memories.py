"""Adding memories and changing one."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.utils import timezone

from apps.audit.actions import Action
from apps.audit.domain import record, records_refusals
from apps.common.actor import Actor
from apps.common.errors import Conflict, NotFound
from apps.isolation.compiled import Bind, Compiled
from apps.isolation.scope import tenant_scope
from apps.isolation.writes import Update
from apps.keys.ring import current_ring
from apps.memories.domain.drafts import (
    Draft,
    find_repeats,
    insert_drafts,
    make_digest,
    write_versions,
)
from apps.memories.domain.entities import add_speakers, ensure_entities
from apps.memories.domain.hygiene import clean_new, count_redacted, open_cleaner
from apps.memories.domain.jobs import find_repeated, keep_answer
from apps.memories.domain.limits import take_room
from apps.memories.domain.values import Added, AddResult, NewMemories, NewMessage, Repeat
from apps.memories.domain.vectors import embed_texts, make_vector
from apps.memories.embedders import Vector as Embedding
from apps.memories.enums import EntityKind, Verdict, VersionEvent
from apps.memories.flags import mark_flagged
from apps.memories.matching import list_marks
from apps.memories.models import Entity, Job, Memory, Vector, Version
from apps.memories.queries.entities import find_entities
from apps.memories.queries.memories import RESTRICTED, get_owner, open_memories, refuse_restricted

UNCHANGED: Any = object()
MOST_RACES = 4  # one for each kind of entity that an add may make

_update_memories = Update(
    Memory,
    fields=(
        *("text", "metadata", "categories", "digest", "marks"),
        *("created_at", "updated_at", "expires_on"),
    ),
)
_update_vectors = Update(
    Vector, fields=("created_at", "expires_on", "model", "embedding", "terms", "length")
)
_live_memory_for_update = Compiled(
    lambda: mark_flagged(
        Memory.objects.live().filter(id=Bind("memory_id")).select_for_update(),
        is_restricted=RESTRICTED,
    )
)
_last_version = Compiled(
    lambda: Version.objects.filter(memory=Bind("memory_id")).order_by("-number")[:1]
)


@records_refusals(Action.MEMORY_ADD)
def add_memories(
    *, tenant_id: UUID, new: NewMemories, repeat: Repeat | None = None, by: Actor
) -> AddResult:
    """Keep each message verbatim, as one memory; results stand in the order of the messages.

    The texts are embedded together, outside any transaction, then everything is inserted in one.
    An exact repeat of what the same entities already hold is answered with the id it has. The
    same `repeat` within a day answers what it did then; with another body it is a Conflict.
    What the tenant does not store is redacted first, or Invalid. Full where there are too many.
    """
    new, redacted = clean_new(tenant_id, new)
    if repeat and (known := _find_answer(tenant_id, new, repeat, by)):
        return replace(known, redacted=redacted)
    names = new.names and _known_names(tenant_id, new)
    embeddings = embed_texts(
        [message.content for message in new.messages], names, tenant_id=tenant_id
    )
    for _ in range(MOST_RACES):
        with suppress(IntegrityError):  # another request made the same entity or memory first
            return _write(tenant_id, new, redacted, embeddings, repeat, by)
    return _write(tenant_id, new, redacted, embeddings, repeat, by)


@records_refusals(Action.MEMORY_UPDATE, target="memory_id")
def update_memory(
    *,
    tenant_id: UUID,
    memory_id: UUID,
    text: str | None = None,
    metadata: Mapping[str, Any] | None = UNCHANGED,
    categories: Sequence[str] = UNCHANGED,
    created_at: datetime | None = None,
    expires_on: date | None = UNCHANGED,
    by: Actor,
) -> Memory:
    """Change a memory and add a version. A new text is embedded outside the transaction.

    Refuses an immutable memory, one that is superseded, gone or restricted or whose person has
    objected, and a text that the same entities already hold. What the tenant does not store is
    redacted first, or Invalid.
    """
    cleaner = open_cleaner(tenant_id)
    text = cleaner.clean_optional(text, field="text")
    if metadata is not UNCHANGED:
        metadata = cleaner.clean_values(metadata, field="metadata")
    if categories is not UNCHANGED:
        categories = cleaner.clean_values(categories, field="categories")
    owner, embedding = _embed_change(tenant_id, memory_id, text)
    with _refusing_repeats(), tenant_scope(tenant_id, plans_once=True):
        owner = owner or get_owner(memory_id)
        memory = _lock_memory(memory_id, owner, is_rectified=False)
        refuse_final(memory)
        _apply(memory, text, metadata, categories, created_at, expires_on)
        _save_change(memory, embedding)
        facts = count_redacted(cleaner.redacted.values())
        record(Action.MEMORY_UPDATE, by=by, target_id=memory.id, **facts)
        return open_memories([memory], known=[owner])[0]


@records_refusals(Action.MEMORY_RECTIFY, target="memory_id")
def rectify_memory(
    *, tenant_id: UUID, memory_id: UUID, text: str, request_id: UUID, by: Actor
) -> None:
    """Replace a wrong text on the request of the person it is about; the version before stays.

    Passes what else refuses a change: an immutable memory, an objection, a restriction. The event
    names the request, which is the provenance of the new text. What the tenant does not store is
    redacted.
    """
    text = open_cleaner(tenant_id, refuses=False).clean(text, field="text")
    owner, embedding = _embed_change(tenant_id, memory_id, text)
    with _refusing_repeats(), tenant_scope(tenant_id, plans_once=True):
        memory = _lock_memory(memory_id, owner or get_owner(memory_id), is_rectified=True)
        if memory.text == text:  # it was done before, by a worker that died
            return
        _apply(memory, text, UNCHANGED, UNCHANGED, None, UNCHANGED)
        _save_change(memory, embedding)
        record(Action.MEMORY_RECTIFY, by=by, target_id=memory.id, request=request_id)


def _embed_change(
    tenant_id: UUID, memory_id: UUID, text: str | None
) -> tuple[Entity | None, Embedding | None]:
    """The vector of a new text, made outside of any transaction, and whose names it leaves out."""
    if text is None:
        return None, None
    with tenant_scope(tenant_id, plans_once=True):
        owner = get_owner(memory_id)
    [embedding] = embed_texts([text], owner.speakers or [], tenant_id=tenant_id)
    return owner, embedding


def refuse_final(memory: Memory) -> None:
    """Conflict where nobody but the person whom it is about can have the memory changed."""
    if memory.is_immutable:
        raise Conflict("This memory is immutable.")
    if memory.replaced_by_id:
        raise Conflict("Another memory has taken the place of this one.")


@contextmanager
def _refusing_repeats() -> Iterator[None]:
    try:
        yield
    except IntegrityError:
        raise Conflict("The same entities already hold this text.", field="text") from None


def _lock_memory(memory_id: UUID, owner: Entity, *, is_rectified: bool) -> Memory:
    """The live memory, held until the commit, and before it its key, as an erasure does.

    KeyDestroyed if nothing can be written under its key any more. A rectification, which the person
    asks for, passes an objection and a restriction.
    """
    current_ring().load_for_writing([owner.id], even_closed=is_rectified)
    current_ring().entity(owner.id)
    memories = _live_memory_for_update(memory_id=memory_id)
    if not memories:
        raise NotFound("Memory not found!")
    if not is_rectified:
        refuse_restricted(memories[0])
    return memories[0]


def _write(
    tenant_id: UUID,
    new: NewMemories,
    redacted: Mapping[str, int],
    embeddings: Sequence[Embedding],
    repeat: Repeat | None,
    by: Actor,
) -> AddResult:
    with tenant_scope(tenant_id, plans_once=True):
        if repeat and (answer := _read_answer(new, repeat, by)):  # another request was quicker
            return replace(answer, redacted=redacted)
        entities = ensure_entities(new.entity_ids, by=by)
        owner = next(entities[kind] for kind in EntityKind if kind in entities)
        add_speakers(owner, new.names)
        ids = {f"{kind}_id": entity.id for kind, entity in entities.items()}
        now = timezone.now()
        drafts = [
            Draft(_make_memory(message, new, owner, ids, now), embedding)
            for message, embedding in zip(new.messages, embeddings, strict=True)
        ]
        take_room(drafts[0].memory, new=len(drafts))
        inserted = insert_drafts(drafts)
        known = find_repeats(drafts, inserted)
        event = record(
            Action.MEMORY_ADD,
            by=by,
            target_id=owner.id,
            added=len(inserted),
            repeated=len(drafts) - len(inserted),
            **count_redacted(redacted.values()),
        )
        added = [_result(draft, inserted, known) for draft in drafts]
        if repeat:
            job_id = keep_answer(new=new, entities=entities, repeat=repeat, added=added, by=by)
            return AddResult(job_id, added, redacted)
        return AddResult(event.id, added, redacted)


def _make_memory(
    message: NewMessage, new: NewMemories, owner: Entity, ids: Mapping[str, UUID], now: datetime
) -> Memory:
    owners = [ids.get(f"{kind.value}_id") for kind in EntityKind]
    return Memory(
        key_owner_id=owner.id,
        **ids,
        text=message.content,
        metadata=dict(new.metadata) if new.metadata else None,
        categories=list(new.categories) or None,
        speaker=message.name or None,
        role=message.role,
        digest=make_digest(owners, message.name or message.role, message.content),
        created_at=new.created_at,
        updated_at=now,
        expires_on=new.expires_on,
        is_immutable=new.is_immutable,
    )


def _result(draft: Draft, inserted: set[UUID], known: dict[bytes, UUID]) -> Added:
    is_new = draft.memory.id in inserted
    return Added(known[draft.digest], str(draft.memory.text), is_new=is_new)


def _find_answer(tenant_id: UUID, new: NewMemories, repeat: Repeat, by: Actor) -> AddResult | None:
    with tenant_scope(tenant_id, plans_once=True):
        return _read_answer(new, repeat, by)


def _read_answer(new: NewMemories, repeat: Repeat, by: Actor) -> AddResult | None:
    """What an earlier request with this key has answered: the body, and so its texts, is equal."""
    job_id = find_repeated(repeat, by=by)
    if job_id is None:
        return None
    lines = Job.objects.get(id=job_id).results
    return AddResult(
        job_id,
        [
            Added(UUID(line["id"]), message.content, is_new=line["verdict"] == Verdict.NEW)
            for message, line in zip(new.messages, lines, strict=False)
            if "id" in line  # another extractor may have been at work then
        ],
    )


def _known_names(tenant_id: UUID, new: NewMemories) -> list[str]:
    """Whose names are to be left out of what is embedded: all who speak with this owner."""
    with tenant_scope(tenant_id, plans_once=True):
        name = next((kind, new.entity_ids[kind]) for kind in EntityKind if kind in new.entity_ids)
        owner = find_entities([name]).get(name)
        return [*new.names, *((owner.speakers or []) if owner else [])]


def _apply(
    memory: Memory,
    text: str | None,
    metadata: Mapping[str, Any] | None,
    categories: Sequence[str],
    created_at: datetime | None,
    expires_on: date | None,
) -> None:
    if text is not None:
        memory.text = text
        speaker = memory.speaker or memory.role
        memory.digest = make_digest(memory.all_entity_ids, speaker, text)
    if metadata is not UNCHANGED:
        memory.metadata = dict(metadata) if metadata else None
    if categories is not UNCHANGED:
        memory.categories = list(categories) or None
    if metadata is not UNCHANGED or categories is not UNCHANGED:
        memory.marks = list_marks(memory)
    if expires_on is not UNCHANGED:
        memory.expires_on = expires_on
    memory.created_at = created_at or memory.created_at
    memory.updated_at = timezone.now()


def _save_change(memory: Memory, embedding: Embedding | None) -> None:
    [last] = _last_version(memory_id=memory.id)
    _update_memories([memory])
    write_versions([(memory, last.number + 1)], VersionEvent.UPDATE)
    if embedding is None:
        vectors = Vector.objects.filter(id=memory.id)
        vectors.update(created_at=memory.created_at, expires_on=memory.expires_on)
    else:
        _update_vectors([make_vector(memory, embedding, thread=0)])
