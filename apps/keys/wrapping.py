"""Keys under keys. Unwrapping is remembered for a minute, by the wrapped bytes."""

import time
from threading import Lock

from apps.common.crypto import Key

CACHE_SECONDS = 60
CACHE_SIZE = 20_000

_cache: dict[tuple[bytes, bytes], tuple[float, Key]] = {}
_lock = Lock()


def wrap(key: Key, *, under: Key, context: bytes) -> bytes:
    return under.seal(key.raw, context)


def unwrap(wrapped: bytes, *, under: Key, context: bytes) -> Key:
    """The key inside. The wrapped bytes come from the database each time; only this is cached."""
    now = time.monotonic()
    entry = _cache.get((wrapped, context))
    if entry is not None and entry[0] > now:
        return entry[1]
    key = Key(under.open(wrapped, context))
    with _lock:
        _forget(now)
        _cache[wrapped, context] = (now + CACHE_SECONDS, key)
    return key


def _forget(now: float) -> None:
    """Drop what has expired, so that a destroyed key leaves the memory too, and any overflow."""
    while _cache:
        oldest = next(iter(_cache))  # entries stand in the order of their times
        if _cache[oldest][0] > now and len(_cache) < CACHE_SIZE:
            return
        del _cache[oldest]
