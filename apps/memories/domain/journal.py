"""The journal of what was deleted, as keyed hashes under a secret of the instance."""

from collections.abc import Iterable
from uuid import UUID

from django.utils import timezone

from apps.isolation.scope import current_tenant_id
from apps.isolation.writes import Insert
from apps.keys.instance import JOURNAL, read_instance_secret
from apps.memories.models import Erasure

_insert_erasures = Insert(Erasure)


def journal_memories(memory_ids: Iterable[UUID]) -> None:
    """One row for one act, in the transaction of the delete. Call `prepare_journal` before it."""
    key, tenant = read_instance_secret(JOURNAL), current_tenant_id().bytes
    digests = [key.digest(b"memory", tenant, memory_id.bytes) for memory_id in memory_ids]
    if digests:
        _insert_erasures([Erasure(digests=digests, erased_at=timezone.now())])


def prepare_journal() -> None:
    """Read the journal's key, which belongs to another tenant, before a scope is open."""
    read_instance_secret(JOURNAL)
