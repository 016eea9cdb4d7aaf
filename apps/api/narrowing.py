"""What narrows a list, search or delete: `filters`, and the fields that stand beside them."""

import ast
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from django.http import QueryDict

from apps.api import reading
from apps.api.reading import Values
from apps.common.errors import Invalid
from apps.memories.conditions import All, Filter
from apps.memories.enums import EntityKind
from apps.memories.filters import check_entity_id, match_entities, parse_filters, parse_tree

ENTITY_FIELDS = {f"{kind.value}_id": kind for kind in EntityKind}
DELETE_PARAMETERS = (*ENTITY_FIELDS, "metadata", "filters", "org_id", "project_id", "source")
LONGEST_FILTER_TEXT = 10_000

NARROWING: Mapping[str, Callable[[Any], dict[str, Any]]] = {
    "categories": lambda names: {"categories": {"in": names}},
    "metadata": lambda values: {"metadata": _each_equal(values)},
    "keywords": lambda text: {"keywords": {"icontains": text}},
    "start_date": lambda moment: {"created_at": {"gte": moment}},
    "end_date": lambda moment: {"created_at": {"lte": moment}},
}


def read_filters(body: Values) -> Filter:
    """`filters`, narrowed by the fields beside it, which may not name entities."""
    reading.refuse(body, tuple(ENTITY_FIELDS), "must stand inside filters.")
    return narrow(parse_filters(body.get("filters")), body)


def narrow(tree: Filter, values: Values) -> Filter:
    parts = [
        parse_tree(make(values[name]), field=name)
        for name, make in NARROWING.items()
        if values.get(name) is not None
    ]
    return All((tree, *parts)) if parts else tree


def read_delete_filters(query: QueryDict) -> Filter:
    """What to delete. An unknown, repeated or unreadable parameter never means "everything"."""
    for name, values in query.lists():
        if name not in DELETE_PARAMETERS:
            allowed = ", ".join(DELETE_PARAMETERS)
            raise Invalid(f"{name} is not known here; allowed are {allowed}.", field=name)
        if len(values) > 1:
            raise Invalid(f"{name} is given twice.", field=name)
    objects = {
        name: parse_object(str(query[name]), field=name)
        for name in ("metadata", "filters")
        if name in query
    }
    parts = read_entity_filters(query)
    if "filters" in objects:
        refuse_disagreement(query, objects["filters"])
        parts.append(parse_filters(objects["filters"]))
    if not parts:
        raise Invalid("Give at least one of user_id, agent_id, app_id, run_id.")
    return narrow(All(tuple(parts)), {"metadata": objects.get("metadata")})


def read_entity_filters(values: Mapping[str, Any]) -> list[Filter]:
    """All entity ids that stand at the top, as one filter; none where there are none."""
    ids = {
        kind: check_entity_id(values[name], field=name)
        for name, kind in ENTITY_FIELDS.items()
        if name in values
    }
    return [match_entities(ids)] if ids else []


def refuse_disagreement(outer: Mapping[str, Any], nested: Mapping[str, Any]) -> None:
    for name in ENTITY_FIELDS:
        if None not in (outer.get(name), nested.get(name)) and outer[name] != nested[name]:
            raise Invalid(f"{name} and filters.{name} disagree.", field=name)


def parse_object(text: str, *, field: str) -> dict[str, Any]:
    """JSON, or the printed form of a Python dict, which the Python client sends."""
    if len(text) > LONGEST_FILTER_TEXT:
        raise Invalid(f"{field} must have at most {LONGEST_FILTER_TEXT} characters.", field=field)
    for parse in (orjson.loads, ast.literal_eval):
        try:
            value = parse(text)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            continue
        if isinstance(value, dict):
            return value
    raise Invalid(f"{field} must be an object as JSON.", field=field)


def _each_equal(values: Any) -> Any:
    """A value is one to compare with, and never an operator."""
    if not isinstance(values, dict):
        return values
    return {key: {"eq": value} for key, value in values.items()}
