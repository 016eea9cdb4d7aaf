"""Keyed tokens: how a sealed value is found again without being readable."""

from functools import lru_cache

from apps.common.crypto import Key
from apps.keys.ring import current_ring

WORD_BYTES = 8
REMEMBERED_WORDS = 8192  # single words without an owner, in this process's memory only


def make_token(purpose: str, *values: bytes) -> bytes:
    """32 bytes: the same for equal values of one purpose in one tenant, and nowhere else."""
    return current_ring().tenant.tokens.digest(purpose.encode(), *values)


def make_word_token(word: str) -> int:
    """A signed 64-bit token of one word of the lexical index."""
    return _make_word_token(current_ring().tenant.tokens, word)


@lru_cache(REMEMBERED_WORDS)
def _make_word_token(key: Key, word: str) -> int:
    digest = key.digest(b"word", word.encode())
    return int.from_bytes(digest[:WORD_BYTES], "big", signed=True)
