"""Secrets that are made once and kept in the data folder, readable by its owner only."""

import base64
import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

KEY_BYTES = 32


def read_or_make(data_dir: Path, name: str) -> str:
    """The content of keys/NAME; a random one is written there first if it is missing."""
    path = data_dir / "keys" / name
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_once(path, secrets.token_urlsafe(48))
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"{path} can't be used ({error.strerror}). Set {name.upper()} or MEMORYHUB_DATA_DIR."
        ) from None


def write_once(path: Path, text: str) -> None:
    """Write with mode 0600, whole or not at all; an existing file stays as it is."""
    if path.exists():
        return
    draft = _write_draft(path, text)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    _sync_folder(path)


def replace_file(path: Path, text: str, *, keep: Path) -> None:
    """Put a new file in the place of one that stays under the name `keep`.

    At each moment there is a whole file at `path`. FileExistsError where `keep` is taken.
    """
    draft = _write_draft(path, text)
    try:
        os.link(path, keep)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    _sync_folder(path)


def _write_draft(path: Path, text: str) -> Path:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text + "\n")
        os.fsync(file.fileno())
    return draft


def _sync_folder(path: Path) -> None:
    """A name that a power cut takes back would be a lost key."""
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def encode_key(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def parse_key(name: str, text: str | None) -> bytes | None:
    """32 bytes in base64; None where the variable is not set."""
    if text is None:
        return None
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        raw = b""
    if len(raw) != KEY_BYTES:
        raise ImproperlyConfigured(f"{name} must be {KEY_BYTES} random bytes in base64.")
    return raw
