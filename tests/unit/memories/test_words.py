import threading

import pytest

from apps.memories.recall.words import count_words, list_words, normalise


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("She paints the old painting", ["paint", "old", "paint"]),
        ("example.com has 10,000 first_names", ["exampl", "com", "10000", "first", "name"]),
        ("version 3.14", ["version", "3.14"]),
        ("Maria's dog", ["maria", "dog"]),
        ("Café NAÏVE", ["cafe", "naiv"]),
        ("ﬁne", ["fine"]),
        ("can't won't the of", []),
        ("!? …", []),
        ("", []),
    ],
)
def test_words_are_stemmed_and_stop_words_left_out(text, words):
    assert list_words(text) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("東京タワー", ["東京", "京タ", "タワ", "ワー"]),
        ("我喜欢 tea", ["我喜", "喜欢", "tea"]),
        ("茶", ["茶"]),
        ("고양이", ["고양", "양이"]),
        ("ชาดี", ["ชา", "าดี"]),
    ],
)
def test_scripts_without_spaces_give_pairs_of_characters(text, words):
    assert list_words(text) == words


def test_the_script_decides_the_language_where_it_can():
    assert list_words("зелёные книги") == list_words("зелёная книга")


def test_the_latin_script_has_the_language_that_is_named():
    assert list_words("die Häuser", "german") == ["die", "haus"]


def test_words_are_counted():
    assert count_words("tea, more tea and Tea") == {"tea": 3}


def test_a_very_long_word_is_cut():
    assert [len(word) for word in list_words("x" * 1000)] == [64]


def test_different_spellings_of_a_character_become_one():
    assert normalise("e\u0301") == normalise("\u00e9")


def test_threads_do_not_disturb_each_other():
    words = [f"testing{number}" for number in range(2000)]
    results: list[list[str]] = []
    threads = [
        threading.Thread(target=lambda: results.append(list_words(" ".join(words))))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert results == [results[0]] * 4
