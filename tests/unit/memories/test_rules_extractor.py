"""Statements by rules: sentences, categories, and what contradicts what."""

from datetime import UTC, datetime

import pytest

from apps.memories.enums import Verdict
from apps.memories.extractors import Conversation, Said
from apps.memories.extractors.likeness import is_same
from apps.memories.extractors.port import DEFAULT_CATEGORIES
from apps.memories.extractors.rules import RulesExtractor, find_attribute
from apps.memories.extractors.sentences import is_question, split_sentences

SAID_AT = datetime(2026, 5, 4, tzinfo=UTC)


def extract(*texts, role="user", **more):
    messages = [Said(role, text) for text in texts]
    return RulesExtractor().extract(Conversation(messages=messages, said_at=SAID_AT, **more))


def texts(*given, **more):
    return [one.text for one in extract(*given, **more).statements]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("I drink tea. I swim!", ["I drink tea.", "I swim!"]),
        ("I saw Dr. Smith. He is kind.", ["I saw Dr. Smith.", "He is kind."]),
        ("J. R. Tolkien wrote it", ["J. R. Tolkien wrote it"]),
        ("It costs 3.50 euro, e.g. at noon.", ["It costs 3.50 euro, e.g. at noon."]),
        ("one\n\ntwo\n- three", ["one", "two", "- three"]),
        ("我喜欢茶。我住在北京。", ["我喜欢茶。", "我住在北京。"]),
        ('She said "Yes." Then she left.', ['She said "Yes."', "Then she left."]),
        ("... !!! 42", []),
        ("", []),
    ],
)
def test_text_is_split_into_sentences(text, sentences):
    assert split_sentences(text) == sentences


@pytest.mark.parametrize(
    ("sentence", "asks"),
    [
        ("Who?", True),
        ('"Who?"', True),
        ("谁\N{FULLWIDTH QUESTION MARK}", True),
        ("I asked who.", False),
    ],
)
def test_questions_are_told(sentence, asks):
    assert is_question(sentence) is asks


def test_each_sentence_that_a_user_states_is_a_statement():
    found = extract("I drink tea. Do you?", "I swim. I sing.").statements

    assert [(one.text, one.messages, one.confidence) for one in found] == [
        ("I drink tea.", (0,), 1.0),
        ("I swim.", (1,), 1.0),
        ("I sing.", (1,), 1.0),
    ]
    assert texts("I am a machine.", role="assistant") == []
    assert texts("x" * 1_001) == []


@pytest.mark.parametrize(
    ("sentence", "categories"),
    [
        ("I am allergic to nuts.", {"health"}),
        ("My wife is a teacher.", {"family", "professional_details"}),
        ("It rained.", {"misc"}),
    ],
)
def test_categories_are_told_by_their_words(sentence, categories):
    [found] = extract(sentence, categories=DEFAULT_CATEGORIES).statements

    assert set(found.categories) == categories


def test_own_categories_replace_the_others():
    own = {"weather": "rain, snow and sun", "ships": ""}

    found = extract("It rained.", "I saw a ship.", "I drink tea.", categories=own).statements

    assert [one.categories for one in found] == [("weather",), ("ships",), ()]


def test_hints_choose_sentences():
    assert texts("I drink tea.", "I swim.", includes="drinks, food") == ["I drink tea."]
    assert texts("I drink tea.", "I swim.", excludes="drinks") == ["I swim."]


SAME = [
    ("My favorite color is blue.", "My favourite colour is green."),
    ("My wife's name is Ann.", "My wife's name is Eve."),
    ("My name is Bo.", "Call me Bobo."),
    ("I live in Oslo.", "I moved to Rome."),
    ("I'm living in Oslo.", "I now live in Rome."),
    ("I work for Acme.", "I'm working at Apex."),
    ("I work as a cook.", "I work as a pilot."),
    ("I am 30 years old.", "I'm 31 years old."),
    ("I am single.", "I'm married to Ann."),
    ("I like tea.", "I don't like tea anymore."),
    ("I love green tea.", "I hate green tea."),
    ("I drink coffee.", "I no longer drink coffee."),
    ("I have a dog.", "I no longer have a dog."),
    ("My email address is a@b.example", "My email is c@d.example"),
]
OTHER = [
    ("My favorite color is blue.", "My favorite food is rice."),
    ("My wife's name is Ann.", "My dog's name is Rex."),
    ("I live in Oslo.", "I work in Oslo."),
    ("I have a dog.", "I have a cat."),
    ("I like tea.", "I like coffee."),
    ("I drink coffee.", "I like coffee."),
    ("My brother is tall.", "My brother is a doctor."),
    ("I am a pilot.", "I am a father."),
]


@pytest.mark.parametrize(("first", "second"), SAME[:-1])
def test_sentences_about_one_attribute_contradict(first, second):
    assert find_attribute(first) == find_attribute(second) is not None
    [found] = extract(second, known=["It rained.", first]).statements
    assert found.replaces == (1,)


@pytest.mark.parametrize(("first", "second"), OTHER)
def test_sentences_about_different_things_do_not(first, second):
    [found] = extract(second, known=[first]).statements

    assert found.replaces == ()


def test_what_is_said_again_contradicts_nothing():
    [found] = extract("I live in Oslo!", known=["I live in Oslo."]).statements

    assert found.replaces == ()


def test_last_of_what_the_same_messages_say_holds():
    found = extract("I live in Oslo. I swim.", "Sorry, no.", "I live in Rome.")

    assert [one.text for one in found.statements] == ["I swim.", "Sorry, no.", "I live in Rome."]
    assert found.refused == [Verdict.TAKEN_BACK]


@pytest.mark.parametrize(
    ("new", "known", "cosine", "same"),
    [
        ("I drink tea.", "i drink TEA", 0.0, True),
        ("I really love tea", "I love the tea!", 0.0, True),
        ("I'm from Rome", "I am from Rome.", 0.0, True),
        ("My favourite colour is red", "My favorite color is red.", 0.0, True),
        ("I drink tea.", "I do not drink tea.", 0.99, False),
        ("I live in Oslo.", "I live in Rome.", 0.99, False),
        ("Ann likes Bo.", "Bo likes Ann.", 0.99, False),
        ("I have 2 cats.", "I have 3 cats.", 0.99, False),
        ("I have a dog.", "I have a dog named Rex.", 0.99, False),
        ("I am drinking tea.", "I drink tea.", 0.96, True),
        ("I am drinking tea.", "I drink tea.", 0.90, False),
        ("I was a pilot.", "I am a pilot.", 0.99, False),
        ("I used to smoke.", "I smoke.", 0.99, False),
        ("!!!", "???", 1.0, False),
    ],
)
def test_likeness(new, known, cosine, same):
    assert is_same(new, known, cosine) is same
