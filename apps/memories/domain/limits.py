"""How many memories an entity and a tenant may keep.

To count up to 100,000 rows at every add would cost more than the add itself. So a count gives this
process room for a share of what is left, and the next count comes when that is used up or old: the
nearer the limit, the more often. Processes that add at the same time may pass a limit by what they
have been given.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Count

from apps.common.errors import Conflict
from apps.isolation.compiled import Bind, Compiled
from apps.isolation.scope import current_tenant_id
from apps.memories.enums import EntityKind
from apps.memories.models import Memory, ScopedByEntities

SHARE = 16  # of what is left, to each process
LEAST_SHARE = 1_000  # of the limit itself: so near to it a process counts every hundred memories
ROOM_SECONDS = 300.0
MOST_KEPT = 20_000


def _select_owned(kind: EntityKind) -> "Compiled[Any]":
    """Whatever names a user is the user's; what names an agent may not be."""
    owner = {kind.value: Bind("owner")}
    if kind != EntityKind.USER:
        owner["key_owner"] = Bind("owner")
    return Compiled(
        lambda: (
            Memory.objects.live()
            .filter(**owner)
            .order_by()
            .values("tenant_id")
            .annotate(count=Count("id"))
            .values_list("count")
        )
    )


_owned = {kind: _select_owned(kind) for kind in EntityKind}


class Full(Conflict):
    """There are as many memories as may be kept. Names the setting."""


@dataclass(slots=True)
class _Room:
    left: int
    until: float


_lock = Lock()
_rooms: "OrderedDict[UUID, _Room]" = OrderedDict()  # of this process, by entity or tenant


def take_room(of: ScopedByEntities, *, new: int) -> None:
    """Full where so many more for its key owner, or its tenant, would pass a limit.

    No statement most times, else one that counts. Needs an open scope.
    """
    owner_id, tenant_id = of.key_owner_id, current_tenant_id()
    kind = next(
        kind for kind, each in zip(EntityKind, of.all_entity_ids, strict=True) if each is not None
    )
    if most := settings.MAX_ENTITY_MEMORIES:
        sentence = f"This {kind} has {most:,} memories, the most that MAX_ENTITY_MEMORIES allows."
        _take(
            owner_id,
            new,
            most,
            lambda: _count_owned(kind, owner_id),
            Full(sentence, field=f"{kind}_id"),
        )
    if most := settings.MAX_TENANT_MEMORIES:
        sentence = f"This tenant has {most:,} memories, the most that MAX_TENANT_MEMORIES allows."
        _take(tenant_id, new, most, lambda: _count_all(most), Full(sentence))


def _take(key: UUID, new: int, most: int, count: Callable[[], int], error: Full) -> None:
    with _lock:
        room = _rooms.get(key)
        if room and room.until > time.monotonic() and room.left >= new:
            room.left -= new
            return
    left = most - count() - new
    if left < 0:
        raise error
    share = min(left, max(left // SHARE, most // LEAST_SHARE))
    with _lock:
        _rooms[key] = _Room(share, time.monotonic() + ROOM_SECONDS)
        while len(_rooms) > MOST_KEPT:
            _rooms.popitem(last=False)


def _count_owned(kind: EntityKind, owner_id: UUID) -> int:
    return sum(count for (count,) in _owned[kind](owner=owner_id))


def _count_all(most: int) -> int:
    return int(Memory.objects.live().values("id")[:most].count())
