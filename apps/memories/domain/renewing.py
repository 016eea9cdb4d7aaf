"""Making vectors anew after the embedding model has changed, some memories at a time.

A row for each tenant says how far it is, and changes in the transaction that writes the vectors: a
worker that is killed has done a step or not. Meanwhile a memory is found by its words.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from apps.audit.actions import Action
from apps.audit.domain import record
from apps.common.actor import Actor
from apps.common.errors import Unavailable
from apps.common.sending import send
from apps.isolation.scope import tenant_scope
from apps.isolation.writes import Update
from apps.keys.queries import with_keys
from apps.memories.domain.embedding_models import current_model_id
from apps.memories.domain.vectors import embed_texts
from apps.memories.embedders import Vector as Embedding
from apps.memories.models import Memory, Renewal, Vector
from apps.memories.queries.entities import read_entities
from apps.tenants.models import Tenant

AT_ONCE = 64  # memories a step
LEASE = timedelta(seconds=120)  # beyond the longest that an embedding host may take for a step
PAUSE = timedelta(seconds=60)  # after a host did not answer, or where another model is set here
TASK = "memories.renew_vectors"

_update_vectors = Update(Vector, fields=("model", "embedding"))


@dataclass(frozen=True, slots=True)
class _Step:
    lease: UUID
    ids: Sequence[UUID]
    memories: Sequence[Memory]  # open, those of the ids that can be read
    names: Mapping[UUID, tuple[str, ...]]  # who speaks, by key owner


def plan_renewals(*, tenant_ids: Iterable[UUID] | None = None, by: Actor) -> int:
    """Have the workers renew what another model has made, of all tenants unless some are named.

    Answers for how many tenants there is something to do. What is under way goes on. Counts the
    vectors of each tenant.
    """
    if tenant_ids is None:
        tenant_ids = Tenant.objects.listed().values_list("id", flat=True)
    planned = [tenant_id for tenant_id in tenant_ids if _plan(tenant_id, by)]
    for tenant_id in planned:
        send(TASK, tenant_id=tenant_id)
    return len(planned)


def renew_some(*, tenant_id: UUID) -> bool:
    """The next step for a tenant; False where there was none to take now. Outside scopes.

    What could not be read, or has been changed meanwhile, is counted as skipped. Where the
    embedder fails it is tried again after PAUSE.
    """
    lease = _take(tenant_id)
    if lease is None:
        return False
    step = _read(tenant_id, lease)
    try:
        embeddings = _embed(tenant_id, step)
    except Unavailable:
        _let_go(tenant_id, lease, has_failed=True)
        return False
    if not _write(tenant_id, step, embeddings):
        return False
    if step.ids:
        send(TASK, tenant_id=tenant_id)
    return True


def sweep_renewals() -> int:
    """Send what is due once more; answers how many. Call outside any scope."""
    due = Renewal.objects.filter(due_at__lte=timezone.now()).order_by("due_at")
    return sum(send(TASK, tenant_id=row.tenant_id) for row in due)


def _plan(tenant_id: UUID, by: Actor) -> bool:
    model_id, now = current_model_id(), timezone.now()
    with tenant_scope(tenant_id):
        row = Renewal.objects.select_for_update().filter(tenant_id=tenant_id).first()
        if row and row.model_id == model_id and row.ended_at is None:
            return True
        total = Vector.objects.exclude(model=model_id).count()
        if not total:
            Renewal.objects.filter(tenant_id=tenant_id, ended_at=None).update(
                due_at=None, ended_at=now
            )
            return False
        fresh = Renewal(
            tenant_id=tenant_id, model_id=model_id, total=total, due_at=now, started_at=now
        )
        fresh.save(force_insert=row is None, force_update=row is not None)
        record(Action.VECTORS_RENEW, by=by, target_id=tenant_id, count=total)
        return True


@transaction.atomic
def _take(tenant_id: UUID) -> UUID | None:
    """A lease, unless another worker has one; none where this process uses another model."""
    now = timezone.now()
    row = Renewal.objects.select_for_update().filter(tenant_id=tenant_id, ended_at=None).first()
    if row is None or row.due_at is None or (row.lease and row.due_at > now):
        return None
    if row.model_id != current_model_id():
        Renewal.objects.filter(tenant_id=tenant_id).update(due_at=now + PAUSE)
        return None
    row.lease, row.due_at = uuid4(), now + LEASE
    row.save(update_fields=["lease", "due_at"])
    return row.lease


def _let_go(tenant_id: UUID, lease: UUID, *, has_failed: bool) -> None:
    rows = Renewal.objects.filter(tenant_id=tenant_id, lease=lease)
    rows.update(lease=None, has_failed=has_failed, due_at=timezone.now() + PAUSE)


def _read(tenant_id: UUID, lease: UUID) -> _Step:
    with tenant_scope(tenant_id):
        after = Renewal.objects.values_list("after", flat=True).get(tenant_id=tenant_id)
        rows = Vector.objects.exclude(model=current_model_id())
        rows = rows.filter(id__gt=after) if after else rows
        ids = list(rows.order_by("id").values_list("id", flat=True)[:AT_ONCE])
        memories = list(with_keys(Memory.objects.live().filter(id__in=ids)))
        readable = [memory for memory in memories if memory.text is not None]
        owners = read_entities({memory.key_owner_id for memory in readable}) if readable else []
        names = {owner.id: tuple(owner.speakers or ()) for owner in owners}
        return _Step(lease, ids, readable, names)


def _embed(tenant_id: UUID, step: _Step) -> dict[UUID, Embedding]:
    """One call for all whose owners have the same speakers."""
    together: dict[tuple[str, ...], dict[UUID, str]] = {}
    for memory in step.memories:
        names = step.names.get(memory.key_owner_id, ())
        together.setdefault(names, {})[memory.id] = str(memory.text)
    made: dict[UUID, Embedding] = {}
    for names, texts in together.items():
        vectors = embed_texts(list(texts.values()), names, tenant_id=tenant_id)
        made |= dict(zip(texts, vectors, strict=True))
    return made


def _write(tenant_id: UUID, step: _Step, embeddings: Mapping[UUID, Embedding]) -> bool:
    """The vectors, and how far the tenant is, together; False where the lease is lost.

    A text that was changed since it was read has a vector of its own.
    """
    seen = {memory.id: memory.updated_at for memory in step.memories}
    with tenant_scope(tenant_id):
        held = Memory.objects.live().filter(id__in=seen).order_by("id").select_for_update()
        now_there = dict(held.values_list("id", "updated_at"))
        fit = [each for each in now_there if now_there[each] == seen[each]]
        rows = Renewal.objects.filter(tenant_id=tenant_id, lease=step.lease)
        if not _advance(rows, step.ids, len(fit)):
            return False
        model_id = current_model_id()
        _update_vectors(
            [Vector(id=each, model_id=model_id, embedding=embeddings[each]) for each in fit]
        )
    return True


def _advance(rows: "QuerySet[Renewal]", ids: Sequence[UUID], done: int) -> int:
    now = timezone.now()
    if not ids:
        return rows.update(lease=None, has_failed=False, due_at=None, ended_at=now)
    return rows.update(
        lease=None,
        has_failed=False,
        due_at=now,
        after=ids[-1],
        done=F("done") + done,
        skipped=F("skipped") + len(ids) - done,
    )
