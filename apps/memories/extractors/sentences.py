"""Text to sentences, well enough for statements that people make about themselves."""

import regex

_ENDS = regex.compile(
    r"(?<=[.!?…][\"'”’)\]]?)\s+(?=[\p{Lu}\p{Lt}\p{Lo}\p{N}\"'“‘(\[])|(?<=[。！？])|\s*\n\s*"  # noqa: RUF001
)
_ABBREVIATED = regex.compile(
    r"(?:\b(?:Dr|Mr|Mrs|Ms|Prof|St|Jr|Sr|No|vs|e\.g|i\.e|approx|ca)|\b\p{Lu})\.$", regex.IGNORECASE
)
_LETTER = regex.compile(r"\p{L}")
_CLOSING = "\"'”’)] "  # noqa: RUF001
_ASKS = ("?", "？")  # noqa: RUF001


def split_sentences(text: str) -> list[str]:
    """In their order, without those that hold no letter."""
    sentences: list[str] = []
    for part in _ENDS.split(text):
        if sentences and _is_cut(sentences[-1]):
            sentences[-1] = f"{sentences[-1]} {part}"
        elif part:
            sentences.append(part)
    return [sentence.strip() for sentence in sentences if _LETTER.search(sentence)]


def is_question(sentence: str) -> bool:
    return sentence.rstrip(_CLOSING).endswith(_ASKS)


def _is_cut(sentence: str) -> bool:
    """Did it end at the dot of an abbreviation? `I.` may end one all the same."""
    return bool(_ABBREVIATED.search(sentence)) and not sentence.endswith(" I.")
