"""A person with many memories, planted without an embedder."""

import numpy as np

from apps.isolation.scope import tenant_scope
from apps.isolation.writes import Insert
from apps.memories.domain.embedding_models import current_model_id
from apps.memories.domain.memories import make_digest
from apps.memories.models import Memory, Vector, Version
from apps.memories.queries.entities import find_entities
from tests.support.kernel import SAID_AT, add

BATCH = 1_000


def plant_person(tenant, name="ada", *, count):
    """`count` memories in all, each with a version and a vector."""
    add(tenant, "number 0", user=name)
    with tenant_scope(tenant.id):
        [person] = find_entities([("user", name)]).values()
    for start in range(1, count, BATCH):
        with tenant_scope(tenant.id):
            numbers = range(start, min(start + BATCH, count))
            _plant([_make(person.id, number) for number in numbers])
    return person.id


def _make(owner, number):
    text = f"number {number}"
    return Memory(
        key_owner_id=owner,
        user_id=owner,
        text=text,
        metadata={"number": number},
        role="user",
        digest=make_digest([owner], "user", text),
        created_at=SAID_AT,
        updated_at=SAID_AT,
    )


def _plant(memories):
    Insert(Memory)(memories)
    versions = [
        Version(
            memory_id=one.id,
            key_owner_id=one.key_owner_id,
            number=1,
            event="ADD",
            text=one.text,
            metadata=one.metadata,
            created_at=SAID_AT,
        )
        for one in memories
    ]
    Insert(Version)(versions)
    embedding = np.full(384, 0.05, dtype=np.float32)
    vectors = [
        Vector(
            id=one.id,
            key_owner_id=one.key_owner_id,
            user_id=one.user_id,
            created_at=SAID_AT,
            model_id=current_model_id(),
            embedding=embedding,
            terms={1: 1},
            length=2,
            thread=1,
        )
        for one in memories
    ]
    Insert(Vector)(vectors)
