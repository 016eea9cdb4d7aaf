"""The master key, and the unwrapping of what it wraps, cached for a minute by wrapped bytes."""

import time
from functools import lru_cache

from django.conf import settings

from apps.common.crypto import Key, SealBroken

CACHE_SECONDS = 60
CACHE_SIZE = 20_000

_cache: dict[tuple[bytes, bytes], tuple[float, Key]] = {}


class MasterKeyMismatch(Exception):
    """The tenant keys were wrapped under another master key than the one configured."""


@lru_cache(maxsize=1)
def master_key() -> Key:
    return Key(settings.MASTER_KEY)


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
