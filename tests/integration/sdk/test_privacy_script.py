"""What an application's own script does with the requests of its users, over HTTP."""

import hashlib
import io
import json
import zipfile
from uuid import UUID

import pytest
import requests

from apps.common.actor import SYSTEM
from apps.privacy.domain.work import run_request
from apps.tenants.enums import ApiScope

PATH = "/api/v1/privacy/requests/"


@pytest.fixture
def http(server):
    """A session with a key of its own."""
    with requests.Session() as session:
        key = server.make_key(ApiScope.READ, ApiScope.WRITE, ApiScope.PRIVACY)
        session.headers["Authorization"] = f"Token {key}"
        yield session


@pytest.fixture
def call(server, http):
    def call(method, path, body=None, **headers):
        return http.request(method, server.url + path, json=body, headers=headers, timeout=60)

    return call


@pytest.fixture
def remember(call, person):
    def remember(text):
        said = [{"role": "user", "content": text}]
        answer = call("POST", "/v3/memories/add/", {"messages": said, "user_id": person})
        return answer.json()["results"][0]["id"]

    return remember


@pytest.fixture
def ask(server, call, person):
    """Asks twice, as a script that was cut off does; answers the request when it is done."""

    def ask(kind, **fields):
        body = {"kind": kind, "user_id": person} | fields
        key = hashlib.sha256(json.dumps(body).encode()).hexdigest()[:40]
        first, again = (call("POST", PATH, body, **{"Idempotency-Key": key}) for _ in range(2))
        assert (first.status_code, again.json()["id"]) == (201, first.json()["id"])
        with server.blocker.unblock():
            id_ = UUID(first.json()["id"])
            while run_request(tenant_id=server.tenant.id, request_id=id_, by=SYSTEM):
                pass
        return call("GET", f"{PATH}{id_}/").json()

    return ask


def texts(call, person):
    found = call("POST", "/v3/memories/", {"filters": {"user_id": person}})
    return [row["memory"] for row in found.json()["results"]]


def test_each_kind_of_request(call, ask, remember, person):
    memory_id = remember("I drink tea.")

    for kind, name in (("access", "index.html"), ("portability", "manifest.json")):
        copied = ask(kind)
        packed = call("GET", f"{PATH}{copied['id']}/download/").content
        assert copied["status"] == "done"
        assert name in zipfile.ZipFile(io.BytesIO(packed)).namelist()

    corrections = [{"memory_id": memory_id, "text": "I drink coffee."}]
    assert ask("rectification", corrections=corrections)["status"] == "done"
    assert texts(call, person) == ["I drink coffee."]

    assert ask("restriction")["status"] == "done"
    assert texts(call, person) == []
    assert ask("restriction", lift=True)["status"] == "done"
    assert texts(call, person) == ["I drink coffee."]

    assert ask("objection")["status"] == "done"
    said = {"messages": [{"role": "user", "content": "More."}], "user_id": person}
    assert call("POST", "/v3/memories/add/", said).status_code == 409
    assert ask("objection", lift=True)["status"] == "done"

    erased = ask("erasure")
    certificate = call("GET", f"{PATH}{erased['id']}/certificate/").json()
    assert (erased["status"], certificate["kind"]) == ("done", "erasure")
    assert texts(call, person) == []
    mine = [row["kind"] for row in call("GET", f"{PATH}?page_size=100").json()["results"]]
    assert mine.count("erasure") == 1
