"""Do two statements say the same in nearly the same words? Rather no than a change swallowed."""

import regex

from apps.memories.recall.words import list_words, normalise

NEAR = 0.95  # cosine from which other word forms count as the same words
_WORDS = regex.compile(r"[\p{L}\p{N}]+(?:'[\p{L}]+)?")
_CONTRACTIONS = {
    "i'm": "i am", "i've": "i have", "i'd": "i would", "i'll": "i will", "it's": "it is",
    "that's": "that is", "he's": "he is", "she's": "she is", "we're": "we are",
    "they're": "they are", "you're": "you are", "don't": "do not", "doesn't": "does not",
    "didn't": "did not", "can't": "can not", "cannot": "can not", "won't": "will not",
    "isn't": "is not", "aren't": "are not", "wasn't": "was not", "haven't": "have not",
    "favourite": "favorite", "colour": "color",
}  # fmt: skip
_FILLERS = frozenset({
    "a", "an", "the", "really", "very", "just", "also", "actually", "quite", "well", "oh", "yes",
    "yeah", "hey", "please", "so", "and", "but",
})  # fmt: skip
_MEANINGFUL = frozenset({
    "not", "no", "never", "none", "used", "was", "were", "had", "ago", "former", "formerly", "ex",
    "less", "more", "than", "before", "after",
})  # fmt: skip
"""Stop words, some of them, that turn a statement into another one."""


def is_same(new: str, known: str, cosine: float) -> bool:
    """The same but for case, marks, fillers and short forms; or near, with the same stems in
    the same order and the same words that negate, compare or tell the past.
    """
    ours, theirs = list_plain(new), list_plain(known)
    if ours == theirs:
        return bool(ours)
    return (
        cosine >= NEAR
        and _meaningful(ours) == _meaningful(theirs)
        and list_words(new) == list_words(known) != []
    )


def list_plain(text: str) -> list[str]:
    words = _WORDS.findall(normalise(text))
    long = [part for word in words for part in _CONTRACTIONS.get(word, word).split()]
    return [word for word in long if word not in _FILLERS]


def _meaningful(words: list[str]) -> list[str]:
    return [word for word in words if word in _MEANINGFUL]
