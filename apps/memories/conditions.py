"""What a filter is once it has been understood: a tree of conditions on memories."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

from apps.memories.enums import EntityKind


@dataclass(frozen=True, slots=True)
class OneOf:
    """The row's entity of this kind is one of these external ids."""

    kind: EntityKind
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Present:
    """The row has an entity of this kind, whichever."""

    kind: EntityKind


@dataclass(frozen=True, slots=True)
class HasId:
    """The memory is one of these."""

    ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Compare:
    """A time of the row, by a lookup: gt, gte, lt or lte. A row without that time never matches."""

    column: str
    lookup: str
    value: datetime | date


class Asks(Enum):
    """What is asked of something that is sealed in the row: the field, and what of it."""

    TEXT_IS = "text", "is"
    TEXT_CONTAINS = "text", "contains"
    TEXT_CONTAINS_ANY_CASE = "text", "contains, in any case"
    CATEGORY_IN = "categories", "one is one of"
    CATEGORY_CONTAINS_ANY_CASE = "categories", "one contains, in any case"
    METADATA_HAS = "metadata", "has this key"
    METADATA_IS = "metadata", "is"
    METADATA_CONTAINS = "metadata", "contains"


@dataclass(frozen=True, slots=True)
class Sealed:
    """A test that only the opened row can pass. `key` is that of the metadata."""

    test: Asks
    value: Any = None
    key: str = ""

    @property
    def field(self) -> str:
        return str(self.test.value[0])


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: "Filter"


Filter = OneOf | Present | HasId | Compare | Sealed | All | AnyOf | Not
Leaf = OneOf | Present | HasId | Compare | Sealed


def list_leaves(tree: Filter) -> Iterator[Leaf]:
    match tree:
        case All(parts) | AnyOf(parts):
            for part in parts:
                yield from list_leaves(part)
        case Not(part):
            yield from list_leaves(part)
        case _:
            yield tree


def named_entities(tree: Filter) -> Iterator[tuple[EntityKind, str]]:
    """Every (kind, external id) that the tree names."""
    for leaf in list_leaves(tree):
        if isinstance(leaf, OneOf):
            yield from ((leaf.kind, value) for value in leaf.values)


def find_sealed(tree: Filter) -> Sealed | None:
    """The first condition that needs opened rows, if there is one."""
    return next((leaf for leaf in list_leaves(tree) if isinstance(leaf, Sealed)), None)


def names_only_entities(tree: Filter) -> bool:
    return all(isinstance(leaf, OneOf | Present) for leaf in list_leaves(tree))


def is_scoped(tree: Filter) -> bool:
    """Whether an entity id that is not negated bounds it, in each branch of an OR."""
    match tree:
        case OneOf() | Present():
            return True
        case All(parts):
            return any(is_scoped(part) for part in parts)
        case AnyOf(parts):
            return all(is_scoped(part) for part in parts)
    return False
