import pytest

from apps.memories.recall.texts import prepare_embedding, tells_time


@pytest.mark.parametrize(
    ("text", "embedded"),
    [
        ("Hi Ada! I bought a boat. And you?", "Hi! I bought a boat."),
        ("How are you, Ada?", "How are you?"),
        ("Did you? I did.", "I did."),
        ("元気ですか\uff1f船を買いました。", "船を買いました。"),
        ("I bought a boat", "I bought a boat"),
        ("Ada", "Ada"),
        ("", ""),
    ],
)
def test_what_a_text_states_is_embedded(text, embedded):
    assert prepare_embedding(text, ["Ada"]) == embedded


@pytest.mark.parametrize(
    "text", ["I moved last year.", "It rained on Friday", "In March 2020", "Two weeks ago"]
)
def test_a_time_is_told(text):
    assert tells_time(text)


@pytest.mark.parametrize("text", ["I like boats.", "She may come", "It lasts"])
def test_no_time_is_told(text):
    assert not tells_time(text)
