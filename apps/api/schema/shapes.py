"""JSON Schema in few words. An object has all its properties, unless they are named optional."""

from collections.abc import Iterable
from typing import Any

Shape = dict[str, Any]

ANY: Shape = {}
BOOL: Shape = {"type": "boolean"}
TEXT: Shape = {"type": "string"}
NUMBER: Shape = {"type": "number"}
COUNT: Shape = {"type": "integer", "minimum": 0}
OBJECT: Shape = {"type": "object"}
UUID: Shape = {"type": "string", "format": "uuid"}
DAY: Shape = {"type": "string", "format": "date"}
MOMENT: Shape = {"type": "string", "format": "date-time"}
NULL: Shape = {"type": "null"}


def ref(name: str) -> Shape:
    return {"$ref": f"#/components/schemas/{name}"}


def list_of(items: Shape, **limits: int) -> Shape:
    return {"type": "array", "items": items, **limits}


def map_of(values: Shape) -> Shape:
    return {"type": "object", "additionalProperties": values}


def or_null(shape: Shape) -> Shape:
    if isinstance(shape.get("type"), str) and "enum" not in shape:
        return {**shape, "type": [shape["type"], "null"]}
    return {"anyOf": [shape, NULL]}


def one_of(words: Iterable[str]) -> Shape:
    return {"type": "string", "enum": [str(word) for word in words]}


def whole(low: int, high: int, default: int | None = None) -> Shape:
    limits: Shape = {"type": "integer", "minimum": low, "maximum": high}
    return limits if default is None else {**limits, "default": default}


def say(shape: Shape, about: str) -> Shape:
    return {**shape, "description": about}


def answer(optional: tuple[str, ...] = (), /, **properties: Shape) -> Shape:
    """What the server says."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required}


def ask(required: tuple[str, ...] = (), /, **properties: Shape) -> Shape:
    """What a client says: nothing must be there but what is required."""
    shape: Shape = {"type": "object", "properties": properties}
    return {**shape, "required": list(required)} if required else shape


def page_of(items: Shape) -> Shape:
    link = or_null({"type": "string", "format": "uri"})
    return answer(count=COUNT, next=link, previous=link, results=list_of(items))


def older_of(items: Shape) -> Shape:
    return answer(next=or_null({"type": "string", "format": "uri"}), results=list_of(items))


def message(*words: str) -> Shape:
    return answer(message=TEXT, **dict.fromkeys(words, TEXT))
