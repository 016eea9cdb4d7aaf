from hypothesis import given
from hypothesis import strategies as st

from apps.dashboard.presenters.diffs import compare
from apps.dashboard.presenters.parts import Change


def test_changed_words_are_marked():
    removed, added = compare("wants a cabin", "wants two cabins")

    assert removed == (Change("wants ", False), Change("a cabin", True))
    assert added == (Change("wants ", False), Change("two cabins", True))


def test_first_version_is_all_new():
    assert compare("", "likes tea") == ((), (Change("likes tea", True),))


def test_same_text_marks_nothing():
    removed, added = compare("likes tea", "likes tea")

    assert removed == added == (Change("likes tea", False),)


@given(st.text(), st.text())
def test_lines_give_their_texts_again(old, new):
    removed, added = compare(old, new)

    assert "".join(change.words for change in removed) == old
    assert "".join(change.words for change in added) == new
