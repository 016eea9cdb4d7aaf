"""Copies on disk: sealed under a key of their own, frame by frame, so that any size fits in memory.

A frame is its length, then AES-256-GCM ciphertext bound to the file, its place and whether it is
the last: no frame can be cut off, moved or taken from another file.
"""

import io
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self
from uuid import UUID

from django.conf import settings

from apps.common.crypto import Key, SealBroken

FRAME_BYTES = 1 << 20
LENGTH_BYTES = 4


def folder_of(tenant_id: UUID, copy_id: UUID) -> Path:
    return Path(settings.EXPORTS_DIR) / str(tenant_id) / str(copy_id)


def remove_folder(tenant_id: UUID, copy_id: UUID) -> None:
    """What is not there is removed."""
    shutil.rmtree(folder_of(tenant_id, copy_id), ignore_errors=True)


class SealedWriter(io.RawIOBase):
    """A file to write to. It takes its place when it is closed whole."""

    def __init__(self, path: Path, key: Key) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path, self._key, self._draft = path, key, path.with_suffix(".draft")
        self._file = os.fdopen(
            os.open(self._draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb"
        )
        self._pending = bytearray()
        self._frames = 0

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self._write_frame(bytes(self._pending), is_last=True)
            self._file.flush()
            os.fsync(self._file.fileno())
        self._file.close()
        if kind is None:
            self._draft.replace(self._path)
        else:
            self._draft.unlink(missing_ok=True)
        self.close()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._pending += data
        while len(self._pending) > FRAME_BYTES:
            self._write_frame(bytes(self._pending[:FRAME_BYTES]), is_last=False)
            del self._pending[:FRAME_BYTES]
        return len(data)

    def _write_frame(self, plain: bytes, *, is_last: bool) -> None:
        sealed = self._key.seal(plain, _context(self._path, self._frames, is_last=is_last))
        self._file.write(len(sealed).to_bytes(LENGTH_BYTES, "big") + sealed)
        self._frames += 1


class SealedReader(io.RawIOBase):
    """Reads what SealedWriter wrote. SealBroken for a file that is not whole, or another's."""

    def __init__(self, path: Path, key: Key) -> None:
        self._frames = read_frames(path, key)
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._rest:
            frame = next(self._frames, None)
            if frame is None:
                return 0
            self._rest = frame
        part = self._rest[: len(buffer)]
        buffer[: len(part)] = part
        self._rest = self._rest[len(part) :]
        return len(part)

    def __enter__(self) -> Self:
        return self

    def hold(self) -> None:
        """Open the file now: it can be read to its end even where it is removed meanwhile."""
        self._rest = next(self._frames, b"")


def read_frames(path: Path, key: Key) -> Iterator[bytes]:
    with path.open("rb") as file:
        place, following = 0, _read_sealed(file)
        while following is not None:
            sealed, following = following, _read_sealed(file)
            yield key.open(sealed, _context(path, place, is_last=following is None))
            place += 1
        if place == 0:
            raise SealBroken("The file is empty.")


def _read_sealed(file: BinaryIO) -> bytes | None:
    head = file.read(LENGTH_BYTES)
    if not head:
        return None
    return file.read(int.from_bytes(head, "big"))


def _context(path: Path, place: int, *, is_last: bool) -> bytes:
    name = f"{path.parent.parent.name}/{path.parent.name}/{path.name}"
    return f"copy|{name}|{place}|{int(is_last)}".encode()
