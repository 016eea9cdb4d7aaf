"""AES-256-GCM with a versioned header, and keyed digests. Nothing here knows a table."""

import hmac
import secrets
from functools import cached_property

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12
FORMAT = b"\x01"  # first byte of every sealed value; a new format gets a new number


class SealBroken(Exception):
    """The value was changed, moved to another row, or sealed under another key."""


class Key:
    """256 random bits that seal, open and digest. The cipher object is built once."""

    def __init__(self, raw: bytes) -> None:
        if len(raw) != KEY_BYTES:
            raise ValueError(f"A key has {KEY_BYTES} bytes.")
        self.raw = raw
        self._derived: dict[bytes, Key] = {}

    @classmethod
    def generate(cls) -> "Key":
        return cls(secrets.token_bytes(KEY_BYTES))

    @cached_property
    def _cipher(self) -> AESGCM:
        return AESGCM(self.raw)

    def seal(self, plain: bytes, context: bytes) -> bytes:
        """Format byte, nonce, ciphertext and tag: 29 bytes longer than `plain`."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return FORMAT + nonce + self._cipher.encrypt(nonce, plain, FORMAT + context)

    def open(self, sealed: bytes, context: bytes) -> bytes:
        """Raises SealBroken unless key, context and value belong together."""
        if sealed[:1] != FORMAT:
            raise SealBroken("Unknown format of a sealed value.")
        nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        try:
            return self._cipher.decrypt(nonce, body, FORMAT + context)
        except (InvalidTag, ValueError):  # ValueError: cut off inside its nonce
            raise SealBroken("A sealed value does not belong to its key and row.") from None

    def digest(self, *parts: bytes) -> bytes:
        """HMAC-SHA256 over the parts, each with its length before it."""
        message = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
        return hmac.digest(self.raw, message, "sha256")

    def derive(self, purpose: bytes) -> "Key":
        """A key for one purpose, from which this one can't be computed. Made once an object."""
        key = self._derived.get(purpose)
        if key is None:
            key = self._derived[purpose] = Key(self.digest(b"derive", purpose))
        return key
