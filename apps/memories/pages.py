"""Memories that a filter selects, page by page. Needs an open scope."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from django.db.models import Func, IntegerField, Q, QuerySet

from apps.isolation.compiled import Bind, Compiled
from apps.keys.queries import load_keys
from apps.memories.conditions import Filter, named_entities
from apps.memories.enums import EntityFlag
from apps.memories.flags import is_flagged
from apps.memories.models import Memory
from apps.memories.queries.entities import find_entities
from apps.memories.queries.memories import NEWEST_FIRST, open_memories
from apps.memories.scoping import (
    KEPT_STATEMENTS,
    Known,
    Shape,
    Values,
    make_condition,
    shape_filter,
)


@dataclass(frozen=True, slots=True)
class Selection:
    """The current memories that a filter matches, without those that expired before `today`."""

    shape: Shape
    values: Values
    known: Known
    today: date | None

    def count(self) -> int:
        [(count,)] = _compile_count(self.shape, is_live=self.today is not None)(**self._values)
        return int(count)

    def read(self, *, offset: int, limit: int) -> list[Memory]:
        """Newest first, open. A second statement only for entities that the filter leaves open.

        Those whose key is destroyed are left out, though counted until they are deleted.
        """
        read = _compile_page(self.shape, is_live=self.today is not None)
        rows = read(**self._values, offset=offset, limit=limit)
        load_keys(rows)
        return [row for row in open_memories(rows, self.known.values()) if row.text is not None]

    @property
    def _values(self) -> Values:
        return self.values | {"today": self.today}


def select_memories(tree: Filter, *, today: date | None = None) -> Selection:
    """One statement, to find the entities that the filter names; see `shape_filter` for others."""
    known = find_entities(named_entities(tree))
    shape, values = shape_filter(tree, known)
    return Selection(shape, values, known, today)


@lru_cache(maxsize=KEPT_STATEMENTS)
def _compile_page(shape: Shape, *, is_live: bool) -> Compiled[Memory]:
    return Compiled(lambda: _select(shape, is_live=is_live).order_by(*NEWEST_FIRST), is_page=True)


@lru_cache(maxsize=KEPT_STATEMENTS)
def _compile_count(shape: Shape, *, is_live: bool) -> Compiled[Any]:
    return Compiled(lambda: _select(shape, is_live=is_live).values_list(_CountRows()))


def _select(shape: Shape, *, is_live: bool) -> "QuerySet[Memory]":
    rows = Memory.objects.current().filter(make_condition(shape, Bind))
    rows = rows.exclude(is_flagged(EntityFlag.RESTRICTED))
    if is_live:
        rows = rows.filter(Q(expires_on=None) | Q(expires_on__gte=Bind("today")))
    return rows


class _CountRows(Func):
    """Django's own Count groups by what else is selected."""

    template = "count(*)"
    output_field = IntegerField()
