"""Statements without a model: each sentence that a user states is one, word for word.

Which attribute a sentence is about is told by a few patterns (docs/extraction.md lists them); a
later sentence about the same attribute takes the place of the one before it. Nothing is guessed:
a sentence that fits no pattern contradicts nothing.
"""

from collections.abc import Iterable, Mapping

import regex

from apps.memories.enums import MessageRole, Verdict
from apps.memories.extractors.likeness import list_plain
from apps.memories.extractors.port import Conversation, Extraction, Statement
from apps.memories.extractors.sentences import is_question, split_sentences
from apps.memories.recall.words import list_words

Attribute = tuple[str, ...]

MOST_CHARACTERS = 1_000  # of a statement; a longer sentence is no sentence

_NOUNS = (
    "name|age|birthday|address|(?:phone |mobile )?number|email(?: address)?|job|profession"
    "|occupation|employer|boss|home ?town|city|time ?zone|language|nationality|weight|height"
    "|diet|blood type|marital status"
)
_ATTRIBUTES: tuple[tuple[regex.Pattern[str], str], ...] = tuple(
    (regex.compile(pattern), name)
    for pattern, name in (
        (rf"^(?:my|our) (?P<of>favorite [\w ]+?|(?:\w+(?:'s)? )?(?:{_NOUNS})) (?:is|are) ", "my"),
        (r"^i (?:now )?(?:live|reside) (?:now )?(?:in|at|near) ", "home"),
        (r"^i (?:have )?(?:recently )?moved (?:to|into) ", "home"),
        (r"^i am (?:now )?living (?:in|at|near) ", "home"),
        (r"^i (?:now )?work (?:now )?(?:at|for) ", "employer"),
        (r"^i am (?:now )?working (?:at|for) ", "employer"),
        (r"^i (?:now )?work as ", "occupation"),
        (r"^i am (?:now )?\d+ years old", "age"),
        (r"^i am (?:now )?(?:single|married|engaged|divorced|widowed)\b", "marital status"),
        (r"^(?:you can |please )?call me ", "my name"),
        (r"^i am (?:now )?(?:called|named) ", "my name"),
    )
)
_HABIT = regex.compile(
    r"^i (?:now )?(?P<no>no longer |do not |never |can not )?(?:any ?more )?"
    r"(?P<verb>like|love|enjoy|prefer|hate|dislike|stand|drink|eat|smoke|play|own|have|use)s? "
    r"(?P<what>.+)$"
)
_TASTES = frozenset({"like", "love", "enjoy", "prefer", "hate", "dislike", "stand"})
_TAIL = regex.compile(r" (?:any ?more|now|at all|anymore)$")
_TOPICS: Mapping[str, str] = {
    "personal_details": "name age birthday born live address phone email years old moved home",
    "family": "wife husband partner son daughter mother father sister brother married children "
    "dog cat family parents divorced engaged single",
    "professional_details": "work job company employer boss office colleague career study "
    "university degree engineer teacher",
    "sports": "football soccer tennis running swim gym marathon bike cycling sport training yoga",
    "travel": "travel trip flight holiday vacation visit hotel airport journey",
    "food": "eat food drink coffee tea restaurant vegetarian vegan cook dinner lunch breakfast",
    "music": "music song band concert guitar piano album listen sing",
    "health": "health allergic allergy doctor medicine ill sick pain diabetes hospital sleep",
    "technology": "computer phone laptop software app code programming linux",
    "hobbies": "hobby paint garden photography knit hiking collect chess",
    "fashion": "wear clothes shoes dress fashion style",
    "entertainment": "film movie book read series game show netflix",
    "milestones": "wedding graduated promotion birthday anniversary retired",
    "user_preferences": "like love prefer favorite favourite hate dislike enjoy want",
}


class RulesExtractor:
    """Deterministic, at once and without a host. Knows no instructions."""

    def extract(self, conversation: Conversation) -> Extraction:
        known = _group(enumerate(conversation.known))
        said = [
            (place, sentence)
            for place, message in enumerate(conversation.messages)
            if message.role == MessageRole.USER
            for sentence in split_sentences(message.content)
            if _is_wanted(sentence, conversation)
        ]
        topics = _make_topics(conversation.categories)
        last = {find_attribute(sentence): list_plain(sentence) for _, sentence in said}
        statements, refused = [], []
        for place, sentence in said:
            attribute = find_attribute(sentence)
            if attribute and last[attribute] != list_plain(sentence):
                refused.append(Verdict.TAKEN_BACK)
                continue
            statements.append(
                Statement(
                    text=sentence,
                    messages=(place,),
                    categories=_find_categories(sentence, topics),
                    replaces=tuple(_find_contradicted(sentence, attribute, known)),
                )
            )
        return Extraction(statements, refused)


def find_attribute(sentence: str) -> Attribute | None:
    """What the sentence gives the value of, so that another value contradicts it."""
    plain = " ".join(list_plain(sentence))
    for pattern, name in _ATTRIBUTES:
        if found := pattern.match(plain):
            of = found.groupdict().get("of", "").strip()
            return ("my name", "") if of == "name" else (name, of)
    return _find_habit(plain)


def _find_habit(plain: str) -> Attribute | None:
    """`I like X` and `I do not like X`; of what one can have many, only the end says anything."""
    found = _HABIT.match(plain)
    if found is None:
        return None
    verb = "like" if found["verb"] in _TASTES else found["verb"]
    what = _TAIL.sub("", found["what"])
    stems = tuple(list_words(what)) or (what,)
    return (verb, *stems)


def _find_contradicted(
    sentence: str, attribute: Attribute | None, known: Mapping[Attribute, list[tuple[int, str]]]
) -> Iterable[int]:
    for place, text in known.get(attribute, ()) if attribute else ():
        if list_plain(text) != list_plain(sentence):
            yield place


def _group(known: Iterable[tuple[int, str]]) -> dict[Attribute, list[tuple[int, str]]]:
    groups: dict[Attribute, list[tuple[int, str]]] = {}
    for place, text in known:
        if attribute := find_attribute(text):
            groups.setdefault(attribute, []).append((place, text))
    return groups


def _is_wanted(sentence: str, conversation: Conversation) -> bool:
    """Stated, short enough, about what is included if anything is, about nothing excluded."""
    if is_question(sentence) or len(sentence) > MOST_CHARACTERS:
        return False
    words = set(list_words(sentence))
    included, excluded = (
        set(list_words(hint)) for hint in (conversation.includes, conversation.excludes)
    )
    return not words & excluded and (not included or bool(words & included))


def _make_topics(categories: Mapping[str, str]) -> dict[str, set[str]]:
    """The stems that tell each category: those of its name, its description and our own list."""
    return {
        name: set(list_words(f"{name.replace('_', ' ')} {about} {_TOPICS.get(name, '')}"))
        for name, about in categories.items()
    }


def _find_categories(sentence: str, topics: Mapping[str, set[str]]) -> tuple[str, ...]:
    words = set(list_words(sentence))
    found = tuple(name for name, stems in topics.items() if words & stems and name != "misc")
    return found or (("misc",) if "misc" in topics else ())
