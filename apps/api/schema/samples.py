"""An example of what a schema describes: its own where it gives one, else made of its parts."""

from typing import Any

from apps.api.schema.shapes import Shape

REF = "#/components/schemas/"
TEXTS = {
    "uuid": "019a3c1e-7d52-7c11-9d0a-5b2f8a6c4e10",
    "date": "2027-03-31",
    "date-time": "2027-03-31T09:30:00Z",
    "uri": "https://example.org/",
}
PLAIN: dict[str, Any] = {"integer": 1, "number": 0.5, "boolean": True, "null": None}


def make_sample(shape: Shape, schemas: dict[str, Shape], inside: tuple[str, ...] = ()) -> Any:
    """Of an object what is required; `inside` are the names that it is part of."""
    if "$ref" in shape:
        name = shape["$ref"].removeprefix(REF)
        return None if name in inside else make_sample(schemas[name], schemas, (*inside, name))
    if "anyOf" in shape:
        return make_sample(shape["anyOf"][0], schemas, inside)
    for word in ("examples", "enum"):
        if word in shape:
            return shape[word][0]
    return shape["const"] if "const" in shape else _make_plain(shape, schemas, inside)


def _make_plain(shape: Shape, schemas: dict[str, Shape], inside: tuple[str, ...]) -> Any:
    kinds = shape.get("type", "string")
    kind = kinds if isinstance(kinds, str) else kinds[0]
    if kind == "object":
        parts = shape.get("properties", {})
        names = [name for name in parts if name in shape.get("required", ())]
        return {name: make_sample(parts[name], schemas, inside) for name in names}
    if kind == "array":
        return [make_sample(shape["items"], schemas, inside)]
    return PLAIN[kind] if kind in PLAIN else TEXTS.get(shape.get("format", ""), "text")
