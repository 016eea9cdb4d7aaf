"""A copy of everything about everybody in a tenant, to be taken before it is erased."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, cast
from uuid import UUID

from django.utils import timezone

from apps.audit.actions import Action
from apps.audit.domain import record
from apps.common.actor import Actor
from apps.common.crypto import Key
from apps.common.ids import uuid7
from apps.isolation.scope import tenant_scope
from apps.privacy.domain.copies import Lines
from apps.privacy.domain.running import write_moment
from apps.privacy.enums import Profile
from apps.privacy.files import SealedReader, SealedWriter, folder_of, remove_folder
from apps.privacy.packing import Cover, write_lines, write_portability
from apps.privacy.records import Source, list_columns, list_sources, read_batch
from apps.privacy.subjects import list_parts
from apps.tenants.models import Tenant

PROFILE = Profile.PORTABILITY
ARCHIVE = "tenant.zip.sealed"


def make_tenant_copy(*, tenant: Tenant, by: Actor) -> tuple[SealedReader, int]:
    """One portability ZIP, which `import_export` reads, and its size.

    Written here and now, in chunks, each a transaction of its own; sealed under a key that only
    this process has, and off the disk once it was read. Call outside any scope.
    """
    copy_id, key = uuid7(), Key.generate()
    folder = folder_of(tenant.id, copy_id)
    try:
        labels = _write_tables(tenant.id, folder, key)
        parts = {label: [Lines(folder / f"{label}.part", key)] for label in labels}
        with SealedWriter(folder / ARCHIVE, key) as out:
            counted = _Counted(out)
            write_portability(cast("IO[bytes]", counted), _make_cover(tenant), parts)
        with tenant_scope(tenant.id):
            record(Action.TENANT_COPY, by=by, target_id=tenant.id, size=counted.written)
        copy = SealedReader(folder / ARCHIVE, key)
        copy.hold()
        return copy, counted.written
    finally:
        remove_folder(tenant.id, copy_id)


class _Counted:
    """What is written to, with how much it was."""

    def __init__(self, out: SealedWriter) -> None:
        self._out, self.written = out, 0

    def write(self, data: bytes) -> int:
        self.written += len(data)
        return self._out.write(data)

    def flush(self) -> None:
        """Frames are written as they fill up."""


def _write_tables(tenant_id: UUID, folder: Path, key: Key) -> list[str]:
    sources = list_sources(PROFILE)
    wholes = [source.table for source in sources]
    tables = [table for whole in wholes for table in (whole, *list_parts(whole))]
    labels = list(dict.fromkeys(one.label for one in tables if list_columns(one, PROFILE)))
    with ExitStack() as files:
        writers = {
            label: files.enter_context(SealedWriter(folder / f"{label}.part", key))
            for label in labels
        }
        for source in sources:
            for label, lines in _read_lines(tenant_id, source):
                writers[label].write(lines)
    return labels


def _read_lines(tenant_id: UUID, source: Source) -> Iterator[tuple[str, bytes]]:
    cursor: list[str] | None = None
    while True:
        with tenant_scope(tenant_id):
            batch = read_batch(source, None, PROFILE, cursor)
            made = [(label, write_lines(records)) for label, records in batch.records.items()]
        yield from made
        cursor = batch.cursor
        if cursor is None:
            return


def _make_cover(tenant: Tenant) -> Cover:
    return Cover(
        subject=tenant.slug,
        kind="tenant",
        made_at=write_moment(timezone.now()),
        tenant=tenant.name,
        said={},
        described=(),
        redacted={},
    )
