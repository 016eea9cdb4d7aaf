"""The nets under the catalogue, each by itself."""

import hashlib
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.telemetry.names import is_identifying, is_sensitive
from apps.telemetry.nets import DEEPEST, pseudonymise, sanitise

SENSITIVE = [
    "auth", "Authorization", "credential", "db_credentials", "password", "PASSWORD_HASH", "token",
    "accessToken", "secret", "clientSecret", "key", "apiKey", "api-key", "connection_class",
    "connectionClass", "Connection-Class", "\uff50assword",
]  # fmt: skip
IDENTIFYING = ["id", "user_id", "userId", "email", "host", "tenant-name", "ids", "client.ip", "URL"]
PLAIN_NAMES = st.sampled_from(["count", "os", "place", "tenants", "entities", "operators", "llm"])
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8))


def nest(leaves, names):
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.tuples(inner, inner),
            st.dictionaries(names, inner, max_size=3),
        ),
        max_leaves=12,
    )


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("name", SENSITIVE)
def test_sensitive_names(name):
    assert is_sensitive(name)
    assert sanitise({"a": [{name: {"b": ["zanzibar"]}}]}) == {"a": [{name: None}]}


@pytest.mark.parametrize("name", IDENTIFYING)
def test_identifying_names(name):
    assert is_identifying(name)
    assert pseudonymise({"a": [{name: "ada"}]}, digest) == {"a": [{name: digest("ada")}]}


@pytest.mark.parametrize("name", ["count", "os", "tenants", "operators", "paid", "valid", "width"])
def test_other_names_pass(name):
    assert not is_sensitive(name)
    assert not is_identifying(name)


def test_everything_else_stays_as_it_is():
    document = {"count": 3, "list": [1, "two", None, True, {"os": "linux"}], "pair": [4.5]}

    assert sanitise(document) == document
    assert pseudonymise(document, digest) == document


def test_identifiers_in_nested_structures_are_digested_one_by_one():
    ada = UUID(int=7)

    assert pseudonymise({"user_ids": [ada, {"b": 8}, None]}, digest) == {
        "user_ids": [digest(str(ada)), {"b": digest("8")}, None]
    }


@pytest.mark.parametrize("value", [b"zanzibar", object(), type("zanzibar", (), {})()])
def test_what_cannot_be_looked_into_is_null(value):
    assert sanitise({"count": [value]}) == {"count": [None]}
    assert pseudonymise({"count": [value]}, digest) == {"count": [None]}


def test_what_never_ends_comes_to_an_end():
    document = {}
    document["again"] = document

    assert repr(sanitise(document)).count("again") == DEEPEST
    assert repr(pseudonymise(document, digest)).count("again") == DEEPEST


@given(nest(SCALARS, PLAIN_NAMES), st.sampled_from(SENSITIVE))
def test_nothing_under_a_sensitive_name_passes_at_any_depth(document, name):
    planted = {"os": [document, {name: {"deep": ["zanzibar", document]}}]}

    assert "zanzibar" not in repr(sanitise(planted))


@given(nest(st.just("zanzibar"), PLAIN_NAMES), st.sampled_from(IDENTIFYING))
def test_nothing_under_an_identifying_name_passes_at_any_depth(document, name):
    assert "zanzibar" not in repr(pseudonymise({"os": [{name: document}]}, digest))
