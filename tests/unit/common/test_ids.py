import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from apps.common import ids
from apps.common.ids import uuid7


def test_uuid7_says_its_version_and_variant():
    made = uuid7()

    assert (made.version, made.variant) == (7, "specified in RFC 4122")


def test_uuid7_begins_with_the_milliseconds(monkeypatch):
    monkeypatch.setattr(ids, "_last_stamp", 0)  # another test may have lived in the future
    before = time.time_ns() // 1_000_000

    stamp = uuid7().int >> 80

    assert before <= stamp <= time.time_ns() // 1_000_000 + 1


def test_uuid7_is_in_the_order_of_making():
    made = [uuid7() for _ in range(5_000)]

    assert made == sorted(set(made))


def test_uuid7_keeps_its_order_when_the_clock_goes_back(monkeypatch):
    first = uuid7()
    monkeypatch.setattr(ids.time, "time_ns", lambda: 0)

    later = [uuid7() for _ in range(3)]

    assert [first, *later] == sorted([first, *later])


def test_uuid7_is_unique_over_threads():
    with ThreadPoolExecutor(8) as pool:
        batches = list(pool.map(lambda _: [uuid7() for _ in range(500)], range(8)))

    assert len({made >> 64 for batch in batches for made in (m.int for m in batch)}) == 4_000
    assert all(batch == sorted(batch) for batch in batches)


def test_first_id_of_a_time_begins_with_its_milliseconds_and_nothing_after_them():
    at = datetime(2026, 11, 22, tzinfo=UTC)

    assert ids.first_id(at).int == int(at.timestamp()) * 1000 << 80
    assert ids.first_id(datetime(594, 3, 8, tzinfo=UTC)).int == 0
