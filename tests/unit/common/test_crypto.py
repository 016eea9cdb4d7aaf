import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from apps.common import crypto
from apps.common.crypto import Key, SealBroken

PLAIN = "Zürich keeps a secret".encode()
CONTEXT = b"tenant|row"


@pytest.fixture
def key():
    return Key(bytes(range(32)))


@pytest.mark.parametrize("plain", [b"", b"a", PLAIN, bytes(100_000)])
def test_seal_opens_again(key, plain):
    sealed = key.seal(plain, CONTEXT)

    assert key.open(sealed, CONTEXT) == plain
    assert len(sealed) == len(plain) + 29


def test_seal_is_aes_256_gcm_with_its_format_in_the_associated_data(key):
    sealed = key.seal(PLAIN, CONTEXT)

    opened = AESGCM(bytes(range(32))).decrypt(sealed[1:13], sealed[13:], b"\x01" + CONTEXT)

    assert (sealed[:1], opened) == (b"\x01", PLAIN)


def test_seal_of_a_fixed_nonce_is_the_known_one(key, monkeypatch):
    monkeypatch.setattr(crypto.secrets, "token_bytes", lambda count: b"\x07" * count)

    sealed = key.seal(b"hello", b"here")

    assert sealed == b"\x01" + b"\x07" * 12 + AESGCM(key.raw).encrypt(
        b"\x07" * 12, b"hello", b"\x01here"
    )


def test_seal_never_repeats(key):
    assert len({key.seal(PLAIN, CONTEXT) for _ in range(100)}) == 100


def test_open_refuses_any_changed_byte(key):
    sealed = key.seal(b"abc", CONTEXT)

    for place in range(len(sealed)):
        changed = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        with pytest.raises(SealBroken):
            key.open(changed, CONTEXT)


@pytest.mark.parametrize("length", [0, *range(9, 32)])
def test_open_refuses_a_value_cut_short(key, length):
    sealed = key.seal(b"abc", CONTEXT)

    with pytest.raises(SealBroken):
        key.open(sealed[:length], CONTEXT)


@pytest.mark.parametrize("length", range(1, 9))
def test_open_refuses_a_value_cut_in_its_nonce(key, length):
    with pytest.raises(SealBroken):
        key.open(key.seal(b"abc", CONTEXT)[:length], CONTEXT)


def test_open_refuses_another_context(key):
    with pytest.raises(SealBroken):
        key.open(key.seal(PLAIN, CONTEXT), CONTEXT + b"x")


def test_open_refuses_another_key(key):
    with pytest.raises(SealBroken):
        Key.generate().open(key.seal(PLAIN, CONTEXT), CONTEXT)


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_key_of_another_length_is_refused(length):
    with pytest.raises(ValueError, match="A key has 32 bytes"):
        Key(bytes(length))


def test_generated_keys_differ():
    assert len({Key.generate().raw for _ in range(100)}) == 100


def test_digest_is_hmac_sha256_over_lengths_and_parts(key):
    digest = key.digest(b"ab", b"", b"c")

    # HMAC of 00000002 "ab" 00000000 00000001 "c", made with another implementation
    assert digest.hex() == "64d220681a669f90b6b937a0999e2b3382de24ebca288381e0894770fdec25bb"


@pytest.mark.parametrize("parts", [(b"a", b"bc"), (b"abc",), (b"ab", b"c", b""), (b"c", b"ab")])
def test_digest_tells_parts_apart(key, parts):
    assert key.digest(*parts) != key.digest(b"ab", b"c")


def test_derived_keys_differ_by_purpose_and_are_the_same_again(key):
    assert key.derive(b"seal").raw == key.derive(b"seal").raw
    assert len({key.raw, key.derive(b"seal").raw, key.derive(b"tokens").raw}) == 3
