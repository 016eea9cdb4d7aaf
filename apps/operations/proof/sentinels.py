"""Planting a random word in every place of a canary tenant where text can enter."""

import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import numpy as np
from django.conf import settings
from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from apps.audit.actions import Action
from apps.audit.domain import record
from apps.common.actor import Actor
from apps.isolation.scope import tenant_scope
from apps.keys.queries import with_keys
from apps.memories.domain.entities import describe_entity
from apps.memories.domain.exports import Wish, request_export
from apps.memories.domain.feedback import give_feedback
from apps.memories.domain.jobs import accept_job, cancel_jobs
from apps.memories.domain.journal import prepare_journal
from apps.memories.domain.memories import add_memories, update_memory
from apps.memories.domain.search import search_memories
from apps.memories.domain.telling import note_delivery
from apps.memories.domain.values import Guidance, NewMemories, NewMessage, Repeat
from apps.memories.domain.webhooks import WebhookValues, create_webhook
from apps.memories.enums import EntityKind, FeedbackVerdict, WebhookEvent
from apps.memories.filters import parse_filters
from apps.memories.models import Entity, Job, Memory, MemoryExport, Message, Source, Vector
from apps.operations.domain.canaries import EMPTIED
from apps.privacy.domain.handling import write_note
from apps.privacy.domain.list_exports import choose_list, run_list_export, start_list_export
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
    user: str
    ids: tuple[str, ...]
    """Whatever a route may be asked with: of rows, and the application's own."""
    by: Actor


def make_word() -> str:
    return f"zq{secrets.token_hex(12)}"


def plant(*, tenant: Tenant, by: Actor) -> Planted:
    """Rows by the domain functions that make them, where that calls no other host than usual."""
    word, control = make_word(), make_word()
    memory_id = _write(tenant, word, by)
    _use(tenant, word, memory_id, by)
    _ask(tenant, word, by)
    prepare_journal()
    with tenant_scope(tenant.id):
        entity = Entity.objects.get(kind=EntityKind.USER)
        record(
            Action.ISOLATION_PROVE,
            by=by,
            target_id=entity.id,
            entity_id=entity.id,
            details={"said": word},
        )
        job_id = _plant_job(tenant, memory_id, word, by)
        request = _fill_request(word)
        Certificate.objects.create(
            request=request, number=1, document={"said": control}, issued_at=timezone.now()
        )
        as_text = Vector.objects.annotate(as_text=Cast("embedding", TextField()))
        vector = as_text.get(id=memory_id)
        ids = (
            memory_id,
            job_id,
            entity.id,
            request.id,
            *MemoryExport.objects.values_list("id", flat=True),
        )
    raw = np.asarray(vector.embedding, dtype="<f2").tobytes()[:VECTOR_BYTES]
    user = f"{word}user"
    return Planted(
        tenant_id=tenant.id,
        word=word,
        control=control,
        entity_id=entity.id,
        vector=raw,
        vector_text=vector.as_text[:HEAD],
        user=user,
        ids=(*map(str, ids), user),
        by=by,
    )


def remove_control(planted: Planted) -> None:
    with tenant_scope(planted.tenant_id):
        Certificate.objects.filter(document__said=planted.control).delete()


def clear(tenant: Tenant) -> None:
    """Whatever an earlier proof has left, a killed one too."""
    with tenant_scope(tenant.id):
        for model in EMPTIED:
            model.objects.all().delete()
    shutil.rmtree(Path(settings.EXPORTS_DIR) / str(tenant.id), ignore_errors=True)


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
    """A copy is written, an export of a list, and a note."""
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
    with tenant_scope(tenant.id):
        export = choose_list(Memory.objects.all(), by=by)
    start_list_export(tenant_id=tenant.id, export_id=export.id, by=by)
    while run_list_export(tenant_id=tenant.id, export_id=export.id, by=by):
        pass


def _plant_job(tenant: Tenant, memory_id: UUID, word: str, by: Actor) -> UUID:
    """One that has ended before a worker can see it, with a message that a memory came out of."""
    new = NewMemories(
        messages=[NewMessage(word, name=word)],
        entity_ids={EntityKind.USER: f"{word}user"},
        created_at=timezone.now(),
        metadata={word: word},
        guidance=Guidance(instructions=word),
    )
    repeat = Repeat(key=word, body=word.encode())
    job_id = accept_job(tenant_id=tenant.id, new=new, repeat=repeat, by=by)
    message = Message.objects.get(job=job_id)
    [memory] = with_keys(Memory.objects.filter(id=memory_id))
    Source.objects.create(memory=memory, message=message)
    cancel_jobs(Q(id=job_id), by=by)
    memory.inferred = {"said": word}
    memory.save(update_fields=["inferred"])
    [job] = with_keys(Job.objects.filter(id=job_id))
    job.summary = word
    job.save(update_fields=["summary"])
    _plant_delivery(tenant, memory, by)
    return job_id


def _plant_delivery(tenant: Tenant, memory: Memory, by: Actor) -> None:
    """A webhook's own name and address are the tenant's, and not about anybody."""
    event = WebhookEvent.MEMORY_ADD
    values = WebhookValues(
        name="proof", url="https://proof.invalid/", event_types=(event,), is_active=False
    )
    hook = create_webhook(tenant_id=tenant.id, values=values, by=by)
    note_delivery(hook=hook, event=event, about=memory).save()


def _fill_request(word: str) -> Request:
    """What an operator or an application may have written into one, whatever its kind."""
    [request] = with_keys(Request.objects.order_by("id")[:1], owner="subject_id")
    request.subject_name = request.explanation = word
    request.corrections = [{"text": word}]
    request.redactions = {"passages": [word]}
    request.save()
    return request
