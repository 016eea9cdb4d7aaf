"""Sentences of made-up words, spread as words are in English: few are common, most are rare.

The most frequent ranks are real function words, as in any English text, so that a server's stop
words and statistics meet what they would meet in life.
"""

import random
from bisect import bisect
from itertools import accumulate

COMMON = (  # noqa: SIM905
    "the be to of and a in that have it for not on with he as you do at this but his by from they "
    "we say her she or an will my one all would there their what so up out if about who get which "
    "go me when make can like time no just him know take people into year your good some could "
    "them see other than then now look only come its over think also back after use two how our"
).split()
ONSETS = "b br c ch d dr f fl g gr h j k l m n p pl r s sh st t tr v w z".split()  # noqa: SIM905
VOWELS = "a e i o u ai ea oo".split()  # noqa: SIM905
CODAS = "n r l t s m nd rk st ck p g".split()  # noqa: SIM905
VOCABULARY = 12_000


def _words() -> list[str]:
    source = random.Random(7)
    words = dict.fromkeys(COMMON)
    while len(words) < VOCABULARY:
        syllables = source.choice((1, 2, 2, 3))
        parts = [source.choice(ONSETS) + source.choice(VOWELS) for _ in range(syllables)]
        words["".join(parts) + source.choice(CODAS)] = None
    return list(words)


WORDS = _words()
_WEIGHTS = list(accumulate(1 / (rank + 2.7) for rank in range(VOCABULARY)))


def sentence(source: random.Random, *, shortest: int = 15, longest: int = 20) -> str:
    draw, total = source.random, _WEIGHTS[-1]
    count = shortest + int(draw() * (longest - shortest + 1))
    return " ".join([WORDS[bisect(_WEIGHTS, draw() * total)] for _ in range(count)])


def question(source: random.Random) -> str:
    return sentence(source, shortest=6, longest=10)
