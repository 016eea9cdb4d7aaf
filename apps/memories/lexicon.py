"""The lexical index of a memory: its own words as keyed tokens. Needs an open scope."""

from django.conf import settings

from apps.keys.tokens import make_word_token
from apps.memories.fields import TERM_SPACE
from apps.memories.recall.texts import tells_time
from apps.memories.recall.words import count_words, list_words, normalise

HIGHEST_COUNT = 7  # a search reads three bits a word
MOST_TERMS = 4_000
MOST_LENGTH = 32_767
MOST_QUERY_WORDS = 40


def count_terms(text: str, *, speaker: str) -> tuple[dict[int, int], int]:
    """The terms of a memory with their counts, and its length in words.

    That a speaker says when something was is a term of its own: such messages tell events.
    """
    words = count_words(text, settings.LEXICAL_LANGUAGE)
    most = words.most_common(MOST_TERMS)
    terms = {make_term(word): min(count, HIGHEST_COUNT) for word, count in most}
    if speaker:
        terms[make_speaker_term(speaker)] = 1
        if tells_time(text):
            terms[make_time_term()] = 1
    return terms, min(words.total(), MOST_LENGTH)


def list_query_terms(text: str) -> list[int]:
    """The distinct words of a question, the first ones if there are very many."""
    words = dict.fromkeys(list_words(text, settings.LEXICAL_LANGUAGE))
    return list(dict.fromkeys(make_term(word) for word in list(words)[:MOST_QUERY_WORDS]))


def make_term(word: str) -> int:
    """A number from 1 to TERM_SPACE that only this tenant's key makes of this word."""
    return make_word_token(word) % TERM_SPACE + 1


def make_time_term() -> int:
    return make_term("time:")


def make_speaker_term(name: str) -> int:
    return make_term(f"speaker:{normalise(name)}")
