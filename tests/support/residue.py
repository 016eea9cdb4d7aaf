"""Looking for a planted word in bytes, in every form in which something could have kept it."""

from base64 import b64encode


def list_forms(word: str) -> dict[str, bytes]:
    """The word's forms by their names. It must be of ASCII letters and digits."""
    raw = word.encode()
    return {
        "UTF-8": raw,
        "UTF-16": word.encode("utf-16-le")[:-1],  # without its last zero it is in either order
        "hex": raw.hex().encode(),
        "HEX": raw.hex().upper().encode(),
        **{f"base64 after {lead}": _encode_after(lead, raw) for lead in range(3)},
    }


def find_forms(word: str, content: bytes) -> set[str]:
    """The names of the forms that stand in the content."""
    return {name for name, form in list_forms(word).items() if form in content}


def _encode_after(lead: int, raw: bytes) -> bytes:
    """The letters of base64 that are the same whatever stands before and after the word."""
    first, last = (lead * 8 + 5) // 6, (lead + len(raw)) * 8 // 6
    return b64encode(bytes(lead) + raw)[first:last]
