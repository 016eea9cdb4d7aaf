import re
import zlib

import pytest

from apps.tenants.secrets import ALPHABET, KeyText, make_checksum, make_key_text, parse_key_text

KNOWN = KeyText("abcdefghijkl", "0" * 43)


def test_key_text_has_the_published_form():
    assert re.fullmatch(r"mhk_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}", str(make_key_text()))


def test_key_text_ends_with_its_crc32_in_base_62():
    text, number = str(KNOWN), 0
    for letter in text[-6:]:
        number = number * 62 + ALPHABET.index(letter)

    assert text[:-6] == "mhk_abcdefghijkl_" + "0" * 43
    assert number == zlib.crc32(text[:-6].encode())


def test_key_text_is_never_made_twice():
    assert len({str(make_key_text()) for _ in range(500)}) == 500


def test_key_text_is_parsed_again():
    made = make_key_text()

    assert parse_key_text(str(made)) == made


def test_key_text_with_any_other_character_is_refused():
    text = str(KNOWN)

    for place in range(len(text)):
        other = "x" if text[place] != "x" else "y"
        assert parse_key_text(text[:place] + other + text[place + 1 :]) is None, place


def test_two_neighbours_in_the_wrong_order_are_refused():
    text = str(KeyText("abcdefghijkl", (ALPHABET * 2)[:43]))

    for place in range(4, len(text) - 1):
        if text[place] != text[place + 1]:
            swapped = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
            assert parse_key_text(swapped) is None, place


@pytest.mark.parametrize(
    "text",
    [
        "",
        "mhk",
        "mhk__",
        "m0-abc",
        str(KNOWN)[:-1],
        str(KNOWN) + "0",
        " " + str(KNOWN),
        str(KNOWN).upper(),
        str(KNOWN).replace("mhk_", "mhx_"),
        "mhk_abcdefghijkl_" + "é" * 43 + "000000",
        "mhk_abcdefghijkl_" + "\udcff" * 43 + "000000",
    ],
)
def test_anything_else_is_no_key(text):
    assert parse_key_text(text) is None


def test_well_formed_key_of_another_product_is_refused():
    body = "sk_abcdefghijkl_" + "0" * 43

    assert parse_key_text(body + make_checksum(body)) is None
