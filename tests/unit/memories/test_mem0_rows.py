"""What becomes of a memory of mem0's and of its history."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from apps.common.errors import Invalid
from apps.memories.enums import EntityKind
from apps.memories.mem0.open_source import make_row
from apps.memories.mem0.rows import Change, Row, make_id, make_known

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


def at(hours):
    return (NINE + timedelta(hours=hours)).isoformat()


def row(text="now", **fields):
    plain = {
        "id": "3b0e9f6c-5d24-4d0e-8f3a-2c1b7a9d6e50",
        "names": {EntityKind.USER: "zoe"},
        "created_at": at(0),
        "updated_at": at(9),
    }
    return Row(text=text, **plain | fields)


def states(row, *changes):
    known = make_known(row, [Change(*change) for change in changes])
    assert [version.number for version in known.versions] == list(range(1, len(known.versions) + 1))
    return [
        (version.event, version.text, version.created_at.isoformat()) for version in known.versions
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([], [("ADD", "now", 0)]),
        ([("ADD", "now", at(0))], [("ADD", "now", 0)]),
        (
            [("ADD", "old", at(0)), ("UPDATE", "now", at(2))],
            [("ADD", "old", 0), ("UPDATE", "now", 2)],
        ),
        ([("ADD", "old", at(0))], [("ADD", "old", 0), ("UPDATE", "now", 9)]),
        ([("UPDATE", "now", at(2))], [("ADD", "now", 2)]),
        (
            [("ADD", "secret", at(0)), ("UPDATE", "secrets", at(1)), ("DELETE", None, at(2))],
            [("ADD", "now", 0)],
        ),
        (
            [("ADD", "secret", at(0)), ("DELETE", None, at(2)), ("ADD", "now", at(3))],
            [("ADD", "now", 3)],
        ),
        ([("ADD", "now", None)], [("ADD", "now", 0)]),
        ([("NOOP", "other", at(0)), ("ADD", None, at(1))], [("ADD", "now", 0)]),
        (
            [("UPDATE", "now", at(2)), ("ADD", "old", at(0))],
            [("ADD", "old", 0), ("UPDATE", "now", 2)],
        ),
    ],
)
def test_history_becomes_versions(changes, expected):
    assert states(row(), *changes) == [(event, text, at(hour)) for event, text, hour in expected]


def test_history_that_cant_be_read_is_said_to_be_so():
    with pytest.raises(Invalid, match=r"^Its history has no time that can be read\.$"):
        make_known(row(), [Change("ADD", "now", "soon")])


def test_only_the_last_version_has_the_metadata():
    known = make_known(row(metadata={"a": 1}), [Change("ADD", "old", at(0))])

    assert [version.metadata for version in known.versions] == [None, {"a": 1}]


def test_versions_of_one_millisecond_stay_in_their_order():
    changes = [Change("UPDATE", str(number), at(0)) for number in range(20)]

    known = make_known(row("19"), changes)

    assert [version.text for version in sorted(known.versions, key=lambda each: each.id)] == [
        str(number) for number in range(20)
    ]


def test_id_that_is_no_uuid_is_always_given_the_same_one():
    text = "3b0e9f6c-5d24-4d0e-8f3a-2c1b7a9d6e50"

    assert make_id(text) == UUID(text)
    assert make_id("17") == make_id("17") != make_id("18")


def test_payload_is_taken_apart():
    payload = {
        "data": "now",
        "hash": "h",
        "text_lemmatized": "now",
        "attributed_to": "assistant",
        "user_id": "ada",
        "agent_id": "bot",
        "run_id": "r",
        "actor_id": "Nadja",
        "created_at": at(0),
        "updated_at": at(1),
        "expiration_date": "2030-01-01",
        "app_id": "of the application",
        "topic": "tea",
    }

    known = make_known(make_row("17", payload), [])

    assert known.entity_ids == {"user": "ada", "agent": "bot", "run": "r"}
    assert known.metadata == {"app_id": "of the application", "topic": "tea"}
    assert (known.speaker, known.role) == ("Nadja", "assistant")
    assert str(known.expires_on) == "2030-01-01"


@pytest.mark.parametrize(
    "fields",
    [
        {"text": None},
        {"text": " \n"},
        {"text": 7},
        {"text": "a\0b"},
        {"text": "\ud800"},
        {"text": "x" * 1_000_000},
        {"names": {}},
        {"names": {EntityKind.USER: None, EntityKind.RUN: ""}},
        {"names": {EntityKind.USER: ["zoe"]}},
        {"names": {EntityKind.USER: "x" * 10_000}},
        {"created_at": None, "updated_at": None},
        {"created_at": "yesterday"},
        {"created_at": "1900-01-01T00:00:00Z"},
        {"metadata": {"a": "\0"}},
        {"metadata": {1: 2}},
        {"metadata": "x"},
        {"expires_on": "31.3.2030"},
        {"speaker": "a\0b"},
    ],
)
def test_what_cant_be_kept_is_refused_without_a_word_of_it(fields):
    with pytest.raises(Invalid) as refused:
        make_known(row(**fields), [])

    assert "zoe" not in refused.value.detail
    assert "yesterday" not in refused.value.detail


def test_what_is_not_understood_does_no_harm():
    known = make_known(row(categories="tea", speaker=7, role="tool", metadata=[]), [])

    assert (known.categories, known.speaker, known.role) == (None, None, "user")
    assert known.metadata is None
