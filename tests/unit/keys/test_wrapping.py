"""What is unwrapped is remembered for a minute, and for its place only."""

import pytest

from apps.common.crypto import Key, SealBroken
from apps.keys import wrapping
from apps.keys.wrapping import unwrap, wrap


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(wrapping.time, "monotonic", lambda: now[0])
    return now


def test_unwrapped_key_is_remembered_for_a_minute(cold_keys, clock, monkeypatch):
    outer, inner, opened = Key.generate(), Key.generate(), []
    wrapped = wrap(inner, under=outer, context=b"here")
    open_value = Key.open
    monkeypatch.setattr(Key, "open", lambda *args: opened.append(clock[0]) or open_value(*args))

    for clock[0] in (100, 159.9, 160, 219.9, 220):
        assert unwrap(wrapped, under=outer, context=b"here").raw == inner.raw

    assert opened == [100, 160, 220]


def test_what_has_expired_leaves_the_memory_with_the_next_key(cold_keys, clock):
    outer = Key.generate()
    for clock[0] in (100, 130, 159, 160):
        unwrap(wrap(Key.generate(), under=outer, context=b""), under=outer, context=b"")

    assert [expires for expires, _ in wrapping._cache.values()] == [190, 219, 220]


def test_unwrapped_key_is_remembered_for_its_place_only(cold_keys):
    outer = Key.generate()
    wrapped = wrap(Key.generate(), under=outer, context=b"here")
    unwrap(wrapped, under=outer, context=b"here")

    with pytest.raises(SealBroken):
        unwrap(wrapped, under=outer, context=b"there")


def test_cache_of_unwrapped_keys_drops_the_oldest(cold_keys, monkeypatch):
    monkeypatch.setattr(wrapping, "CACHE_SIZE", 3)
    outer = Key.generate()
    made = [wrap(Key.generate(), under=outer, context=b"") for _ in range(10)]

    for wrapped in made:
        unwrap(wrapped, under=outer, context=b"")

    assert [wrapped for wrapped, _ in wrapping._cache] == made[-3:]
