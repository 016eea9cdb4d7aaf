"""Testing an opened row against a filter, where the database can't."""

from collections.abc import Mapping
from operator import ge, gt, le, lt
from typing import Any

from apps.keys.tokens import make_token
from apps.memories.conditions import (
    All,
    AnyOf,
    Asks,
    Compare,
    Filter,
    HasId,
    Not,
    OneOf,
    Present,
    Sealed,
)
from apps.memories.models import Entity, Memory
from apps.memories.queries.entities import EntityName

LOOKUPS = {"gt": gt, "gte": ge, "lt": lt, "lte": le}
MARK_BYTES = 8


def matches(tree: Filter, row: Memory, known: Mapping[EntityName, Entity]) -> bool:  # noqa: PLR0911 - one a kind
    """Opens of the row what the tree asks for. Needs its key in the scope's ring."""
    match tree:
        case All(parts):
            return all(matches(part, row, known) for part in parts)
        case AnyOf(parts):
            return any(matches(part, row, known) for part in parts)
        case Not(part):
            return not matches(part, row, known)
        case OneOf(kind, names):
            ids = {known[kind, name].id for name in names if (kind, name) in known}
            return getattr(row, f"{kind}_id") in ids
        case Present(kind):
            return getattr(row, f"{kind}_id") is not None
        case HasId(ids):
            return row.id in ids
        case Compare(column, lookup, value):
            found = getattr(row, column)
            return found is not None and LOOKUPS[lookup](found, value)
        case Sealed():
            return _passes(tree, row)


def list_marks(row: Memory) -> list[int]:
    """The keyed tokens by which the row's metadata and categories are narrowed."""
    marks = {_mark("metadata", key, value) for key, value in (row.metadata or {}).items()}
    marks |= {_mark("category", "", name) for name in row.categories or ()}
    return sorted(mark for mark in marks if mark is not None)


def narrow(condition: Sealed) -> list[int] | None:
    """Marks of which a row that passes has at least one; None where there are no such."""
    match condition.test:
        case Asks.METADATA_IS:
            mark = _mark("metadata", condition.key, condition.value)
            return None if mark is None else [mark]
        case Asks.CATEGORY_IN:
            marks = (_mark("category", "", name) for name in condition.value)
            return [mark for mark in marks if mark is not None]
    return None


def is_same(one: Any, other: Any) -> bool:
    """Equal as JSON: true is not 1, and 1.0 is 1."""
    match one, other:
        case dict(), dict():
            return one.keys() == other.keys() and all(is_same(one[key], other[key]) for key in one)
        case list(), list():
            return len(one) == len(other) and all(map(is_same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _passes(condition: Sealed, row: Memory) -> bool:
    test, value = condition.test, condition.value
    found = getattr(row, condition.field)  # opens this one alone
    match test:
        case Asks.TEXT_IS:
            return bool(found == value)
        case Asks.TEXT_CONTAINS:
            return value in (found or "")
        case Asks.TEXT_CONTAINS_ANY_CASE:
            return value.casefold() in (found or "").casefold()
        case Asks.CATEGORY_IN:
            return any(name in value for name in found or ())
        case Asks.CATEGORY_CONTAINS_ANY_CASE:
            return any(value.casefold() in name.casefold() for name in found or ())
    return condition.key in (found or {}) and _passes_metadata(test, found[condition.key], value)


def _passes_metadata(test: Asks, found: Any, value: Any) -> bool:
    if test == Asks.METADATA_HAS:
        return found is not None
    if test == Asks.METADATA_IS:
        return is_same(found, value)
    if isinstance(found, str):
        return isinstance(value, str) and value in found
    return isinstance(found, list) and any(is_same(item, value) for item in found)


def _mark(purpose: str, key: str, value: Any) -> int | None:
    """None for what can't be looked up by equality of bytes: objects and lists."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, str | int | float | None):
        return None
    token = make_token(purpose, key.encode(), repr(value).encode())
    return int.from_bytes(token[:MARK_BYTES], "big", signed=True)
