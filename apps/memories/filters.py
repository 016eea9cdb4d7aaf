"""The filter of a list, search or delete, parsed strictly.

An unknown key, operator or shape raises Invalid: a filter that was not understood never means
"no filter".
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings

from apps.common.errors import Invalid
from apps.common.times import parse_day, parse_moment
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
    is_scoped,
)
from apps.memories.enums import EntityKind

WILDCARD = "*"
MOST_IDS = 1_000
BARE_DAY = re.compile(r"\d{4}-\d\d-\d\d")

ENTITY_KEYS = {
    name: kind for kind in EntityKind for name in (f"{kind.value}_id", f"{kind.value}Id")
}
TIME_COLUMNS = {"created_at": "created_at", "updated_at": "updated_at", "timestamp": "created_at"}
TEXT_KEYS = ("text", "keywords", "keywords_search")
LOGICAL_KEYS = ("AND", "OR", "NOT")
ALLOWED_KEYS = [
    *LOGICAL_KEYS,
    *(f"{kind.value}_id" for kind in EntityKind),
    *TIME_COLUMNS,
    "expiration_date",
    "text",
    "categories",
    "metadata",
    "keywords_search",
    "memory_ids",
    "keywords",
]


def parse_filters(raw: Any, *, field: str = "filters") -> Filter:
    """The tree of a `filters` object. Needs at least one entity id that is not negated."""
    tree = parse_tree(raw, field=field)
    if not is_scoped(tree):
        raise Invalid(
            "filters must contain at least one entity id that is not negated, in each branch of an"
            " OR: user_id, agent_id, app_id or run_id.",
            field=field,
        )
    return tree


def parse_tree(raw: Any, *, field: str = "filters") -> Filter:
    """As parse_filters, for what narrows a filter and so need not name an entity."""
    return _Parser(field).parse(raw, depth=0)


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
        return _all([self._parse_item(key, value, depth) for key, value in raw.items()])

    def _parse_item(self, key: str, value: Any, depth: int) -> Filter:
        if key in LOGICAL_KEYS:
            return self._parse_logical(key, value, depth)
        if key in ENTITY_KEYS:
            return self._parse_entity(ENTITY_KEYS[key], value)
        if key in TIME_COLUMNS:
            return self._parse_time(key, value)
        if key in TEXT_KEYS:
            return self._parse_text(key, value)
        known = {
            "expiration_date": self._parse_expiry,
            "categories": self._parse_categories,
            "metadata": self._parse_metadata,
            "memory_ids": self._parse_ids,
        }
        if key not in known:
            raise self._wrong(
                f"Top-level key must be a logical operator or an allowed field: {ALLOWED_KEYS}"
            )
        return known[key](value)

    def _parse_logical(self, key: str, value: Any, depth: int) -> Filter:
        if key == "NOT":
            items = value if isinstance(value, list) else [value]
            return Not(AnyOf(self._parse_list(key, items, depth)))
        parts = self._parse_list(key, value, depth)
        return All(parts) if key == "AND" else AnyOf(parts)

    def _parse_list(self, key: str, value: Any, depth: int) -> tuple[Filter, ...]:
        if not isinstance(value, list) or not value:
            raise self._wrong(f"{key} must be a list with at least one condition.")
        return tuple(self.parse(item, depth=depth + 1) for item in value)

    def _parse_entity(self, kind: EntityKind, value: Any) -> Filter:
        def equals(item: Any) -> Filter:
            self._count()
            if item == WILDCARD:
                return Present(kind)
            return OneOf(kind, (self._checked(check_entity_id, item, f"{kind.value}_id"),))

        if not isinstance(value, dict):
            return equals(value)
        known: dict[str, Callable[[Any], Filter]] = {
            "eq": equals,
            "ne": lambda item: Not(AnyOf((equals(item), Not(Present(kind))))),
            "in": self._any_of(f"{kind.value}_id", equals),
        }
        return self._parse_operators(f"{kind.value}_id", value, known)

    def _parse_time(self, key: str, value: Any) -> Filter:
        """A day without a time of day is all of that day, in UTC."""
        column = TIME_COLUMNS[key]

        def compare(lookup: str) -> Callable[[Any], Filter]:
            return lambda item: _compare_moment(column, lookup, *self._moments(key, item))

        return self._parse_ordered(key, value, compare)

    def _parse_expiry(self, value: Any) -> Filter:
        def compare(lookup: str) -> Callable[[Any], Filter]:
            return lambda item: Compare("expires_on", lookup, self._day(item))

        return self._parse_ordered("expiration_date", value, compare)

    def _parse_ordered(
        self, key: str, value: Any, compare: Callable[[str], Callable[[Any], Filter]]
    ) -> Filter:
        lookups = {name: compare(name) for name in ("gt", "gte", "lt", "lte")}

        def equals(item: Any) -> Filter:
            return All((lookups["gte"](item), lookups["lte"](item)))

        if not isinstance(value, dict):
            return equals(value)
        known = lookups | {
            "ne": lambda item: AnyOf((lookups["lt"](item), lookups["gt"](item))),
            "in": self._any_of(key, equals),
        }
        return self._parse_operators(key, value, known)

    def _parse_text(self, key: str, value: Any) -> Filter:
        """`keywords_search` as bare text means that it is contained, `text` that it is all."""
        bare = {"text": Asks.TEXT_IS, "keywords_search": Asks.TEXT_CONTAINS_ANY_CASE}
        operators = {"contains": Asks.TEXT_CONTAINS, "icontains": Asks.TEXT_CONTAINS_ANY_CASE}
        known = {name: self._text_test(key, test) for name, test in operators.items()}
        if key in bare and not isinstance(value, dict):
            return self._text_test(key, bare[key])(value)
        return self._parse_operators(key, value, known)

    def _parse_categories(self, value: Any) -> Filter:
        def is_one_of(item: Any) -> Filter:
            if not isinstance(item, list) or not item:
                raise self._wrong("categories.in must be a list with at least one category.")
            names = tuple(self._text("categories", name) for name in item)
            return Sealed(Asks.CATEGORY_IN, names)

        contains = self._text_test("categories", Asks.CATEGORY_CONTAINS_ANY_CASE)
        return self._parse_operators("categories", value, {"in": is_one_of, "contains": contains})

    def _parse_metadata(self, value: Any) -> Filter:
        if not isinstance(value, dict) or not value:
            raise self._wrong("metadata must be an object of keys with a value or an operator.")
        return _all([self._parse_key(key, item) for key, item in value.items()])

    def _parse_key(self, key: str, value: Any) -> Filter:
        self._checked(_check_length, key, "metadata")

        def make(test: Asks) -> Callable[[Any], Filter]:
            return lambda item: Sealed(test, self._json(item), key)

        equals, has = make(Asks.METADATA_IS), Sealed(Asks.METADATA_HAS, key=key)
        if not isinstance(value, dict):
            return equals(value)
        known: dict[str, Callable[[Any], Filter]] = {
            "eq": equals,
            "ne": lambda item: All((has, Not(equals(item)))),
            "contains": make(Asks.METADATA_CONTAINS),
        }
        return self._parse_operators("metadata", value, known)

    def _parse_ids(self, value: Any) -> Filter:
        if isinstance(value, dict) and value.keys() == {"in"}:
            value = value["in"]
        self._count()
        if not isinstance(value, list) or not 1 <= len(value) <= MOST_IDS:
            raise self._wrong(f"memory_ids must be a list of 1 to {MOST_IDS} ids.")
        try:
            return HasId(tuple(UUID(item) for item in value))
        except (ValueError, TypeError, AttributeError):
            raise self._wrong("memory_ids must be valid UUIDs.") from None

    def _parse_operators(
        self, key: str, value: Any, known: Mapping[str, Callable[[Any], Filter]]
    ) -> Filter:
        if not isinstance(value, dict) or not value or value.keys() - known.keys():
            raise self._wrong(f"{key} needs one of the operators {', '.join(known)}.")
        return _all([known[name](item) for name, item in value.items()])

    def _any_of(self, key: str, parse: Callable[[Any], Filter]) -> Callable[[Any], Filter]:
        def any_of(value: Any) -> Filter:
            if not isinstance(value, list) or not value:
                raise self._wrong(f"{key}.in must be a list with at least one value.")
            return AnyOf(tuple(parse(item) for item in value))

        return any_of

    def _text_test(self, key: str, test: Asks) -> Callable[[Any], Filter]:
        return lambda item: Sealed(test, self._text(key, item))

    def _text(self, key: str, value: Any) -> str:
        self._count()
        if not isinstance(value, str) or not value:
            raise self._wrong(f"{key} must be compared with text that is not empty.")
        self._checked(_check_length, value, key)
        return value

    def _json(self, value: Any) -> Any:
        self._count()
        try:
            size = len(orjson.dumps(value))
        except (TypeError, ValueError):
            size = settings.MAX_METADATA_BYTES + 1
        if size > settings.MAX_METADATA_BYTES:
            raise self._wrong("metadata must be compared with a value that it could hold.")
        return value

    def _day(self, value: Any) -> date:
        self._count()
        try:
            return parse_day(value)
        except ValueError:
            raise self._wrong("expiration_date must be a date such as 2027-03-31.") from None

    def _moments(self, key: str, value: Any) -> tuple[datetime, datetime | None]:
        """The moment; of a bare day its beginning and the next day's."""
        self._count()
        try:
            if not isinstance(value, str) or not BARE_DAY.fullmatch(value):
                return parse_moment(value), None
            start = datetime.combine(parse_day(value), time(), UTC)
            return start, start + timedelta(days=1)
        except (ValueError, OverflowError):
            raise self._wrong(
                f"{key} must be a time such as 2027-03-31T09:30:00Z, a day, or Unix seconds."
            ) from None

    def _checked(self, check: Callable[..., Any], value: Any, key: str) -> Any:
        try:
            return check(value, field=key)
        except Invalid as error:
            raise self._wrong(error.detail) from None

    def _count(self) -> None:
        self.conditions += 1
        if self.conditions > settings.MAX_FILTER_CONDITIONS:
            raise self._wrong(f"filters may hold {settings.MAX_FILTER_CONDITIONS} conditions.")

    def _wrong(self, detail: str) -> Invalid:
        return Invalid(detail, field=self.field)


def _all(parts: list[Filter]) -> Filter:
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def _check_length(value: str, *, field: str) -> None:
    check_text(value, field=field, limit=settings.MAX_TEXT_LENGTH)


def _compare_moment(column: str, lookup: str, start: datetime, end: datetime | None) -> Filter:
    if end is None:
        return Compare(column, lookup, start)
    return {
        "gt": Compare(column, "gte", end),
        "gte": Compare(column, "gte", start),
        "lt": Compare(column, "lt", start),
        "lte": Compare(column, "lt", end),
    }[lookup]
