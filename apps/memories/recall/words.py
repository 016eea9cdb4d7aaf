"""Text to the words that lexical search counts, in the form in which it compares them.

Words end where Unicode says so. Scripts written without spaces are cut into pairs of characters.
Words are stemmed in the language of their script; for the Latin script, which many share, the
caller names it.
"""

import functools
import itertools
import threading
import unicodedata
from collections import Counter

import regex
import Stemmer

from apps.memories.recall.stopwords import STOP_WORDS

LONGEST_WORD = 64
# Remembered to keep a message below .1 ms: single words of anybody's texts, without an owner, in
# this process's memory only, few and gone with it.
REMEMBERED_WORDS = 8192
APOSTROPHE = "\N{RIGHT SINGLE QUOTATION MARK}"

SCRIPT_LANGUAGES = {
    "ARABIC": "arabic",
    "ARMENIAN": "armenian",
    "CYRILLIC": "russian",
    "DEVANAGARI": "hindi",
    "GREEK": "greek",
    "HEBREW": "yiddish",
    "TAMIL": "tamil",
}
_UNSPACED = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}ー]"
_PIECES = regex.compile(
    rf"({_UNSPACED}[{_UNSPACED}\p{{M}}]*)|(\b\w(?:\B.)*)", regex.WORD | regex.V1
)
_CHARACTERS = regex.compile(r"\X")
_THOUSANDS = regex.compile(r"(?<=\d)[,'](?=\d{3})")
_SEPARATORS = regex.compile(r"(?<=\D)[.:_]+|[.:_]+(?=\D|$)")


def count_words(text: str, language: str = "english") -> Counter[str]:
    """How often each word stands in the text; stop words are left out."""
    return Counter(list_words(text, language))


def list_words(text: str, language: str = "english") -> list[str]:
    """The words in their order, repeats included, stop words left out."""
    words: list[str] = []
    for run, piece in _PIECES.findall(normalise(text)):
        if run:
            words += _pair_characters(run)
        else:
            words += _reduce(piece[:LONGEST_WORD], language)
    return words


def normalise(text: str) -> str:
    """One form for all spellings of the same characters, in small letters."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", text).casefold().replace(APOSTROPHE, "'")


def _pair_characters(run: str) -> list[str]:
    characters = _CHARACTERS.findall(run)
    return [first + second for first, second in itertools.pairwise(characters)] or [run]


@functools.lru_cache(REMEMBERED_WORDS)
def _reduce(piece: str, language: str) -> tuple[str, ...]:
    """No word for a stop word; two for `example.com` and `first_name`; one for `10,000`."""
    stop_words = STOP_WORDS.get(language, frozenset())
    if piece in stop_words:
        return ()
    parts = _SEPARATORS.sub(" ", _THOUSANDS.sub("", piece)).split()
    return tuple(_stem(part, language) for part in parts if part not in stop_words)


def _stem(word: str, language: str) -> str:
    script = unicodedata.name(word[0], "").partition(" ")[0]
    if script == "LATIN":
        return _drop_accents(str(_stemmer(language).stemWord(word)))
    if script in SCRIPT_LANGUAGES:
        return str(_stemmer(SCRIPT_LANGUAGES[script]).stemWord(word))
    return word


def _drop_accents(word: str) -> str:
    if word.isascii():
        return word
    parts = unicodedata.normalize("NFD", word)
    return "".join(part for part in parts if not unicodedata.combining(part))


_own = threading.local()  # a stemmer keeps its word in itself, so each thread has its own


def _stemmer(language: str) -> Stemmer.Stemmer:
    stemmers = _own.__dict__
    if language not in stemmers:
        stemmers[language] = Stemmer.Stemmer(language, 0)  # remembers no words itself
    found: Stemmer.Stemmer = stemmers[language]
    return found
