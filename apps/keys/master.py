"""The master key, and the unwrapping of what it wraps, cached for a minute by wrapped bytes."""

import time
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from apps.common.crypto import Key, SealBroken
from apps.common.secret_files import encode_key, parse_key, write_once

CACHE_SECONDS = 60
CACHE_SIZE = 20_000

_cache: dict[tuple[bytes, bytes], tuple[float, Key]] = {}


class MasterKeyMismatch(Exception):
    """The tenant keys were wrapped under another master key than the one configured."""


class MasterKeyMissing(Exception):
    """No master key is configured, and none lies in the data folder."""


@lru_cache(maxsize=1)
def master_key() -> Key:
    """From MEMORYHUB_MASTER_KEY, else the data folder. Never made here: see `make_master_key`."""
    raw = settings.MASTER_KEY or _read_file(settings.MASTER_KEY_PATH)
    if raw is None:
        raise MasterKeyMissing(
            f"There is no master key: set MEMORYHUB_MASTER_KEY or bring back"
            f" {settings.MASTER_KEY_PATH}. Without it nothing that is stored can be read."
        )
    return Key(raw)


def make_master_key() -> None:
    """Make one in the data folder unless there is one. Only for an instance without any key."""
    if settings.MASTER_KEY is None:
        path = settings.MASTER_KEY_PATH
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_once(path, encode_key(Key.generate().raw))
        master_key.cache_clear()


def _read_file(path: Path) -> bytes | None:
    return parse_key(str(path), path.read_text("ascii").strip()) if path.exists() else None


def wrap(key: Key, *, under: Key, context: bytes) -> bytes:
    return under.seal(key.raw, context)


def unwrap(wrapped: bytes, *, under: Key, context: bytes) -> Key:
    """The key inside. The wrapped bytes come from the database each time; only this is cached."""
    now = time.monotonic()
    entry = _cache.get((wrapped, context))
    if entry is not None and entry[0] > now:
        return entry[1]
    key = Key(under.open(wrapped, context))
    if len(_cache) >= CACHE_SIZE:
        _cache.clear()
    _cache[wrapped, context] = (now + CACHE_SECONDS, key)
    return key


def unwrap_tenant_key(wrapped: bytes, context: bytes) -> Key:
    try:
        return unwrap(wrapped, under=master_key(), context=context)
    except SealBroken:
        raise MasterKeyMismatch(
            "The master key does not open the tenant keys. Set MEMORYHUB_MASTER_KEY to the one "
            "they were made with."
        ) from None
