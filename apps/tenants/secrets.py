"""The form of an API key: `mhk_<lookup id>_<secret><checksum>`.

The checksum lets a scanner tell a real key without asking us; the pattern is
`mhk_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}`.
"""

import secrets
import zlib
from dataclasses import dataclass
from string import ascii_letters, digits

ALPHABET = digits + ascii_letters
PREFIX = "mhk"
LOOKUP_LENGTH, SECRET_LENGTH, CHECK_LENGTH = 12, 43, 6


@dataclass(frozen=True, slots=True)
class KeyText:
    lookup_id: str
    secret: str

    def __str__(self) -> str:
        body = f"{PREFIX}_{self.lookup_id}_{self.secret}"
        return body + make_checksum(body)


def make_key_text() -> KeyText:
    return KeyText(_random_text(LOOKUP_LENGTH), _random_text(SECRET_LENGTH))


def parse_key_text(text: str) -> KeyText | None:
    """The parts of a well-formed key; None for anything else."""
    body, check = text[:-CHECK_LENGTH], text[-CHECK_LENGTH:]
    prefix, _, rest = body.partition("_")
    lookup_id, _, secret = rest.partition("_")
    is_formed = (prefix, len(lookup_id), len(secret)) == (PREFIX, LOOKUP_LENGTH, SECRET_LENGTH)
    if not is_formed or not text.isascii() or make_checksum(body) != check:
        return None
    return KeyText(lookup_id, secret)


def make_checksum(body: str) -> str:
    number, letters = zlib.crc32(body.encode()), ""
    for _ in range(CHECK_LENGTH):
        number, rest = divmod(number, len(ALPHABET))
        letters = ALPHABET[rest] + letters
    return letters


def _random_text(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
