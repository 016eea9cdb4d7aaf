"""Names of the people in a conversation.

People address each other by name, so a message that holds a name is mostly not by the person named.
Names are therefore taken out of what is embedded, and the speaker of a memory is a fact of its own.
"""

import re
from collections.abc import Iterable, Sequence

from apps.memories.recall.stopwords import STOP_WORDS

_GENITIVE = r"(?:['\N{RIGHT SINGLE QUOTATION MARK}]s?)?"
_LEFT_OVER = [
    (re.compile(r"\s+([,.;:!?])"), r"\1"),
    (re.compile(r"([,;:])(?:\s*[,;:])+"), r"\1"),
    (re.compile(r"[,;:]+([.!?])"), r"\1"),
    (re.compile(r"^[\s,;:.!?]+"), ""),
    (re.compile(r"\s{2,}"), " "),
]


def remove_names(text: str, names: Iterable[str]) -> str:
    """The text without these names and their first words; the text itself where nothing is left."""
    pattern = _pattern(names)
    if pattern is None or not pattern.search(text):
        return text
    rest = pattern.sub("", text)
    for left_over, replacement in _LEFT_OVER:
        rest = left_over.sub(replacement, rest)
    return rest.strip() or text


def may_hold_names(text: str) -> bool:
    """False only for text in which a name is improbable: small letters after the first."""
    return not text.isascii() or text[1:] != text[1:].lower()


def find_names(text: str, names: Sequence[str]) -> list[str]:
    """Those of the names that the text holds, in whole or by their first word."""
    return [name for name in names if (pattern := _pattern([name])) and pattern.search(text)]


def _pattern(names: Iterable[str]) -> re.Pattern[str] | None:
    forms = {form for name in names for form in _forms(name)}
    if not forms:
        return None
    longest_first = sorted(forms, key=lambda form: (-len(form), form))
    # `re` remembers its last 512 patterns: names live on in this process for a while.
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(_expression, longest_first))}){_GENITIVE}(?!\w)")


def _forms(name: str) -> set[str]:
    words = name.split()
    if not words:
        return set()
    first = words[0]
    return {" ".join(words), first if _is_telling(first) else " ".join(words)}


def _is_telling(word: str) -> bool:
    return len(word) > 1 and word.lower() not in STOP_WORDS["english"]


def _expression(form: str) -> str:
    """Any case, but `Will` and `May` only as written, since they are common words as well."""
    words = r"\s+".join(map(re.escape, form.split()))
    return words if form.lower() in STOP_WORDS["english"] else f"(?i:{words})"
