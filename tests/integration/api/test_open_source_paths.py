"""What clients of mem0's own server send: other paths, another header, ids at the top."""

import json

import pytest
from django.test import Client

TEA = {"messages": [{"role": "user", "content": "I drink tea."}], "infer": False}


class OpenSource:
    """Sends the key in a header of its own."""

    def __init__(self, key):
        self.key = key

    def send(self, method, path, body=None):
        payload = b"" if body is None else json.dumps(body).encode()
        headers = {"X-API-Key": self.key}
        return Client().generic(method, path, payload, "application/json", headers=headers)

    def add(self, text, **fields):
        say = {"messages": [{"role": "user", "content": text}], "infer": False} | fields
        answer = self.send("POST", "/memories", say)
        assert answer.status_code == 200, answer.content
        return answer.json()["results"][0]["id"]


@pytest.fixture
def client(make_key):
    return OpenSource(make_key())


@pytest.fixture
def other(make_key, other_tenant):
    return OpenSource(make_key(tenant=other_tenant))


def texts(client, query="user_id=ada"):
    return [row["memory"] for row in client.send("GET", f"/memories?{query}").json()["results"]]


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_memory_lives(client, slash):
    answer = client.send("POST", f"/memories{slash}", TEA | {"user_id": "ada"})
    [row] = answer.json()["results"]
    one = f"/memories/{row['id']}"

    assert row == {"id": row["id"], "memory": "I drink tea.", "event": "ADD"}
    assert client.send("GET", one + slash).json()["memory"] == "I drink tea."
    assert client.send("PUT", one + slash, {"text": "I drink coffee."}).status_code == 200
    assert texts(client) == ["I drink coffee."]
    history = client.send("GET", f"{one}/history{slash}").json()
    assert [entry["event"] for entry in history] == ["ADD", "UPDATE"]
    assert client.send("DELETE", one + slash).status_code == 200
    assert texts(client) == []


def test_history_has_what_that_server_says_besides(client):
    say = {"role": "assistant", "content": "old", "name": "Nadja"}
    memory = client.add("", messages=[say], user_id="ada")
    client.send("PUT", f"/memories/{memory}", {"text": "new"})

    def told():
        names = ("event", "old_memory", "new_memory", "is_deleted", "actor_id", "role")
        lines = client.send("GET", f"/memories/{memory}/history").json()
        return [[line[name] for name in names] for line in lines]

    assert told() == [
        ["ADD", None, "old", False, "Nadja", "assistant"],
        ["UPDATE", "old", "new", False, "Nadja", "assistant"],
    ]
    client.send("DELETE", f"/memories/{memory}")
    assert told() == [
        ["ADD", None, None, False, None, "assistant"],
        ["UPDATE", None, None, False, None, "assistant"],
        ["DELETE", None, None, True, None, "assistant"],
    ]


@pytest.mark.parametrize("name", ["text", "data", "memory"])
def test_a_new_text_has_had_several_names(client, name):
    memory = client.add("old", user_id="ada", metadata={"cup": "blue"})

    client.send("PUT", f"/memories/{memory}", {name: "new"})

    assert texts(client) == ["new"]
    assert client.send("GET", f"/memories/{memory}").json()["metadata"] == {"cup": "blue"}


def test_search_takes_ids_at_the_top_or_in_filters(client):
    client.add("I drink tea.", user_id="ada", metadata={"place": "home"})
    client.add("Tea is green.", user_id="ada")
    client.add("Bob drinks tea.", user_id="bob")

    def hits(**fields):
        answer = client.send("POST", "/search", {"query": "tea", "threshold": 0} | fields)
        assert answer.status_code == 200, answer.content
        return sorted(row["memory"] for row in answer.json()["results"])

    both = ["I drink tea.", "Tea is green."]
    assert hits(user_id="ada") == hits(filters={"user_id": "ada"}) == both
    assert hits(user_id="ada", filters={"place": "home"}) == ["I drink tea."]
    assert hits(filters={"AND": [{"user_id": "ada"}], "place": "home"}) == ["I drink tea."]
    assert hits(user_id="ada", filters={"place": "work"}) == []


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "user_id"),
        ({"filters": {"place": "home"}}, "user_id"),
        ({"user_id": "ada", "filters": {"user_id": "bob"}}, "user_id"),
        ({"user_id": "ada", "filters": {"place": {"gt": 1}}}, "filters"),
        ({"user_id": "ada", "filters": "x"}, "filters"),
        ({"filters": {"NOT": {"user_id": "ada"}}}, "user_id"),
    ],
)
def test_search_refuses(client, fields, field):
    answer = client.send("POST", "/search", {"query": "tea"} | fields)

    assert (answer.status_code, answer.json()["field"]) == (400, field)


def test_delete_all_needs_an_identifier(client):
    client.add("kept", user_id="ada")
    client.add("gone", user_id="bob", run_id="r")

    assert client.send("DELETE", "/memories").status_code == 400
    assert client.send("DELETE", "/memories?run_id=r").status_code == 200
    assert texts(client, "user_id=*") == ["kept"]
    assert client.send("GET", "/memories").status_code == 400


def test_another_tenant_reaches_nothing(client, other):
    memory = client.add("I drink tea.", user_id="ada")

    assert texts(other, "user_id=*") == []
    assert other.send("GET", f"/memories/{memory}").status_code == 404
    assert other.send("PUT", f"/memories/{memory}", {"text": "x"}).status_code == 404
    assert other.send("DELETE", f"/memories/{memory}").status_code == 404
    assert other.send("DELETE", "/memories?user_id=ada").status_code == 200
    assert texts(client) == ["I drink tea."]


@pytest.mark.parametrize("headers", [{}, {"X-API-Key": "mhk_wrong"}, {"X-API-Key": ""}])
def test_no_key_is_401(client, db, headers):
    answer = Client().get("/memories?user_id=ada", headers=headers)

    assert answer.status_code == 401
    assert answer.json().keys() == {"detail", "error"}


def test_the_header_opens_the_other_paths_too_and_never_beats_the_usual_one(client, make_key):
    assert client.send("GET", "/v1/ping/").status_code == 200
    wrong = {"Authorization": "Token mhk_wrong", "X-API-Key": client.key}
    assert Client().get("/v1/ping/", headers=wrong).status_code == 401
