"""The filter of a list, search or delete: a small tree, parsed strictly.

An unknown key, operator or shape raises Invalid: a filter that was not understood never means
"no filter".
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from apps.common.errors import Invalid
from apps.memories.enums import EntityKind

WILDCARD = "*"

ENTITY_KEYS = {
    name: kind for kind in EntityKind for name in (f"{kind.value}_id", f"{kind.value}Id")
}
LOGICAL_KEYS = ("AND", "OR", "NOT")
ALLOWED_KEYS = [*LOGICAL_KEYS, *(f"{kind.value}_id" for kind in EntityKind)]
OPERATORS = ("eq", "ne", "in")


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
class All:
    parts: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: "Filter"


Filter = OneOf | Present | All | AnyOf | Not


def parse_filters(raw: Any, *, field: str = "filters") -> Filter:
    """The tree of a `filters` object. Needs at least one entity id that is not negated."""
    tree = _Parser(field).parse(raw, depth=0)
    if not _is_scoped(tree):
        raise Invalid(
            "filters must contain at least one entity id that is not negated, in each branch of an"
            " OR: user_id, agent_id, app_id or run_id.",
            field=field,
        )
    return tree


def match_entities(ids: Mapping[EntityKind, str]) -> Filter:
    """All of these entity ids; `*` is any, and `*` for all four kinds is every memory."""
    if list(ids.values()) == [WILDCARD] * len(EntityKind):
        return AnyOf(tuple(Present(kind) for kind in ids))
    return All(
        tuple(
            Present(kind) if value == WILDCARD else OneOf(kind, (value,))
            for kind, value in ids.items()
        )
    )


def named_entities(tree: Filter) -> Iterator[tuple[EntityKind, str]]:
    """Every (kind, external id) that the tree names."""
    match tree:
        case OneOf(kind, values):
            yield from ((kind, value) for value in values)
        case All(parts) | AnyOf(parts):
            for part in parts:
                yield from named_entities(part)
        case Not(part):
            yield from named_entities(part)


def check_entity_id(value: Any, *, field: str) -> str:
    """A usable external id: text without NUL, neither empty nor too long. A number is its text."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise Invalid(f"{field} must be text.", field=field)
    check_text(value, field=field, limit=settings.MAX_ID_LENGTH)
    if not value.strip():
        raise Invalid(f"{field} must not be empty.", field=field)
    return value


def check_text(value: str, *, field: str, limit: int) -> None:
    """Refuses what PostgreSQL or UTF-8 can't hold, and what is longer than `limit` characters."""
    if len(value) > limit:
        raise Invalid(f"{field} must have at most {limit} characters.", field=field)
    if "\0" in value:
        raise Invalid(f"{field} must not contain NUL.", field=field)
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Invalid(
            f"{field} must be valid Unicode without lone surrogates.", field=field
        ) from None


class _Parser:
    def __init__(self, field: str) -> None:
        self.field = field
        self.conditions = 0

    def parse(self, raw: Any, *, depth: int) -> Filter:
        if depth > settings.MAX_FILTER_DEPTH:
            raise self._wrong(f"filters may be nested {settings.MAX_FILTER_DEPTH} deep.")
        if not isinstance(raw, dict) or not raw:
            raise self._wrong("filters must be an object with at least one condition.")
        parts = tuple(self._parse_item(key, value, depth) for key, value in raw.items())
        return parts[0] if len(parts) == 1 else All(parts)

    def _parse_item(self, key: str, value: Any, depth: int) -> Filter:
        if key in ENTITY_KEYS:
            return self._parse_entity(ENTITY_KEYS[key], value)
        if key == "NOT":
            items = value if isinstance(value, list) else [value]
            return Not(AnyOf(self._parse_list(key, items, depth)))
        if key in LOGICAL_KEYS:
            parts = self._parse_list(key, value, depth)
            return All(parts) if key == "AND" else AnyOf(parts)
        raise self._wrong(
            f"Top-level key must be a logical operator or an allowed field: {ALLOWED_KEYS}"
        )

    def _parse_list(self, key: str, value: Any, depth: int) -> tuple[Filter, ...]:
        if not isinstance(value, list) or not value:
            raise self._wrong(f"{key} must be a list with at least one condition.")
        return tuple(self.parse(item, depth=depth + 1) for item in value)

    def _parse_entity(self, kind: EntityKind, value: Any) -> Filter:
        if not isinstance(value, dict):
            return self._equals(kind, value)
        if not value:
            raise self._wrong(f"{kind.value}_id needs one of the operators {', '.join(OPERATORS)}.")
        parts = tuple(self._parse_operator(kind, name, item) for name, item in value.items())
        return parts[0] if len(parts) == 1 else All(parts)

    def _parse_operator(self, kind: EntityKind, name: str, value: Any) -> Filter:
        match name:
            case "eq":
                return self._equals(kind, value)
            case "ne":
                return Not(AnyOf((self._equals(kind, value), Not(Present(kind)))))
            case "in" if isinstance(value, list) and value:
                return AnyOf(tuple(self._equals(kind, item) for item in value))
            case "in":
                raise self._wrong(f"{kind.value}_id.in must be a list with at least one id.")
        raise self._wrong(f"{kind.value}_id knows the operators {', '.join(OPERATORS)}.")

    def _equals(self, kind: EntityKind, value: Any) -> Filter:
        self.conditions += 1
        if self.conditions > settings.MAX_FILTER_CONDITIONS:
            raise self._wrong(f"filters may hold {settings.MAX_FILTER_CONDITIONS} conditions.")
        if value == WILDCARD:
            return Present(kind)
        try:
            return OneOf(kind, (check_entity_id(value, field=f"{kind.value}_id"),))
        except Invalid as error:
            raise self._wrong(error.detail) from None

    def _wrong(self, detail: str) -> Invalid:
        return Invalid(detail, field=self.field)


def _is_scoped(tree: Filter) -> bool:
    match tree:
        case OneOf() | Present():
            return True
        case All(parts):
            return any(_is_scoped(part) for part in parts)
        case AnyOf(parts):
            return all(_is_scoped(part) for part in parts)
        case Not():
            return False
