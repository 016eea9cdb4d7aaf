import pytest

from apps.memories.recall.names import find_names, may_hold_names, remove_names

NAMES = ["Ada Byron", "Tom", "Will"]


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("Hey Ada! Good to see you.", "Hey! Good to see you."),
        ("Thanks, Ada Byron, that's great", "Thanks, that's great"),
        ("TOM, you're right", "you're right"),
        ("What did Ada's friend say to Tom?", "What did friend say to?"),
        ("What did Ada\u2019s friend say?", "What did friend say?"),
        ("Tomorrow is an adaptation", "Tomorrow is an adaptation"),
        ("I will ask Will", "I will ask"),
        ("No one here", "No one here"),
        ("Ada", "Ada"),
        ("", ""),
    ],
)
def test_names_are_removed_with_what_they_leave_behind(text, rest):
    assert remove_names(text, NAMES) == rest


@pytest.mark.parametrize("names", [[], [""], ["  "]])
def test_without_names_a_text_stays(names):
    assert remove_names("Hello, you.", names) == "Hello, you."


def test_names_may_hold_signs_of_expressions():
    assert remove_names("Hi (b.o.t), hello", ["(b.o.t)"]) == "Hi, hello"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("What did ada do with Tom?", ["Ada Byron", "Tom"]),
        ("Will it rain?", ["Will"]),
        ("It will rain tomorrow", []),
    ],
)
def test_names_are_found(text, names):
    assert find_names(text, NAMES) == names


@pytest.mark.parametrize(
    ("text", "may"),
    [
        ("", False),
        ("where does she live?", False),
        ("Where does she live?", False),
        ("Where does Ada live?", True),
        ("AI", True),
        ("où habite ada", True),
        ("她住在哪里", True),
    ],
)
def test_a_name_is_expected_where_one_may_stand(text, may):
    assert may_hold_names(text) is may
