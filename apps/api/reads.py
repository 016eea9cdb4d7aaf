"""Reads by applications, as events: none, the first in an hour per key and entity, or all.

Each tenant chooses; `off` costs nothing. What read nothing leaves no event.
"""

import time
from collections.abc import Sequence
from threading import Lock
from uuid import UUID

from rest_framework.request import Request

from apps.api.authentication import actor_of, key_of, tenant_id_of
from apps.audit.actions import Action
from apps.audit.domain import record
from apps.isolation.scope import tenant_scope
from apps.memories.models import Memory
from apps.tenants.enums import ReadAudit

HOUR = 3600
REMEMBERED = 20_000

_lock = Lock()
_seen: dict[tuple[UUID, UUID, int], None] = {}  # of this process, the oldest first


def record_read(
    request: Request, memories: Sequence[Memory], *, target_id: UUID | None = None
) -> None:
    _record(Action.MEMORY_READ, request, memories, target_id)


def record_search(request: Request, memories: Sequence[Memory]) -> None:
    _record(Action.MEMORY_SEARCH, request, memories, None)


def _record(
    action: Action, request: Request, memories: Sequence[Memory], target_id: UUID | None
) -> None:
    """The target is the one memory asked for, else the one entity that owns what was read."""
    owners = {memory.key_owner_id for memory in memories}
    if not _is_audited(request, owners):
        return
    owner_id = next(iter(owners)) if len(owners) == 1 else None
    with tenant_scope(tenant_id_of(request)):
        record(
            action,
            by=actor_of(request),
            target_id=target_id or owner_id,
            count=len(memories),
        )


def _is_audited(request: Request, owners: set[UUID]) -> bool:
    which = key_of(request).audited_reads
    if which == ReadAudit.OFF or not owners:
        return False
    return which == ReadAudit.ALL or _is_first(key_of(request).id, owners)


def _is_first(key_id: UUID, owners: set[UUID]) -> bool:
    """Whether one of these entities was not read by this key in this hour."""
    hour = int(time.time()) // HOUR
    with _lock:
        fresh = {(key_id, owner, hour) for owner in owners} - _seen.keys()
        _seen.update(dict.fromkeys(fresh))
        while len(_seen) > REMEMBERED:
            del _seen[next(iter(_seen))]
    return bool(fresh)
