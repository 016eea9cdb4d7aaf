"""Memories on their way into the database, each with its vector. Needs an open scope."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError

from apps.isolation.writes import Insert
from apps.keys.tokens import make_token
from apps.memories.domain.telling import Numbered, tell_of_memories
from apps.memories.domain.vectors import make_thread, make_vector
from apps.memories.embedders import Vector as Embedding
from apps.memories.enums import VersionEvent, WebhookEvent
from apps.memories.matching import list_marks
from apps.memories.models import Memory, Vector, Version
from apps.memories.usage import Use, count_use

_insert_versions = Insert(Version)
_insert_memories = Insert(Memory, unique=("tenant_id", "digest"))
_insert_vectors = Insert(Vector)
TOLD = {
    VersionEvent.ADD: WebhookEvent.MEMORY_ADD,
    VersionEvent.UPDATE: WebhookEvent.MEMORY_UPDATE,
}


@dataclass(slots=True)
class Draft:
    """What becomes a memory unless it repeats one."""

    memory: Memory
    embedding: Embedding

    @property
    def digest(self) -> bytes:
        assert self.memory.digest is not None
        return bytes(self.memory.digest)


def insert_drafts(drafts: Sequence[Draft], conversation_id: UUID | None = None) -> set[UUID]:
    """Store those that repeat nothing, neither among them nor before; answers their ids.

    Their conversation is that of their run, else the given one, else their own.
    """
    first = {draft.digest: draft.memory for draft in reversed(drafts)}
    for memory in first.values():
        memory.marks = list_marks(memory)
    # Two adds of the same texts wait for each other's digests: in one order they can't deadlock.
    inserted = _insert_memories([first[digest] for digest in sorted(first)])
    fresh = [draft for draft in drafts if draft.memory.id in inserted]
    if fresh:
        start = fresh[0].memory
        thread = make_thread(start.key_owner_id, start.run_id or conversation_id or start.id)
        write_versions([(draft.memory, 1) for draft in fresh], VersionEvent.ADD)
        _insert_vectors([make_vector(draft.memory, draft.embedding, thread) for draft in fresh])
    count_use(Use.ADDS, len(fresh))
    return inserted


def find_repeats(drafts: Sequence[Draft], inserted: set[UUID]) -> dict[bytes, UUID]:
    """The ids of the memories that drafts became or repeat, by digest.

    IntegrityError where one was deleted in between: do all of it again.
    """
    known = {draft.digest: draft.memory.id for draft in drafts if draft.memory.id in inserted}
    unknown = {draft.digest for draft in drafts} - known.keys()
    if unknown:
        rows = Memory.objects.filter(digest__in=unknown).values_list("digest", "id")
        known |= {bytes(digest): memory_id for digest, memory_id in rows}
        if unknown - known.keys():
            raise IntegrityError("A memory was deleted while it was being repeated.")
    return known


def make_digest(new_ids: Iterable[UUID | None], speaker: str, text: str) -> bytes:
    """Equal for exact repeats: the same text by the same speaker under the same entities."""
    owners = b"".join(entity_id.bytes if entity_id else bytes(16) for entity_id in new_ids)
    return make_token("repeat", owners, speaker.encode(), text.encode())


def write_versions(numbered: Sequence[Numbered], event: VersionEvent) -> None:
    """Keep the state of each memory under this number, and let webhooks be told."""
    _insert_versions([_make_version(memory, number, event) for memory, number in numbered])
    tell_of_memories(TOLD[event], numbered)


def _make_version(memory: Memory, number: int, event: VersionEvent) -> Version:
    return Version(
        memory_id=memory.id,
        key_owner_id=memory.key_owner_id,
        number=number,
        event=event,
        text=memory.text,
        metadata=memory.metadata,
        created_at=memory.updated_at,
    )
