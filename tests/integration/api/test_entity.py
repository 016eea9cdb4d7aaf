"""One entity: made, shown, its memories, deleted; by name and, for old clients, by number."""

from itertools import pairwise
from urllib.parse import quote

import pytest

NAMES = ["ada", "al/ice", "al ice", "Zoë", "a?b#c", "100%", "history", "x/history", "a\nb"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["user", "agent", "app", "run"])
def test_it_is_shown_by_name(api, kind, name):
    api.add("tea", **{f"{kind}_id": name})

    [row] = api.get(f"/v2/entities/{kind}/{quote(name, safe='')}/").json()

    [listed] = api.get("/v1/entities/").json()["results"]
    assert row == listed
    assert (row["name"], row["type"], row["total_memories"]) == (name, kind, 1)


def test_what_was_said_of_it_is_shown(api):
    api.post("/v1/users/", {"user_id": "ada", "metadata": {"plan": "gold"}})
    api.add("tea", user_id="ada")

    [row] = api.get("/v2/entities/user/ada/").json()

    assert [row] == api.get("/v1/entities/").json()["results"]
    assert row["metadata"] == {"plan": "gold"}


def test_one_without_memories_is_an_empty_list(api):
    assert api.get("/v2/entities/user/nobody/").json() == []


@pytest.mark.parametrize("name", NAMES)
def test_its_memories_are_deleted_by_name(api, name):
    api.add("tea", user_id=name)
    api.add("coffee", user_id=f"{name}2")
    api.add("cake", agent_id=name)

    answer = api.delete(f"/v2/entities/user/{quote(name, safe='')}/")

    assert answer.status_code == 200
    assert answer.json().keys() == {"message", "event_id"}
    assert api.texts({"OR": [{"user_id": "*"}, {"agent_id": "*"}]}) == ["cake", "coffee"]


def test_deleting_one_that_is_not_there_is_well(api):
    assert api.delete("/v2/entities/user/nobody/").status_code == 200


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_an_unknown_type_is_400(api, method):
    answer = api.send(method, "/v2/entities/robot/ada/")

    assert (answer.status_code, answer.json()["error"]) == (400, "Invalid entity type")


def test_it_is_made_before_its_first_memory(api):
    answer = api.post("/v1/users/", {"user_id": "ada", "metadata": {"plan": "gold"}})

    made = answer.json()
    assert answer.status_code == 201
    assert made == {
        "id": made["id"],
        "user_id": "ada",
        "metadata": {"plan": "gold"},
        "created_at": made["created_at"],
        "updated_at": made["updated_at"],
        "is_deleted": False,
        "project": made["project"],
    }
    assert [type(made[name]) for name in ("id", "project")] == [int, int]
    api.add("tea", user_id="ada")
    [listed] = api.get("/v1/entities/").json()["results"]
    assert listed["metadata"] == {"plan": "gold"}


@pytest.mark.parametrize("kind", ["agent", "app", "run"])
def test_others_than_users_have_a_name(api, kind):
    made = api.post(f"/v1/{kind}s/", {f"{kind}_id": "x", "name": "The X"})

    assert (made.status_code, made.json()["name"], made.json()[f"{kind}_id"]) == (201, "The X", "x")
    nameless = api.post(f"/v1/{kind}s/", {f"{kind}_id": "x"})
    assert (nameless.status_code, nameless.json()["field"]) == (400, "name")


@pytest.mark.parametrize("bad", [{}, {"user_id": ""}, {"user_id": "*"}, {"user_id": 7}])
def test_making_one_needs_its_id(api, bad):
    answer = api.post("/v1/users/", bad)

    assert (answer.status_code, answer.json()["field"]) == (400, "user_id")


def test_numbers_are_no_sequence(api):
    numbers = [api.post("/v1/users/", {"user_id": f"u{n}"}).json()["id"] for n in range(5)]

    steps = {second - first for first, second in pairwise(numbers)}
    assert len(steps) == 4
    assert all(abs(step) > 2**30 for step in steps)


def test_old_clients_delete_by_number(api):
    number = api.post("/v1/users/", {"user_id": "ada"}).json()["id"]
    api.add("tea", user_id="ada")
    api.add("coffee", user_id="bob")

    assert api.delete(f"/v1/entities/agent/{number}/").status_code == 200
    assert sorted(api.texts()) == ["coffee", "tea"]
    assert api.delete(f"/v1/entities/user/{number}/").status_code == 200
    assert api.texts() == ["coffee"]


def test_old_clients_delete_by_the_id_of_the_list(api):
    api.add("tea", user_id="ada")
    [row] = api.get("/v1/entities/").json()["results"]

    assert api.delete(f"/v1/entities/user/{row['id']}/").status_code == 200
    assert api.texts() == []


@pytest.mark.parametrize("bad", ["ada", "1.5", "-1", "\u0661"])
def test_what_is_no_id_deletes_nothing(api, bad):
    api.add("tea", user_id=bad)

    answer = api.delete(f"/v1/entities/user/{bad}/")

    assert (answer.status_code, answer.json()["field"]) == (400, "entity_id")
    assert api.texts() == ["tea"]


@pytest.mark.parametrize("name", NAMES)
def test_its_memories_are_listed(api, name):
    [tea, cake] = api.add("tea", "cake", user_id=name, metadata={"cup": "blue"})
    api.put(f"/v1/memories/{tea}/", {"text": "green tea"})

    page = api.get(f"/v1/memories/user/{quote(name, safe='')}/").json()

    rows = {row["id"]: row for row in page["results"]}
    assert page["count"] == 2
    assert rows[tea] == {
        "id": tea,
        "memory": "green tea",
        "metadata": {"cup": "blue"},
        "categories": None,
        "created_at": rows[tea]["created_at"],
        "updated_at": rows[tea]["updated_at"],
        "input": [{"role": "user", "content": "green tea"}],
        "is_updated": True,
    }
    assert rows[cake]["is_updated"] is False


def test_what_can_be_asked_for_is_told(api):
    api.add("tea", user_id="ada")

    answer = api.get("/v1/entities/filters/").json()

    assert answer["users"] == ["ada"]
    assert [row["name"] for row in answer["parameters"]] == [
        "user_id",
        "agent_id",
        "app_id",
        "run_id",
    ]
