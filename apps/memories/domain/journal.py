"""The journal of what was deleted, as keyed hashes under a secret of the instance."""

from collections.abc import Iterable
from enum import StrEnum
from functools import cached_property
from uuid import UUID

from django.utils import timezone

from apps.isolation.scope import current_tenant_id
from apps.isolation.writes import Insert
from apps.keys.instance import JOURNAL, read_instance_secret
from apps.memories.models import Erasure, JournalLine


class Erased(StrEnum):
    """What a hash in the journal stands for."""

    MEMORY = "memory"
    MESSAGE = "message"
    JOB = "job"
    ENTITY = "entity"
    TENANT = "tenant"


class InsertErasures(Insert[Erasure]):
    """What is to be copied out of the database is written down in the very same statement."""

    @cached_property
    def _sql(self) -> str:
        return (
            f"WITH written AS ({super()._sql}, digests, erased_at)"  # noqa: S608
            f" INSERT INTO {JournalLine._meta.db_table} (id, digests, erased_at)"
            " SELECT id, digests, erased_at FROM written RETURNING id"
        )


_insert_erasures = InsertErasures(Erasure)


def journal(kind: Erased, ids: Iterable[UUID]) -> None:
    """One row for one act, in the transaction of the delete. Call `prepare_journal` before it."""
    digests = list(make_digests(kind, ids))
    if digests:
        _insert_erasures([Erasure(digests=digests, erased_at=timezone.now())])


def make_digests(kind: Erased, ids: Iterable[UUID]) -> Iterable[bytes]:
    """Of rows of the scope's tenant."""
    key, tenant = read_instance_secret(JOURNAL), current_tenant_id().bytes
    return (key.digest(kind.encode(), tenant, each.bytes) for each in ids)


def prepare_journal() -> None:
    """Read the journal's key, which belongs to another tenant, before a scope is open."""
    read_instance_secret(JOURNAL)
