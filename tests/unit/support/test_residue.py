import random
from base64 import b64encode, urlsafe_b64encode

import pytest

from tests.support.residue import find_forms, list_forms

WORD = "zq7f3kP0"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (f"before {WORD} after".encode(), "UTF-8"),
        (f"before {WORD} after".encode("utf-16-le"), "UTF-16"),
        (f"before {WORD} after".encode("utf-16-be"), "UTF-16"),
        (f"before {WORD} after".encode().hex().encode(), "hex"),
        (f"before {WORD} after".encode().hex().upper().encode(), "HEX"),
    ],
)
def test_word_is_found_in_each_form(content, name):
    assert find_forms(WORD, content) == {name}


@pytest.mark.parametrize("lead", range(9))
@pytest.mark.parametrize("encode", [b64encode, urlsafe_b64encode])
def test_word_is_found_in_base64_wherever_it_stands(lead, encode):
    noise = random.Random(lead)
    content = encode(noise.randbytes(lead) + WORD.encode() + noise.randbytes(9))

    assert find_forms(WORD, content) == {f"base64 after {lead % 3}"}


def test_another_word_is_not_found():
    others = b" ".join(list_forms(WORD[::-1]).values())

    assert find_forms(WORD, others) == set()
