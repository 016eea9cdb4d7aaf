"""Erasing once more, after a restore, what was erased since the backup: by the journal's hashes."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db.models import Q

from apps.audit.actions import Action
from apps.audit.domain import record
from apps.common.actor import Actor
from apps.isolation.scope import INSTANCE_TENANT_ID, tenant_scope
from apps.memories.domain.deletion import destroy
from apps.memories.domain.flags import lift_flag
from apps.memories.domain.jobs import cancel_jobs, destroy_unused_messages
from apps.memories.domain.journal import Erased, make_digests, prepare_journal
from apps.memories.domain.journal_file import read_journal
from apps.memories.enums import EntityFlag
from apps.memories.models import Entity, Job, Memory, Message
from apps.operations.domain.restoring import end_waiting
from apps.privacy.domain.list_exports import drop_list_exports
from apps.privacy.domain.orders import erase_again, erase_tenant_again
from apps.tenants.models import Tenant

CHUNK = 1_000


@dataclass(slots=True)
class Replay:
    entities: int = 0
    memories: int = 0
    jobs: int = 0
    messages: int = 0
    tenants: int = 0


def replay_erasures(*, journal: Path | None = None, by: Actor) -> Replay:
    """Hold every row against the journal, and erase what stands in it; then the database may serve.

    Invalid for a journal that can't be read. Can be repeated. Call outside any scope.
    """
    digests = read_journal(journal)
    prepare_journal()
    replay = Replay()
    for tenant_id in Tenant.objects.values_list("id", flat=True):
        if _is_erased(tenant_id, digests):
            erase_tenant_again(tenant_id=tenant_id, by=by)
            replay.tenants += 1
            continue
        _replay_tenant(tenant_id, digests, replay, by)
    with tenant_scope(INSTANCE_TENANT_ID):
        record(Action.BACKUP_REPLAY, by=by, count=replay.entities + replay.memories)
    end_waiting()
    return replay


def _is_erased(tenant_id: UUID, digests: set[bytes]) -> bool:
    with tenant_scope(tenant_id):
        return any(one in digests for one in make_digests(Erased.TENANT, [tenant_id]))


def _replay_tenant(tenant_id: UUID, digests: set[bytes], replay: Replay, by: Actor) -> None:
    """Entities first: with each goes what hangs on it."""
    with tenant_scope(tenant_id):
        entities = _find(Erased.ENTITY, Entity.objects.all(), digests)
        for entity_id in entities:
            lift_flag(entity_id=entity_id, flag=EntityFlag.HELD, by=by)
    for entity_id in entities:
        erase_again(tenant_id=tenant_id, entity_id=entity_id, by=by)
    replay.entities += len(entities)
    with tenant_scope(tenant_id):
        jobs = _find(Erased.JOB, Job.objects.all(), digests)
        replay.jobs += cancel_jobs(Q(id__in=jobs), by=by)
        memories = _find(Erased.MEMORY, Memory.objects.live(), digests)
    for chunk in _cut(memories):
        with tenant_scope(tenant_id):
            destroy(chunk)
            drop_list_exports(by=by)
            record(Action.MEMORY_DELETE, by=by, deleted=len(chunk))
    replay.memories += len(memories)
    with tenant_scope(tenant_id):
        messages = _find(Erased.MESSAGE, Message.objects.all(), digests)
        for chunk in _cut(messages):
            replay.messages += len(destroy_unused_messages(chunk))


def _find(kind: Erased, rows: Any, digests: set[bytes]) -> list[UUID]:
    """Ids of the rows whose hash is in the journal; reads ids in chunks, in the open scope."""
    found: list[UUID] = []
    last = UUID(int=0)
    while ids := list(rows.filter(id__gt=last).order_by("id").values_list("id", flat=True)[:CHUNK]):
        made = make_digests(kind, ids)
        found += [row_id for row_id, digest in zip(ids, made, strict=True) if digest in digests]
        last = ids[-1]
    return found


def _cut(ids: list[UUID]) -> Iterator[list[UUID]]:
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]
