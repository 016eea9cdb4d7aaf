"""Two tenants of nobody, in which a proof plants what another tenant must not reach.

They are made once and stand in no list. Their rows go after each proof; their audit trails and
their tenant keys stay, as they do for any tenant.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from apps.audit.actions import Action
from apps.audit.domain import anchoring, record
from apps.audit.domain.checks import start_check
from apps.audit.domain.sealing import seal_tenant
from apps.audit.domain.signing import read_signer
from apps.audit.enums import Place
from apps.audit.models import AuditAnchor, AuditCheck, AuditCheckpoint, SigningKey
from apps.common.actor import Actor
from apps.isolation.models import TenantOwned
from apps.isolation.row_security import list_models
from apps.isolation.scope import tenant_scope
from apps.keys.models import EntityKey, Secret
from apps.keys.ring import create_secret
from apps.memories.domain.deletion import delete_memory
from apps.memories.domain.exports import Wish, request_export
from apps.memories.domain.feedback import give_feedback
from apps.memories.domain.flags import block_id
from apps.memories.domain.jobs import accept_job, cancel_jobs
from apps.memories.domain.memories import add_memories
from apps.memories.domain.projects import configure_project
from apps.memories.domain.queue import take_off
from apps.memories.domain.telling import note_delivery
from apps.memories.domain.values import NewMemories, NewMessage
from apps.memories.domain.webhooks import WebhookValues, create_webhook
from apps.memories.enums import EntityKind, FeedbackVerdict, WebhookEvent
from apps.memories.models import (
    BlockedId,
    Delivery,
    Entity,
    Erasure,
    Feedback,
    Job,
    Memory,
    MemoryExport,
    Message,
    Project,
    Source,
    Vector,
    Version,
    Webhook,
)
from apps.operations.domain.rollups import lock_hour
from apps.operations.models import HourlyCount
from apps.privacy.domain.handling import write_note
from apps.privacy.domain.list_exports import choose_list
from apps.privacy.domain.particulars import Handling, change_handling
from apps.privacy.domain.requests import open_request
from apps.privacy.domain.values import NewRequest
from apps.privacy.enums import RequestKind, Via
from apps.privacy.models import (
    Certificate,
    ListExport,
    Note,
    Particulars,
    Purge,
    Request,
    SubjectCopy,
)
from apps.tenants.domain.tenants import create_canary
from apps.tenants.models import Tenant

NAMES = ("canary-a", "canary-b")
AGENT = "canary"  # of both, so that equal external ids meet
EMPTIED = (  # children first
    Source,
    Message,
    Job,
    Feedback,
    MemoryExport,
    Project,
    Delivery,
    Webhook,
    SubjectCopy,
    Purge,
    ListExport,
    Certificate,
    Note,
    Request,
    Particulars,
    Vector,
    Version,
    Memory,
    Erasure,
    BlockedId,
    Entity,
    EntityKey,
    Secret,
    HourlyCount,
    AuditAnchor,
    AuditCheck,
)

Rows = Mapping[type[TenantOwned], TenantOwned]


@dataclass(frozen=True, slots=True)
class Canary:
    """A canary tenant with the newest row that it has in each table."""

    tenant: Tenant
    rows: Rows

    @property
    def id(self) -> UUID:
        return self.tenant.id

    @property
    def user(self) -> str:
        """The external id that only this one has."""
        return name_user(self.tenant)

    @property
    def text(self) -> str:
        return name_text(self.tenant)

    @property
    def memory(self) -> Memory:
        return cast("Memory", self.rows[Memory])


def ensure_canaries(*, by: Actor) -> list[Tenant]:
    """Both tenants, made where they are missing."""
    known = {tenant.slug: tenant for tenant in Tenant.objects.filter(is_canary=True)}
    return [known.get(f"_{name}") or create_canary(slug=name, by=by) for name in NAMES]


def plant_canary(*, tenant: Tenant, by: Actor) -> Canary:
    """A row in every tenant-owned table, by the domain functions that make them."""
    _delete_one(tenant, by)
    memory_id = _add(tenant, name_text(tenant), by)
    with tenant_scope(tenant.id):
        _plant_job(tenant, memory_id, by)
        create_secret("canary")
        block_id(kind=EntityKind.RUN, external_id="blocked")
        lock_hour(timezone.now())
        record(Action.ISOLATION_PROVE, by=by, details={"canary": tenant.slug})
    _ask(tenant, by)
    _use(tenant, by)
    _seal(tenant, by)  # last of all: it leaves no event unsealed
    with tenant_scope(tenant.id):
        rows = {model: model.objects.order_by("-id").first() for model in list_models()}
    return Canary(tenant, {model: row for model, row in rows.items() if row is not None})


def empty_canaries(*, tenants: Iterable[Tenant], by: Actor) -> None:
    """Remove whatever a proof has left, a killed one too."""
    for tenant in tenants:
        with tenant_scope(tenant.id):
            take_off(Job.objects.values_list("id", flat=True))
            deleted = Memory.objects.live().count()
            for model in EMPTIED:
                model.objects.all().delete()
            if deleted:
                record(Action.MEMORY_DELETE, by=by, deleted=deleted)


def name_user(tenant: Tenant) -> str:
    return f"user of {tenant.slug}"


def name_text(tenant: Tenant) -> str:
    return f"This text of {tenant.slug} is nobody's and must not be found."


def _ask(tenant: Tenant, by: Actor) -> None:
    """A request of the user, with what can hang on one."""
    new = NewRequest(
        kind=RequestKind.ACCESS,
        subject_kind=EntityKind.USER,
        subject_name=name_user(tenant),
        via=Via.OPERATOR,
    )
    request, _ = open_request(tenant_id=tenant.id, new=new, by=by)
    write_note(tenant_id=tenant.id, request_id=request.id, text=name_text(tenant), by=by)
    with tenant_scope(tenant.id):
        change_handling(handling=Handling(), by=by)
        now = timezone.now()
        SubjectCopy.objects.create(request=request, file_key="none", created_at=now, expires_at=now)
        Certificate.objects.create(request=request, number=1, document={}, issued_at=timezone.now())
        Purge.objects.create(
            subject_kind=EntityKind.USER,
            subject_id=request.subject_id,
            created_at=now,
        )
        choose_list(Memory.objects.all(), by=by)


def _use(tenant: Tenant, by: Actor) -> None:
    """What applications leave besides memories."""
    with tenant_scope(tenant.id):
        memory_id = Memory.objects.live().values_list("id", flat=True).order_by("-id")[0]
    verdict = FeedbackVerdict.POSITIVE
    give_feedback(tenant_id=tenant.id, memory_id=memory_id, verdict=verdict, reason=None, by=by)
    wish = Wish({"properties": {"memories": {}}}, {"user_id": name_user(tenant)})
    request_export(tenant_id=tenant.id, wish=wish, by=by)
    configure_project(tenant_id=tenant.id, values={"description": tenant.slug}, by=by)
    hook = WebhookValues(
        name=tenant.slug,
        url="https://canary.invalid/",
        event_types=(WebhookEvent.MEMORY_ADD,),
        is_active=False,
    )
    created = create_webhook(tenant_id=tenant.id, values=hook, by=by)
    with tenant_scope(tenant.id):
        memory = Memory.objects.get(id=memory_id)
        note_delivery(hook=created, event=WebhookEvent.MEMORY_ADD, about=memory).save()


def _seal(tenant: Tenant, by: Actor) -> None:
    """Leave nothing to the sealer, nor to what anchors: they would change rows during the proof."""
    with tenant_scope(tenant.id):
        start_check(by=by)
        if not SigningKey.objects.exists():
            SigningKey.objects.create(number=1, created_at=timezone.now())
    seal_tenant(tenant_id=tenant.id, signer=read_signer(by=by), by=by)
    with tenant_scope(tenant.id):
        newest = AuditCheckpoint.objects.latest("number")
    anchoring.note_anchored([newest], Place.FILE)
    anchoring.clear_waiting([newest])


def _delete_one(tenant: Tenant, by: Actor) -> None:
    """What a deleted memory leaves behind: a version without text, a line of the journal."""
    memory_id = _add(tenant, "This text is deleted at once.", by)
    delete_memory(tenant_id=tenant.id, memory_id=memory_id, by=by)


def _add(tenant: Tenant, text: str, by: Actor) -> UUID:
    [added] = add_memories(tenant_id=tenant.id, new=_make_new(tenant, text), by=by).added
    return added.memory_id


def _plant_job(tenant: Tenant, memory_id: UUID, by: Actor) -> None:
    """One that has ended before a worker can see it, with all that can hang on one."""
    job_id = accept_job(tenant_id=tenant.id, new=_make_new(tenant, name_text(tenant)), by=by)
    message = Message.objects.get(job=job_id)
    Source.objects.create(memory_id=memory_id, message_id=message.id)
    cancel_jobs(Q(id=job_id), by=by)
    job = Job.objects.get(id=job_id)
    job.summary = name_text(tenant)
    job.save(update_fields=["summary"])


def _make_new(tenant: Tenant, text: str) -> NewMemories:
    return NewMemories(
        messages=[NewMessage(text)],
        entity_ids={EntityKind.USER: name_user(tenant), EntityKind.AGENT: AGENT},
        created_at=timezone.now(),
    )
