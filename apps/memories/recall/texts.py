"""What of a message is embedded, and what its words say about it."""

from collections.abc import Iterable

import regex

from apps.memories.recall.names import remove_names

_SENTENCE_ENDS = regex.compile(r"(?<=[.!?])\s+|(?<=[\u3002\uff01\uff1f])")
_QUESTION_MARKS = ("?", "\uff1f")
_TIMES = regex.compile(
    r"""\b(
    yesterday | today | tonight | tomorrow | ago | recently | just | last | next
    | this\ (morning|afternoon|evening|week|weekend|month|year|spring|summer|autumn|fall|winter)
    | (mon|tues|wednes|thurs|fri|satur|sun)day
    | january | february | march | april | june | july | august
    | september | october | november | december
    | (day|night|week|weekend|month|year)s? | (19|20)\d\d
    )\b""",
    regex.VERBOSE | regex.IGNORECASE,
)


def prepare_embedding(text: str, names: Iterable[str] = ()) -> str:
    """The text to embed: without the names, and without its questions where more was said.

    What somebody asks says little about what they know, and would match every similar question.
    """
    nameless = remove_names(text, names)
    sentences = _SENTENCE_ENDS.split(nameless)
    statements = [part for part in sentences if not part.rstrip().endswith(_QUESTION_MARKS)]
    return " ".join(statements).strip() or nameless


def tells_time(text: str) -> bool:
    """Whether the text says when something was or will be (English): such messages tell events."""
    return _TIMES.search(text) is not None
