"""The four kinds of field: whatever is put in, only words of the catalogue come out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.telemetry.kinds import BUCKETS, Bucket, Choice, Flag, Version

ANYTHING = st.one_of(
    st.text(),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.none(),
    st.binary(),
    st.lists(st.text()),
)


@pytest.mark.parametrize(
    ("count", "label"),
    [
        (0, "0"),
        (1, "1-9"),
        (9, "1-9"),
        (10, "10-99"),
        (999, "100-999"),
        (1_000, "1k-10k"),
        (9_999, "1k-10k"),
        (10_000, "10k-100k"),
        (999_999, "100k-1M"),
        (1_000_000, "1M+"),
        (10**12, "1M+"),
        (-1, None),
        (1.5, None),
        (True, None),
        ("7", None),
    ],
)
def test_bucket(count, label):
    assert Bucket().encode(count) == label


@pytest.mark.parametrize(
    ("version", "numbers", "kept"),
    [
        ("3.11.7", 2, "3.11"),
        ("18.6 (Debian 18.6-1.pgdg12+1)", 2, "18.6"),
        ("0.1.0+secret.host", 3, "0.1.0"),
        ("3.11.7rc1-zanzibar", 3, "3.11.7"),
        ("7", 2, "7"),
        ("v1.2", 2, None),
        ("zanzibar", 2, None),
        ("\u0661.\u0662", 2, None),
        (3.11, 2, None),
        (None, 2, None),
    ],
)
def test_version(version, numbers, kept):
    assert Version(numbers).encode(version) == kept


def test_choice_of_another_word_is_other_or_nothing():
    assert Choice(("local", "other")).encode("zanzibar") == "other"
    assert Choice(("local",)).encode("zanzibar") is None
    assert Choice(("local", "other")).encode(None) is None


def test_flag():
    assert [Flag().encode(value) for value in (True, False, 1, "yes", None)] == [
        True, False, None, None, None,
    ]  # fmt: skip


@pytest.mark.parametrize("words", [(), ("two words",), ("",), ("a@b.example",), ("x" * 41,)])
def test_words_of_a_choice_are_plain(words):
    with pytest.raises(ValueError, match="letters, digits"):
        Choice(words)


@given(ANYTHING)
def test_nothing_but_the_kinds_own_values_comes_out(value):
    assert Bucket().encode(value) in {None, *BUCKETS.values()}
    assert Choice(("local", "other")).encode(value) in {None, "local", "other"}
    assert Flag().encode(value) in {None, True, False}
    assert set(Version(3).encode(value) or "") <= set("0123456789.")


@given(ANYTHING)
def test_what_comes_out_is_accepted(value):
    for kind in (Bucket(), Choice(("local", "other")), Flag(), Version(3)):
        assert kind.accepts(kind.encode(value))


@pytest.mark.parametrize("value", ["zanzibar", "1.2.3-zanzibar", 7, ["local"]])
def test_what_is_not_of_the_kind_is_not_accepted(value):
    for kind in (Bucket(), Choice(("local",)), Flag(), Version(3)):
        assert not kind.accepts(value)
