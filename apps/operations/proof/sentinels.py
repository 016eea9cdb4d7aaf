"""Planting a random word in every place of a canary tenant where text can enter."""

import secrets
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from django.db.models import TextField
from django.db.models.functions import Cast
from django.utils import timezone

from apps.audit.actions import Action
from apps.audit.domain import record
from apps.common.actor import Actor
from apps.isolation.scope import tenant_scope
from apps.memories.domain.entities import describe_entity
from apps.memories.domain.exports import Wish, request_export
from apps.memories.domain.feedback import give_feedback
from apps.memories.domain.memories import add_memories, update_memory
from apps.memories.domain.search import search_memories
from apps.memories.domain.values import NewMemories, NewMessage
from apps.memories.enums import EntityKind, FeedbackVerdict, JobState
from apps.memories.filters import parse_filters
from apps.memories.models import Entity, Job, Memory, Message, Source, Vector
from apps.operations.domain.canaries import EMPTIED
from apps.privacy.domain.handling import write_note
from apps.privacy.domain.requests import open_request
from apps.privacy.domain.values import NewRequest
from apps.privacy.domain.work import run_request
from apps.privacy.enums import RequestKind, Via
from apps.privacy.models import Certificate, Request
from apps.tenants.models import Tenant

VECTOR_BYTES = 64
HEAD = 40  # characters of a vector as text


@dataclass(frozen=True, slots=True)
class Planted:
    """What to look for. The control stands in the open, to show that the scan finds it."""

    tenant_id: UUID
    word: str
    control: str
    entity_id: UUID
    vector: bytes
    vector_text: str


def make_word() -> str:
    return f"zq{secrets.token_hex(12)}"


def plant(*, tenant: Tenant, by: Actor) -> Planted:
    """Rows by the domain functions that make them, where that calls no other host than usual."""
    word, control = make_word(), make_word()
    memory_id = _write(tenant, word, by)
    _use(tenant, word, memory_id, by)
    _ask(tenant, word, by)
    with tenant_scope(tenant.id):
        entity = Entity.objects.get(kind=EntityKind.USER)
        record(
            Action.ISOLATION_PROVE,
            by=by,
            target_id=entity.id,
            entity_id=entity.id,
            details={"said": word},
        )
        _plant_job(entity, memory_id, word)
        request = Request.objects.order_by("id")[0]
        Certificate.objects.create(
            request=request, number=1, document={"said": control}, issued_at=timezone.now()
        )
        as_text = Vector.objects.annotate(as_text=Cast("embedding", TextField()))
        vector = as_text.get(id=memory_id)
    raw = np.asarray(vector.embedding, dtype="<f2").tobytes()[:VECTOR_BYTES]
    return Planted(tenant.id, word, control, entity.id, raw, vector.as_text[:HEAD])


def remove_control(planted: Planted) -> None:
    with tenant_scope(planted.tenant_id):
        Certificate.objects.filter(document__said=planted.control).delete()


def clear(tenant: Tenant) -> None:
    """Whatever an earlier proof has left, a killed one too."""
    with tenant_scope(tenant.id):
        for model in EMPTIED:
            model.objects.all().delete()


def _write(tenant: Tenant, word: str, by: Actor) -> UUID:
    """Answers a memory whose vector stays as it is; another is changed."""
    entity_ids = {kind: f"proof of {kind}" for kind in EntityKind} | {
        EntityKind.USER: f"{word}user"
    }
    messages = [NewMessage(f"{word} {number}", name=f"{word}name") for number in ("one", "two")]
    new = NewMemories(
        messages=messages,
        entity_ids=entity_ids,
        created_at=timezone.now(),
        metadata={word: [word]},
        categories=[word],
    )
    first, second = add_memories(tenant_id=tenant.id, new=new, by=by).added
    update_memory(
        tenant_id=tenant.id,
        memory_id=second.memory_id,
        text=f"{word} three",
        metadata={word: word},
        by=by,
    )
    return first.memory_id


def _use(tenant: Tenant, word: str, memory_id: UUID, by: Actor) -> None:
    user = f"{word}user"
    about = {"name": word, "metadata": {word: word}}
    kind = EntityKind.USER
    describe_entity(tenant_id=tenant.id, kind=kind, external_id=user, about=about, by=by)
    negative = FeedbackVerdict.NEGATIVE
    give_feedback(tenant_id=tenant.id, memory_id=memory_id, verdict=negative, reason=word, by=by)
    wish = Wish({"properties": {word: {"type": "string"}}}, {"user_id": user}, word)
    request_export(tenant_id=tenant.id, wish=wish, by=by)
    search_memories(tenant_id=tenant.id, query=word, filters=parse_filters({"user_id": user}))


def _ask(tenant: Tenant, word: str, by: Actor) -> None:
    """A copy is written, and a note."""
    new = NewRequest(
        kind=RequestKind.ACCESS,
        subject_kind=EntityKind.USER,
        subject_name=f"{word}user",
        via=Via.COMMAND,
        reference=word,
        repeat_key=word,
    )
    request, _ = open_request(tenant_id=tenant.id, new=new, by=by)
    write_note(tenant_id=tenant.id, request_id=request.id, text=word, by=by)
    while run_request(tenant_id=tenant.id, request_id=request.id, by=by):
        pass


def _plant_job(entity: Entity, memory_id: UUID, word: str) -> None:
    """One that has ended: no worker takes it up, and no model is asked."""
    memory, now = Memory.objects.get(id=memory_id), timezone.now()
    job = Job.objects.create(
        key_owner_id=entity.id,
        **dict(
            zip(("user_id", "agent_id", "app_id", "run_id"), memory.all_entity_ids, strict=True)
        ),
        state=JobState.SUCCEEDED,
        request={"metadata": {word: word}, "instructions": word},
        said_at=now,
        actor_kind="system",
        total=1,
        done=1,
        created_at=now,
        updated_at=now,
        ended_at=now,
    )
    message = Message.objects.create(
        job=job, key_owner_id=entity.id, number=0, role="user", name=word, content=word
    )
    Source.objects.create(memory=memory, message=message)
