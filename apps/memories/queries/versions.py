"""Reading the versions of memories. Everything here needs an open scope."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Count, F, QuerySet

from apps.isolation.compiled import Bind, Compiled, IsAnyOf
from apps.keys.queries import annotate_keys, open_rows, remember_keys, with_keys
from apps.memories.flags import is_flagged
from apps.memories.models import Memory, Version
from apps.memories.queries.memories import RESTRICTED

_versions_with_replaced = Compiled(
    lambda: annotate_keys(
        Version.objects.filter(
            memory__in=Memory.objects.exclude(is_flagged(*RESTRICTED))
            .filter(IsAnyOf(F("id"), Bind("ids")) | IsAnyOf(F("replaced_by_id"), Bind("ids")))
            .values("id")
        )
    )
)
_versions_of_memory = Compiled(
    lambda: annotate_keys(Version.objects.filter(memory=Bind("memory_id")).order_by("number"))
)


def list_versions(memory_id: UUID) -> list[Version]:
    """All versions in their order, open. One statement."""
    rows = _versions_of_memory(memory_id=memory_id)
    remember_keys(rows)
    open_rows(rows)
    return rows


def list_history(memory_id: UUID) -> list[Version]:
    """The versions of the memory and of those that it took the place of, and so on, in time.

    Without restricted ones, and what those took the place of.

    One statement; one more for each generation that there is.
    """
    found: dict[UUID, Version] = {}
    ids, seen = {memory_id}, set[UUID]()
    while ids:
        rows = _versions_with_replaced(ids=list(ids))
        found |= {row.id: row for row in rows}
        seen |= ids
        ids = {row.memory_id for row in rows} - seen
    remember_keys(found.values())
    open_rows(found.values())
    return sorted(found.values(), key=lambda row: row.id)


def list_latest_versions(*, offset: int, limit: int) -> list[Version]:
    """The newest versions of all memories, open. One statement."""
    rows = with_keys(visible_versions().order_by("-created_at", "-id")[offset : offset + limit])
    open_rows(rows)
    return rows


def visible_versions() -> "QuerySet[Version]":
    """Without those of restricted memories."""
    hidden = Memory.objects.filter(is_flagged(*RESTRICTED))
    return Version.objects.exclude(memory__in=hidden.values("id"))


def list_texts_before(versions: Sequence[Version]) -> dict[UUID, str | None]:
    """By version, the text of the one before it. One statement."""
    pairs = {(version.memory_id, version.number - 1): version.id for version in versions}
    rows = Version.objects.filter(memory__in={memory_id for memory_id, _ in pairs})
    earlier = with_keys(rows.filter(number__in={number for _, number in pairs}))
    return {
        pairs[row.memory_id, row.number]: row.text
        for row in earlier
        if (row.memory_id, row.number) in pairs
    }


def count_versions(memory_ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many each of these memories has. One statement."""
    rows = Version.objects.filter(memory__in=memory_ids).values_list("memory_id")
    return dict(rows.annotate(Count("id")).order_by())
