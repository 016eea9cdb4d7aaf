"""The journal outside the database: lines of JSON, for the day on which a backup is restored."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import orjson
from django.conf import settings
from django.db import transaction

from apps.common.errors import Invalid
from apps.memories.models import JournalLine

AT_ONCE = 500


def copy_journal() -> int:
    """Bring what waits to the file; answers how many lines. Call outside any scope.

    A line that was written when the process died is written once more: hashes may repeat.
    """
    count = 0
    while lines := _copy_some():
        count += lines
    return count


def read_journal(path: Path | None = None) -> set[bytes]:
    """All hashes. Invalid for a file that can't be read or holds something else.

    What a crash left of a last line is passed over: its row is copied again.
    """
    path = path or Path(settings.ERASURE_JOURNAL)
    try:
        with path.open("rb") as file:
            return {digest for line in file if line.endswith(b"\n") for digest in _parse(line)}
    except OSError as error:
        raise Invalid(f"The journal {path} can't be read: {error.strerror}.") from None
    except (ValueError, KeyError, TypeError):
        raise Invalid(f"{path} is no journal of erasures, or it is damaged.") from None


def _copy_some() -> int:
    with transaction.atomic():
        waiting = JournalLine.objects.select_for_update(skip_locked=True).order_by("id")
        rows = list(waiting[:AT_ONCE])
        if rows:
            _append(Path(settings.ERASURE_JOURNAL), rows)
            JournalLine.objects.filter(id__in=[row.id for row in rows]).delete()
        return len(rows)


def _append(path: Path, rows: Sequence[JournalLine]) -> None:
    """In one write, and on the disk before anybody is told."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 1))
        broken = b"\n" if size and file.read(1) != b"\n" else b""  # a crash cut a line off
        file.write(broken + b"".join(_describe(row) for row in rows))
        file.flush()
        os.fsync(file.fileno())


def _describe(row: JournalLine) -> bytes:
    digests = [bytes(digest).hex() for digest in row.digests]
    line = {"id": row.id, "erased_at": row.erased_at, "digests": digests}
    return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)


def _parse(line: bytes) -> Iterator[bytes]:
    try:
        digests = orjson.loads(line)["digests"]
    except orjson.JSONDecodeError:
        if line.startswith(
            b'{"id"'
        ):  # cut off by a crash; what followed stands on a line of its own
            return
        raise
    yield from (bytes.fromhex(digest) for digest in digests)
