"""Reading a portability copy of this or another MemoryHub."""

import hashlib
import zipfile
from collections.abc import Callable, Iterator
from itertools import groupby, islice
from typing import IO, Any, TypeVar
from uuid import UUID

import orjson

from apps.common.actor import Actor
from apps.common.errors import Invalid
from apps.memories.domain.importing import import_entity, import_memories, link_replaced
from apps.memories.domain.importing_jobs import import_jobs, settle_jobs
from apps.memories.enums import JobKind
from apps.privacy.known import make_entity, make_job, make_memory
from apps.privacy.packing import FORMAT

BATCH = 200  # memories that are embedded and stored together
ENTITIES, JOBS, MESSAGES, MEMORIES, VERSIONS, SOURCES, FEEDBACK = (
    f"data/memories.{name}.jsonl"
    for name in ("Entity", "Job", "Message", "Memory", "Version", "Source", "Feedback")
)
NEEDED = {ENTITIES, MEMORIES, VERSIONS}
LARGEST_LINE = 20_000_000
PIECE = 1 << 20

T = TypeVar("T")


def import_copy(*, tenant_id: UUID, file: IO[bytes], by: Actor) -> int:
    """Bring memories with ids, versions, sources and times; answers how many are new.

    Invalid, before anything is written, for a file that is no portability copy or was changed. A
    second import of the same file adds nothing; one that was cut short is gone on with by it.
    Outside any scope.
    """
    try:
        with zipfile.ZipFile(file) as package:
            _check_hashes(package, _read_manifest(package))
            for entity in _read(package, ENTITIES, make_entity):
                import_entity(tenant_id=tenant_id, known=entity, by=by)
            _import_jobs(package, tenant_id, by)
            count = _import_memories(package, tenant_id, by)
            _settle(package, tenant_id, by)
            return count
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError) as error:
        raise Invalid("The file is no portability copy, or it is damaged.", field="file") from error


class _Parts:
    """A file of parts, which stand in the order of their wholes: nothing has to fit in memory."""

    def __init__(self, package: zipfile.ZipFile, name: str, column: str) -> None:
        self._groups = groupby(_read(package, name, dict), key=lambda row: row[column])
        self._next = next(self._groups, None)

    def take(self, whole: str) -> list[dict[str, Any]]:
        """The parts of this whole; none where the file goes on with those of a later one."""
        if self._next is None or self._next[0] != whole:
            return []
        rows = list(self._next[1])
        self._next = next(self._groups, None)
        return rows

    def end(self) -> None:
        if self._next is not None:
            raise ValueError(self._next[0])


def _import_jobs(package: zipfile.ZipFile, tenant_id: UUID, by: Actor) -> None:
    messages = _Parts(package, MESSAGES, "job")
    jobs = (make_job(row, messages.take(row["id"])) for row in _read_adds(package))
    while batch := list(islice(jobs, BATCH)):
        import_jobs(tenant_id=tenant_id, known=batch, by=by)
    messages.end()


def _read_adds(package: zipfile.ZipFile) -> Iterator[dict[str, Any]]:
    """A summary is made anew where it is wanted: nothing of its job is brought."""
    rows = _read(package, JOBS, dict)
    return (row for row in rows if row.get("kind", JobKind.ADD) == JobKind.ADD)


def _import_memories(package: zipfile.ZipFile, tenant_id: UUID, by: Actor) -> int:
    files = [_Parts(package, name, "memory") for name in (VERSIONS, SOURCES, FEEDBACK)]
    memories = (
        make_memory(row, *(file.take(row["id"]) for file in files))
        for row in _read(package, MEMORIES, dict)
    )
    count = 0
    while batch := list(islice(memories, BATCH)):
        count += import_memories(tenant_id=tenant_id, known=batch, by=by)
    for file in files:
        file.end()
    return count


def _settle(package: zipfile.ZipFile, tenant_id: UUID, by: Actor) -> None:
    """What could not be said before everything was there."""
    replaced = (
        (UUID(row["id"]), UUID(row["replaced_by"]))
        for row in _read(package, MEMORIES, dict)
        if row.get("replaced_by")
    )
    while pairs := dict(islice(replaced, BATCH)):
        link_replaced(tenant_id=tenant_id, successors=pairs, by=by)
    jobs = (UUID(row["id"]) for row in _read_adds(package))
    while ids := list(islice(jobs, BATCH)):
        settle_jobs(tenant_id=tenant_id, job_ids=ids)


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
    if name not in NEEDED and name not in package.namelist():
        return  # a copy from before there were such
    with package.open(name) as file:
        while line := file.readline(LARGEST_LINE):
            yield make(orjson.loads(line))
