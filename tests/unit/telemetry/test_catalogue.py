"""What can be declared, and what the declared events let through."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.memories.embedders import EmbedderError
from apps.telemetry.catalogue import ERRORS, EVENTS, Event, Field, name_error
from apps.telemetry.enums import Feature
from apps.telemetry.kinds import Bucket, Choice, Flag, Version


def declare(**fields):
    return Event("sample", "never", "nothing", fields)


@dataclass(frozen=True)
class Text:
    def encode(self, value):
        return value

    def accepts(self, value):
        return True


class Wide(Choice):
    def encode(self, value):
        return value


@pytest.mark.parametrize("kind", [Text(), str, "text", None, Wide(("word",))])
def test_field_of_free_text_cannot_be_declared(kind):
    with pytest.raises(TypeError, match="note is none of the kinds"):
        declare(note=Field(kind, "anything"))


@pytest.mark.parametrize("kind", [Bucket(), Choice(("a",)), Flag(), Version()])
def test_the_four_kinds_can_be_declared(kind):
    assert declare(note=Field(kind, "something")).fields["note"].kind == kind


@pytest.mark.parametrize("name", ["api_keys", "token", "author", "user_id", "host", "tenant_name"])
def test_names_that_must_not_leave_cannot_be_declared(name):
    with pytest.raises(ValueError, match=f"{name} is named like"):
        declare(**{name: Field(Flag(), "something")})


def test_unknown_field_is_refused():
    with pytest.raises(ValueError, match="install has no field note"):
        EVENTS["install"].encode({"note": "zanzibar"})


def test_missing_values_are_null():
    assert EVENTS["install"].encode({"os": "linux"}) == {
        "memoryhub_version": None,
        "python_version": None,
        "os": "linux",
        "architecture": None,
    }


@given(st.data())
def test_text_in_any_field_stays_here(data):
    for event in EVENTS.values():
        values = {name: f"zanzibar{data.draw(st.text())}" for name in event.fields}
        properties = event.encode(values)
        assert "zanzibar" not in repr(properties)
        assert event.accepts(properties)


def test_properties_of_another_shape_are_not_accepted():
    event = EVENTS["install"]
    whole = event.encode({"os": "linux"})

    assert event.accepts(whole)
    assert not event.accepts(whole | {"note": None})
    assert not event.accepts(whole | {"os": "zanzibar"})
    assert not event.accepts({"os": "linux"})


def test_catalogue_has_the_events_of_the_design():
    assert list(EVENTS) == ["install", "start", "heartbeat", "feature_use", "error", "deletion"]
    assert {*Feature.values} < EVENTS["feature_use"].fields.keys()


class Zanzibar(KeyError):
    pass


class Unheard(BaseException):
    pass


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (ValueError, "ValueError"),
        (Zanzibar, "KeyError"),
        (UnicodeDecodeError, "UnicodeError"),
        (ConnectionResetError, "ConnectionError"),
        (EmbedderError, "EmbedderError"),
        (type("ada@example.org", (Exception,), {}), "other"),
        (Unheard, "other"),
    ],
)
def test_class_of_an_error_is_a_word_of_the_catalogue(error, name):
    assert name_error(error) == name
    assert name in {*ERRORS, "other"}
