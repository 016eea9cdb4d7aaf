"""A planted word, in every form in which something could have kept it."""

import mmap
from base64 import b64encode
from collections.abc import Iterable
from pathlib import Path


def list_forms(word: str) -> list[bytes]:
    """The word as bytes, as UTF-16, as hex, as base64. It must be of ASCII letters and digits."""
    raw = word.encode()
    return [
        raw,
        word.encode("utf-16-le")[:-1],
        raw.hex().encode(),
        raw.hex().upper().encode(),
        *(_encode_after(lead, raw) for lead in range(3)),
    ]


def list_texts(word: str) -> list[str]:
    """Those that can stand in a text."""
    return [form.decode() for form in list_forms(word) if b"\0" not in form]


def holds(path: Path, needles: Iterable[bytes]) -> bool:
    """Whether a file holds one of these. It is mapped, not read into memory."""
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as found:
            return any(found.find(needle) >= 0 for needle in needles)
    except (ValueError, FileNotFoundError):  # empty, or gone meanwhile
        return False


def _encode_after(lead: int, raw: bytes) -> bytes:
    """The letters of base64 that are the same whatever stands before and after the word."""
    first, last = (lead * 8 + 5) // 6, (lead + len(raw)) * 8 // 6
    return b64encode(bytes(lead) + raw)[first:last]
