"""Filling a JSON Schema with memories: by the names of its properties, and nothing invented.

A property is filled with what the memories call so: `memory` and `text`, a field such as
`categories` or `created_at`, or a key of the metadata. A list of objects gets one for each memory,
a list `memories` of texts their texts; a single value is that of the newest memory that has one;
what nothing is called so is null.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from apps.common.errors import Invalid
from apps.memories.enums import EntityKind
from apps.memories.models import Memory

DEEPEST, MOST_PROPERTIES = 12, 500
KINDS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "object": (dict,),
}

Schema = Mapping[str, Any]
Rows = Sequence[Mapping[str, Any]]


def check_schema(schema: Schema) -> None:
    """Invalid for what is no schema of an object, and for one that is too deep or too large."""
    if not schema.get("properties"):
        raise _wrong("must be a JSON Schema of an object with properties")
    _Filler(schema, is_check=True).fill_object(schema, [{}], depth=0)


def fill_schema(schema: Schema, memories: Sequence[Memory]) -> dict[str, Any]:
    """The object; `memories` are open, the newest first. Takes a schema that was checked."""
    return _Filler(schema).fill_object(schema, [_list_values(row) for row in memories], depth=0)


class _Filler:
    def __init__(self, root: Schema, *, is_check: bool = False) -> None:
        self.root = root
        self.is_check = is_check
        self.filled = 0

    def fill_object(self, schema: Schema, rows: Rows, *, depth: int) -> dict[str, Any]:
        parts = schema["properties"]
        if not isinstance(parts, dict) or depth > DEEPEST:
            raise _wrong(f"must have properties that are objects, at most {DEEPEST} deep")
        return {name: self._fill(name, part, rows, depth) for name, part in parts.items()}

    def _fill(self, name: str, part: Any, rows: Rows, depth: int) -> Any:
        self.filled += 1
        if self.is_check and self.filled > MOST_PROPERTIES:
            raise _wrong(f"may have {MOST_PROPERTIES} properties")
        part = self._resolve(part)
        if "properties" in part:
            return self.fill_object(part, rows, depth=depth + 1)
        found = [row[name] for row in rows if row.get(name) is not None]
        if part.get("type") != "array":
            return next((value for value in found if _fits(value, part)), None)
        items = self._resolve(part.get("items", {}))
        if "properties" in items:
            return [self.fill_object(items, [row], depth=depth + 1) for row in rows]
        if name == "memories":
            found = [row.get("memory") for row in rows]
        flat = [one for value in found for one in (value if isinstance(value, list) else [value])]
        return [one for one in flat if _fits(one, items)]

    def _resolve(self, part: Any) -> Schema:
        """What `$ref` names among the definitions; of alternatives the first that is not null."""
        for _ in range(DEEPEST):
            if not isinstance(part, dict):
                break
            if isinstance(part.get("$ref"), str):
                part = self._look_up(part["$ref"].removeprefix("#/").split("/"))
            elif isinstance(part.get("anyOf"), list):
                choices = [one for one in part["anyOf"] if isinstance(one, dict)]
                part = next((one for one in choices if one.get("type") != "null"), {})
            else:
                return part
        raise _wrong("names a definition that it does not have, or one that is no schema")

    def _look_up(self, steps: Sequence[str]) -> Any:
        place: Any = self.root
        for step in steps:
            place = place.get(step) if isinstance(place, Mapping) else None
        return place


def _wrong(what: str) -> Invalid:
    return Invalid(f"schema {what}.", field="schema")


def _fits(value: Any, part: Schema) -> bool:
    kind = part.get("type")
    if not isinstance(kind, str) or kind not in KINDS:
        return kind is None
    return isinstance(value, KINDS[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _list_values(memory: Memory) -> dict[str, Any]:
    names = {f"{kind.value}_id": memory.entity_names.get(kind) for kind in EntityKind}
    return {
        **(memory.metadata or {}),
        **names,
        "id": str(memory.id),
        "memory": memory.text,
        "text": memory.text,
        "metadata": memory.metadata,
        "categories": memory.categories,
        "created_at": memory.created_at.isoformat(),
        "updated_at": memory.updated_at.isoformat(),
        "expiration_date": memory.expires_on and memory.expires_on.isoformat(),
    }
