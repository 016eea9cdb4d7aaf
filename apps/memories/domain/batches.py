"""Changing or deleting several memories at once: all of them or none."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.db.models import Max
from django.utils import timezone

from apps.audit.actions import Action
from apps.audit.domain import record, records_refusals
from apps.common.actor import Actor
from apps.common.errors import Conflict, NotFound
from apps.isolation.scope import tenant_scope
from apps.isolation.writes import Update
from apps.keys.ring import current_ring
from apps.memories.domain.deletion import destroy, lock_deletable
from apps.memories.domain.drafts import make_digest, write_versions
from apps.memories.domain.hygiene import open_cleaner
from apps.memories.domain.journal import prepare_journal
from apps.memories.domain.memories import refuse_final
from apps.memories.domain.vectors import embed_texts, make_vector
from apps.memories.embedders import Vector as Embedding
from apps.memories.enums import VersionEvent
from apps.memories.flags import mark_flagged
from apps.memories.hygiene.cleaning import Cleaner
from apps.memories.matching import list_marks
from apps.memories.models import Memory, Vector, Version
from apps.memories.queries.entities import read_entities
from apps.memories.queries.memories import RESTRICTED, refuse_restricted

_update_memories = Update(Memory, fields=("text", "metadata", "digest", "marks", "updated_at"))
_update_vectors = Update(Vector, fields=("model", "embedding", "terms", "length"))


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one memory. What is None stays."""

    memory_id: UUID
    text: str | None = None
    metadata: Mapping[str, Any] | None = None


@records_refusals(Action.MEMORY_UPDATE)
def update_memories(*, tenant_id: UUID, changes: Sequence[Change], by: Actor) -> int:
    """Change each memory and add its version; answers how many. Texts are embedded outside.

    Refuses all of them where one is immutable, superseded, restricted or gone, or gets a text that
    its entities hold. What the tenant does not store is redacted first, or Invalid.
    """
    cleaner = open_cleaner(tenant_id)
    by_id = {change.memory_id: _clean(change, cleaner) for change in changes}
    with tenant_scope(tenant_id):
        names = _list_names(by_id)
    embeddings = _embed(tenant_id, by_id.values(), names)
    try:
        with tenant_scope(tenant_id):
            _apply(by_id, embeddings)
            for memory_id in by_id:
                record(Action.MEMORY_UPDATE, by=by, target_id=memory_id)
    except IntegrityError:
        raise Conflict("The same entities already hold this text.", field="text") from None
    return len(by_id)


@records_refusals(Action.MEMORY_DELETE)
def delete_batch(*, tenant_id: UUID, memory_ids: Sequence[UUID], by: Actor) -> int:
    """Destroy the text of each; answers how many. NotFound, and nothing done, if one is gone."""
    ids = sorted(set(memory_ids))
    prepare_journal()
    with tenant_scope(tenant_id):
        if len(lock_deletable(Memory.objects.live().filter(id__in=ids))) < len(ids):
            raise NotFound("Memory not found!")
        destroy(ids)
        record(Action.MEMORY_DELETE, by=by, deleted=len(ids))
    return len(ids)


def _clean(change: Change, cleaner: Cleaner) -> Change:
    return replace(
        change,
        text=cleaner.clean_optional(change.text, field="text"),
        metadata=cleaner.clean_values(change.metadata, field="metadata"),
    )


def _embed(
    tenant_id: UUID, changes: Iterable[Change], names: Mapping[UUID, tuple[str, ...]]
) -> dict[UUID, Embedding]:
    """One call for all memories whose owners have the same speakers."""
    together: dict[tuple[str, ...], dict[UUID, str]] = {}
    for change in changes:
        if change.text is not None:
            together.setdefault(names[change.memory_id], {})[change.memory_id] = change.text
    embeddings: dict[UUID, Embedding] = {}
    for speakers, texts in together.items():
        vectors = embed_texts(list(texts.values()), speakers, tenant_id=tenant_id)
        embeddings |= dict(zip(texts, vectors, strict=True))
    return embeddings


def _list_names(changes: Mapping[UUID, Change]) -> dict[UUID, tuple[str, ...]]:
    """Who speaks with the owner of each memory; NotFound if one is gone."""
    rows = Memory.objects.live().filter(id__in=changes).values_list("id", "key_owner_id")
    owners = dict(rows)
    entities = read_entities(set(owners.values()))
    speakers = {owner.id: tuple(owner.speakers or ()) for owner in entities}
    if len(owners) < len(changes):
        raise NotFound("Memory not found!")
    return {memory_id: speakers.get(owner_id, ()) for memory_id, owner_id in owners.items()}


def _apply(changes: Mapping[UUID, Change], embeddings: Mapping[UUID, Embedding]) -> None:
    memories = _lock(changes)
    numbers = dict(
        Version.objects.filter(memory__in=changes).values_list("memory").annotate(Max("number"))
    )
    for memory in memories:
        _change(memory, changes[memory.id])
    _update_memories(memories)
    numbered = [(memory, numbers[memory.id] + 1) for memory in memories]
    write_versions(numbered, VersionEvent.UPDATE)
    _update_vectors(
        [
            make_vector(memory, embeddings[memory.id], thread=0)
            for memory in memories
            if memory.id in embeddings
        ]
    )


def _lock(changes: Mapping[UUID, Change]) -> list[Memory]:
    """The live memories, held until the commit, and before them their keys, as an erasure does."""
    rows = Memory.objects.live().filter(id__in=changes)
    owner_ids = set(rows.values_list("key_owner_id", flat=True))
    current_ring().load_for_writing(sorted(owner_ids))
    for owner_id in owner_ids:
        current_ring().entity(owner_id)
    held = rows.order_by("id").select_for_update()
    memories = list(mark_flagged(held, is_restricted=RESTRICTED))
    if len(memories) < len(changes):
        raise NotFound("Memory not found!")
    return memories


def _change(memory: Memory, change: Change) -> None:
    refuse_restricted(memory)
    refuse_final(memory)
    if change.text is not None:
        memory.text = change.text
        speaker = memory.speaker or memory.role
        memory.digest = make_digest(memory.all_entity_ids, speaker, change.text)
    if change.metadata is not None:
        memory.metadata = dict(change.metadata) or None
        memory.marks = list_marks(memory)
    memory.updated_at = timezone.now()
