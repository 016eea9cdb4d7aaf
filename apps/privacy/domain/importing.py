"""Reading a portability copy of this or another MemoryHub."""

import hashlib
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime
from itertools import groupby, islice
from typing import IO, Any, TypeVar
from uuid import UUID

import orjson

from apps.common.actor import Actor
from apps.common.errors import Invalid
from apps.memories.domain.importing import (
    KnownEntity,
    KnownMemory,
    KnownVersion,
    import_entity,
    import_memories,
)
from apps.memories.enums import EntityKind, MessageRole, VersionEvent
from apps.privacy.packing import FORMAT

BATCH = 200  # memories that are embedded and stored together
ENTITIES, MEMORIES, VERSIONS = (
    f"data/memories.{name}.jsonl" for name in ("Entity", "Memory", "Version")
)
LARGEST_LINE = 20_000_000
PIECE = 1 << 20

T = TypeVar("T")


def import_copy(*, tenant_id: UUID, file: IO[bytes], by: Actor) -> int:
    """Bring memories with ids, versions and times; answers how many are new.

    Invalid, before anything is written, for a file that is no portability copy or was changed. A
    second import of the same file adds nothing. Outside any scope.
    """
    try:
        with zipfile.ZipFile(file) as package:
            _check_hashes(package, _read_manifest(package))
            for entity in _read(package, ENTITIES, _make_entity):
                import_entity(tenant_id=tenant_id, known=entity, by=by)
            return _import_memories(package, tenant_id, by)
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError) as error:
        raise Invalid("The file is no portability copy, or it is damaged.", field="file") from error


def _import_memories(package: zipfile.ZipFile, tenant_id: UUID, by: Actor) -> int:
    """Both files stand in the order of the memories, so that neither has to fit in memory."""
    versions = groupby(_read(package, VERSIONS, dict), key=lambda row: row["memory"])
    memories = (_make_memory(row, versions) for row in _read(package, MEMORIES, dict))
    count = 0
    while batch := list(islice(memories, BATCH)):
        count += import_memories(tenant_id=tenant_id, known=batch, by=by)
    return count


def _read_manifest(package: zipfile.ZipFile) -> dict[str, Any]:
    manifest: dict[str, Any] = orjson.loads(package.read("manifest.json"))
    if manifest["format"] != FORMAT:
        raise Invalid("The copy has a format that is not known here.", field="file")
    return manifest


def _check_hashes(package: zipfile.ZipFile, manifest: dict[str, Any]) -> None:
    for name, described in manifest["files"].items():
        digest = hashlib.sha256()
        with package.open(name) as file:
            while piece := file.read(PIECE):
                digest.update(piece)
        if digest.hexdigest() != described["sha256"]:
            raise Invalid(f"{name} is not what the manifest says.", field="file")


def _read(package: zipfile.ZipFile, name: str, make: Callable[[Any], T]) -> Iterator[T]:
    with package.open(name) as file:
        while line := file.readline(LARGEST_LINE):
            yield make(orjson.loads(line))


def _make_entity(row: dict[str, Any]) -> KnownEntity:
    return KnownEntity(
        id=UUID(row["id"]),
        kind=EntityKind(row["kind"]),
        external_id=row["external_id"],
        speakers=row["speakers"],
        created_at=datetime.fromisoformat(row["created_at"]),
        last_used_at=datetime.fromisoformat(row["last_used_at"]),
    )


def _make_memory(row: dict[str, Any], versions: Iterator[tuple[str, Iterator[Any]]]) -> KnownMemory:
    memory_id, rows = next(versions)
    if memory_id != row["id"]:
        raise ValueError(memory_id)
    return KnownMemory(
        id=UUID(row["id"]),
        entity_ids={kind: row[kind.value] for kind in EntityKind if row[kind.value]},
        text=row["text"],
        metadata=row["metadata"],
        categories=row["categories"],
        speaker=row["speaker"],
        role=MessageRole(row["role"]),
        is_immutable=row["is_immutable"],
        created_at=datetime.fromisoformat(row["created_at"]),
        updated_at=datetime.fromisoformat(row["updated_at"]),
        expires_on=date.fromisoformat(row["expires_on"]) if row["expires_on"] else None,
        versions=[_make_version(version) for version in rows],
    )


def _make_version(row: dict[str, Any]) -> KnownVersion:
    return KnownVersion(
        id=UUID(row["id"]),
        number=row["number"],
        event=VersionEvent(row["event"]),
        text=row["text"],
        metadata=row["metadata"],
        created_at=datetime.fromisoformat(row["created_at"]),
    )
