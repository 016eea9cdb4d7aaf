"""The ZIP that a person gets, packed from sealed parts, one part in memory at a time."""

import hashlib
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

import orjson
from django.template.loader import render_to_string

from apps.privacy.enums import Profile
from apps.privacy.records import Record, list_columns
from apps.privacy.subjects import get_table

PAGE_RECORDS = 1_000
FORMAT = "memoryhub.portability.v1"
LINES = orjson.OPT_APPEND_NEWLINE | orjson.OPT_SORT_KEYS

Parts = Mapping[str, Sequence[Iterable[bytes]]]
"""By label of a table its parts in their order, each as an iterable that yields lines of JSON."""


@dataclass(frozen=True, slots=True)
class Cover:
    """What stands on the first page of a copy."""

    subject: str
    kind: str
    made_at: str
    tenant: str
    said: Mapping[str, str]
    described: Sequence[tuple[str, str]]
    redacted: Mapping[str, int]


def write_lines(records: Iterable[Record]) -> bytes:
    return b"".join(orjson.dumps(record, option=LINES) for record in records)


def write_access(out: IO[bytes], cover: Cover, parts: Parts) -> None:
    """HTML pages for the person, and everything as one JSON document."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        with package.open("copy.json", "w", force_zip64=True) as file:
            for piece in _write_json(cover, parts):
                file.write(piece)
        pages = {label: list(_write_pages(package, label, files)) for label, files in parts.items()}
        counts = {label: sum(count for _, count in found) for label, found in pages.items()}
        tables = [
            {"label": label, "count": counts[label], "pages": [name for name, _ in pages[label]]}
            for label in parts
        ]
        page = render_to_string("privacy/copy/index.html", {"cover": cover, "tables": tables})
        package.writestr("index.html", page)


def write_portability(out: IO[bytes], cover: Cover, parts: Parts) -> None:
    """JSON Lines, a JSON Schema of each file, and a manifest with their hashes."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        files = {}
        for label, pieces in parts.items():
            name, digest, count = f"data/{label}.jsonl", hashlib.sha256(), 0
            with package.open(name, "w", force_zip64=True) as file:
                for lines in pieces:
                    for line in lines:
                        digest.update(line)
                        count += 1
                        file.write(line)
            files[name] = {"sha256": digest.hexdigest(), "records": count, "table": label}
            schema = orjson.dumps(make_schema(label), option=orjson.OPT_INDENT_2)
            files[f"schema/{label}.json"] = {"sha256": hashlib.sha256(schema).hexdigest()}
            package.writestr(f"schema/{label}.json", schema)
        manifest = {
            "format": FORMAT,
            "made_at": cover.made_at,
            "subject": {"kind": cover.kind, "id": cover.subject},
            "files": files,
        }
        package.writestr("manifest.json", orjson.dumps(manifest, option=orjson.OPT_INDENT_2))


def write_list(head: Mapping[str, Any], pieces: Sequence[Iterable[bytes]]) -> Iterator[bytes]:
    """One JSON document: what the head says, and the memories."""
    yield orjson.dumps(head)[:-1] + b',"memories":'
    yield from _write_array(pieces)
    yield b"}\n"


def make_schema(label: str) -> dict[str, Any]:
    """What a line of this file holds."""
    table = get_table(label)
    fields = {field.name: field for field in table.classes.model._meta.local_fields}
    properties = {"id": {"type": "string", "format": "uuid"}} | {
        name: _describe(fields[name]) for name in list_columns(table, Profile.PORTABILITY)
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": label,
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _describe(field: Any) -> dict[str, Any]:
    kinds = {
        "DateTimeField": {"type": "string", "format": "date-time"},
        "DateField": {"type": "string", "format": "date"},
        "BooleanField": {"type": "boolean"},
        "UUIDField": {"type": "string", "format": "uuid"},
        "PositiveIntegerField": {"type": "integer"},
        "CharField": {"type": "string"},
    }
    name = type(field).__name__
    if name == "SealedJSONField":
        return {}
    kind: dict[str, Any] = dict(kinds.get(name, {"type": "string"}))
    if field.null:
        kind["type"] = [kind["type"], "null"]
    return kind


def _write_json(cover: Cover, parts: Parts) -> Iterator[bytes]:
    head = {
        "subject": {"kind": cover.kind, "id": cover.subject},
        "made_at": cover.made_at,
        "tenant": cover.tenant,
        "particulars": dict(cover.said),
        "redacted": dict(cover.redacted),
        "described_only": [f"{label}.{name}" for label, name in cover.described],
    }
    yield orjson.dumps(head)[:-1] + b',"tables":{'
    for place, (label, pieces) in enumerate(parts.items()):
        yield (b"," if place else b"") + orjson.dumps(label) + b":"
        yield from _write_array(pieces)
    yield b"}}"


def _write_array(pieces: Sequence[Iterable[bytes]]) -> Iterator[bytes]:
    """A record a line, so that a person can look at it and a script can cut it."""
    before = b"[\n"
    for line in (line for lines in pieces for line in lines):
        yield before + line.rstrip(b"\n")
        before = b",\n"
    yield b"[]" if before == b"[\n" else b"\n]"


def _write_pages(
    package: zipfile.ZipFile, label: str, pieces: Sequence[Iterable[bytes]]
) -> Iterator[tuple[str, int]]:
    """Pages of a thousand records, so that a browser can open them."""
    number, records = 0, []
    lines = (line for piece in pieces for line in piece)
    for line in lines:
        records.append(orjson.loads(line))
        if len(records) == PAGE_RECORDS:
            number += 1
            yield _write_page(package, label, number, records), len(records)
            records = []
    if records:
        yield _write_page(package, label, number + 1, records), len(records)


def _write_page(
    package: zipfile.ZipFile, label: str, number: int, records: Sequence[Record]
) -> str:
    name = f"pages/{label}-{number:03}.html"
    rows = [[(key, _say(value)) for key, value in record.items()] for record in records]
    page = render_to_string(
        "privacy/copy/page.html", {"label": label, "number": number, "rows": rows}
    )
    package.writestr(name, page)
    return name


def _say(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else orjson.dumps(value).decode()
