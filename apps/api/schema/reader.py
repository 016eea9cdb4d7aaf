"""The document as a page: operations by tag, each with what it takes, answers and is called by."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

from apps.api.schema.document import read_document
from apps.api.schema.samples import make_sample
from apps.api.schema.shapes import Shape

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Taken:
    name: str
    place: str
    kind: str
    about: str
    is_required: bool


@dataclass(frozen=True, slots=True)
class Answer:
    status: str
    about: str
    sample: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    id: str
    method: str
    path: str
    summary: str
    about: str
    is_deprecated: bool
    takes: tuple[Taken, ...]
    body: tuple[Taken, ...]
    answers: tuple[Answer, ...]
    curl: str


@dataclass(frozen=True, slots=True)
class Section:
    id: str
    name: str
    entries: tuple[Entry, ...]


@lru_cache(maxsize=4)
def read_sections(host: str) -> tuple[Section, ...]:
    """A path that another one repeats with a slash at its end is shown once."""
    document = read_document()
    entries: dict[str, list[Entry]] = {tag["name"]: [] for tag in document["tags"]}
    for path, methods in document["paths"].items():
        if path.removesuffix("/") != path and path.removesuffix("/") in document["paths"]:
            continue
        for method, operation in methods.items():
            entry = _read_entry(document, host, path, method, operation)
            entries[operation["tags"][0]].append(entry)
    return tuple(
        Section(name.lower().replace(" ", "-").replace("'", ""), name, tuple(of_tag))
        for name, of_tag in entries.items()
    )


def _read_entry(document: Shape, host: str, path: str, method: str, operation: Shape) -> Entry:
    schemas = document["components"]["schemas"]
    body = operation.get("requestBody", {}).get("content", {}).get(JSON, {}).get("schema")
    sample = body and make_sample(body, schemas)
    return Entry(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        about=operation.get("description", ""),
        is_deprecated=operation.get("deprecated", False),
        takes=tuple(map(_read_parameter, operation.get("parameters", ()))),
        body=tuple(_read_body(body, schemas)) if body else (),
        answers=tuple(_read_answers(operation["responses"], document)),
        curl=_write_curl(host, path, method, sample, is_open=operation.get("security") == []),
    )


def _read_parameter(parameter: Shape) -> Taken:
    return Taken(
        name=parameter["name"],
        place=parameter["in"],
        kind=_name_kind(parameter["schema"]),
        about=parameter.get("description", ""),
        is_required=parameter.get("required", False),
    )


def _read_body(body: Shape, schemas: dict[str, Shape]) -> Iterator[Taken]:
    shape = schemas[body["$ref"].rpartition("/")[2]]
    for name, part in shape["properties"].items():
        is_required = name in shape.get("required", ())
        yield Taken(name, "body", _name_kind(part), _describe(part, schemas), is_required)


def _describe(part: Shape, schemas: dict[str, Shape]) -> str:
    of = schemas[part["$ref"].rpartition("/")[2]] if "$ref" in part else {}
    return str(part.get("description", of.get("description", "")))


def _name_kind(shape: Shape) -> str:
    if "$ref" in shape:
        return str(shape["$ref"].rpartition("/")[2])
    if "enum" in shape:
        return " | ".join(map(str, shape["enum"]))
    if "anyOf" in shape:
        return " | ".join(dict.fromkeys(map(_name_kind, shape["anyOf"])))
    kinds = shape.get("type", "anything")
    kind = kinds if isinstance(kinds, str) else " | ".join(kinds)
    if "items" in shape:
        return f"{kind} of {_name_kind(shape['items'])}"
    return str(shape.get("format", kind))


def _read_answers(responses: Shape, document: Shape) -> Iterator[Answer]:
    for status, response in responses.items():
        if "$ref" in response:
            refusal = document["components"]["responses"][status]
            yield Answer(status, refusal["description"])
        else:
            shape = response.get("content", {}).get(JSON, {}).get("schema")
            sample = shape and make_sample(shape, document["components"]["schemas"])
            yield Answer(status, response["description"], _write_sample(sample) if shape else "")


def _write_sample(sample: Any) -> str:
    return orjson.dumps(sample, option=orjson.OPT_INDENT_2).decode()


def _write_curl(host: str, path: str, method: str, sample: Any, *, is_open: bool) -> str:
    parts = ["curl"]
    if method != "get":
        parts += ["-X", method.upper()]
    parts.append(shlex.quote(host + path))
    if not is_open:
        parts += ["-H", '"Authorization: Token $KEY"']
    if sample is not None:
        parts += ["-d", shlex.quote(orjson.dumps(sample).decode())]
    return " ".join(parts)
