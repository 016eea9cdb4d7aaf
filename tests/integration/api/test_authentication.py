"""Every path of the API: a key, alive, with the scope that the path asks for."""

import datetime as dt
import uuid

import pytest
import time_machine

SOME_ID = uuid.UUID("0192f0c1-2a3b-7c4d-8e5f-0123456789ab")
READS = [
    ("GET", "/v1/ping/", None),
    ("GET", f"/v1/memories/{SOME_ID}/", None),
    ("GET", f"/v1/memories/{SOME_ID}/history/", None),
    ("GET", "/v1/entities/", None),
    ("POST", "/v3/memories/", {"filters": {"user_id": "ada"}}),
    ("POST", "/v3/memories/search/", {"query": "tea", "filters": {"user_id": "ada"}}),
]
WRITES = [
    ("POST", "/v3/memories/add/", {"messages": [{"role": "user", "content": "x"}], "user_id": "a"}),
    ("PUT", f"/v1/memories/{SOME_ID}/", {"text": "new"}),
]
DELETES = [
    ("DELETE", f"/v1/memories/{SOME_ID}/", None),
    ("DELETE", "/v1/memories/?user_id=ada", None),
]


@pytest.mark.parametrize(("method", "path", "body"), READS + WRITES + DELETES)
@pytest.mark.parametrize("key", ["", "nonsense", "mhk_unknown_unknown"])
def test_it_refuses_an_unknown_key(as_key, method, path, body, key):
    answer = as_key(key).send(method, path, body)

    assert answer.status_code == 401
    assert answer.json().keys() == {"detail", "error"}
    assert answer.json()["detail"] == answer.json()["error"]


@pytest.mark.parametrize("scheme", ["Token", "Bearer"])
def test_it_takes_both_schemes(api, as_key, scheme):
    answer = as_key(api.key, scheme=scheme).get("/v1/ping/")

    assert answer.status_code == 200


def test_it_refuses_another_scheme(api, as_key):
    answer = as_key(api.key, scheme="Basic").get("/v1/ping/")

    assert answer.status_code == 401


def test_it_refuses_a_changed_secret(api, as_key):
    changed = api.key[:-10] + ("A" if api.key[-10] != "A" else "B") + api.key[-9:]

    answer = as_key(changed).get("/v1/ping/")

    assert answer.status_code == 401


def test_it_refuses_an_expired_key(as_key, make_key):
    noon = dt.datetime(2030, 1, 1, 12, tzinfo=dt.UTC)
    with time_machine.travel(noon - dt.timedelta(days=1)):
        key = as_key(make_key(expires_at=noon))
        assert key.get("/v1/ping/").status_code == 200

    with time_machine.travel(noon):
        assert key.get("/v1/ping/").status_code == 401


def test_it_refuses_a_revoked_key_at_once(api, revoke_key):
    assert api.get("/v1/ping/").status_code == 200

    revoke_key(api.key)

    assert api.get("/v1/ping/").status_code == 401


@pytest.mark.parametrize(
    ("scope", "refused"),
    [("read", WRITES + DELETES), ("write", READS[1:] + DELETES), ("delete", READS[1:] + WRITES)],
)
def test_it_refuses_what_the_scope_does_not_hold(as_key, make_key, scope, refused):
    api = as_key(make_key(scopes=[scope]))

    answers = [api.send(*request) for request in refused]

    assert [answer.status_code for answer in answers] == [403] * len(refused)
    assert all(answer.json().keys() == {"detail", "error"} for answer in answers)


@pytest.mark.parametrize("scope", ["read", "write", "delete", "privacy", "admin"])
def test_every_key_may_ping(as_key, make_key, scope):
    assert as_key(make_key(scopes=[scope])).get("/v1/ping/").status_code == 200
