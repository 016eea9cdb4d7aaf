"""Requests of the older versions of the wire, as those of the present one."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import QueryDict

from apps.api import reading
from apps.api.inputs import PageInput, SearchInput, read_page, read_question, read_update
from apps.api.narrowing import (
    ENTITY_FIELDS,
    narrow,
    parse_object,
    read_entity_filters,
    refuse_disagreement,
)
from apps.api.reading import Values
from apps.common.errors import Invalid
from apps.memories.conditions import All, Filter, is_scoped
from apps.memories.filters import ALLOWED_KEYS, parse_tree

LISTS = ("categories", "fields")
OPEN_SOURCE_THRESHOLD = 0.1


def read_flat_query(query: QueryDict) -> dict[str, Any]:
    """The query of a v1 list as the body of a v3 one; lists are repeated or set apart by commas."""
    values: dict[str, Any] = {name: query[name] for name in query}
    for name in ("metadata", "filters"):
        if name in values:
            values[name] = parse_object(values[name], field=name)
    for name in LISTS:
        if name in values:
            items = [item for text in query.getlist(name) for item in str(text).split(",")]
            values[name] = [item.strip() for item in items if item.strip()]
    return values


def read_flat_filters(values: Mapping[str, Any]) -> Filter:
    """Entity ids at the top, as v1 has them, with what narrows them; `filters` too, if given."""
    given = {name: values[name] for name in ENTITY_FIELDS if values.get(name) is not None}
    parts = read_entity_filters(given)
    if values.get("filters") is not None:
        parts.append(parse_tree(values["filters"]))
    tree = All(tuple(parts))
    if not is_scoped(tree):
        raise Invalid("Give at least one of user_id, agent_id, app_id, run_id.", field="user_id")
    return narrow(tree, values)


def read_flat_page(values: Values) -> tuple[PageInput, bool]:
    """The page, and whether it was asked for by number and size; else `limit` is the size."""
    if values.get("page") is not None and values.get("page_size") is not None:
        return read_page(values), True
    if values.get("page") is not None or values.get("page_size") is not None:
        return read_page(values), False
    limit = reading.read_int(
        values, "limit", default=settings.PAGE_SIZE, low=1, high=settings.MAX_PAGE_SIZE
    )
    return PageInput(number=1, size=limit), False


def read_flat_search(body: Values) -> SearchInput:
    """A v1 search: ids at the top, no threshold unless one is given."""
    return read_question(body, read_flat_filters(body), threshold=0.0)


def read_open_source_search(body: Values) -> SearchInput:
    """Entity ids at the top or in `filters`, whose other keys are those of the metadata."""
    reading.read_text(body, "query")
    filters = reading.read_object(body, "filters") or {}
    known = {name: value for name, value in filters.items() if name in ALLOWED_KEYS}
    others = {name: value for name, value in filters.items() if name not in ALLOWED_KEYS}
    top = {name: body[name] for name in ENTITY_FIELDS if body.get(name) is not None}
    refuse_disagreement(top, known)
    parts = [*read_entity_filters(top)]
    if known:
        parts.append(parse_tree(known))
    if others:
        parts.append(parse_tree({"metadata": others}))
    tree = All(tuple(parts))
    if not is_scoped(tree):
        raise Invalid("At least one identifier is required.", field="user_id")
    return read_question(body, tree, threshold=OPEN_SOURCE_THRESHOLD)


def read_open_source_change(body: Values) -> dict[str, Any]:
    """The new text by the names that its versions gave it."""
    text = next((body[name] for name in ("text", "data", "memory") if name in body), None)
    return read_update({"text": text, **{name: body[name] for name in body if name == "metadata"}})
