"""A key that one process destroys is of no use to another that has it in memory.

The first process is the web server, the second is this one.
"""

import uuid

import httpx
import pytest

from apps.common.actor import SYSTEM
from apps.isolation.scope import tenant_scope
from apps.keys.ring import destroy_entity_keys
from apps.memories.enums import EntityKind
from apps.memories.queries.entities import find_entities
from apps.tenants.domain.api_keys import create_api_key
from apps.tenants.domain.tenants import create_tenant

GONE = {"detail": "Memory not found!", "error": "Memory not found!"}
DESTROYED = "The key of this entity has been destroyed."


@pytest.fixture
def tenant(server):
    """Of this test alone: others count what the server's own tenant holds."""
    with server.blocker.unblock():
        return create_tenant(name=f"Destroyed keys {uuid.uuid4()}", by=SYSTEM)


@pytest.fixture
def http(server, tenant):
    with server.blocker.unblock():
        _, key = create_api_key(tenant=tenant, name="test", by=SYSTEM)
    headers = {"Authorization": f"Token {key}"}
    with httpx.Client(base_url=server.url, headers=headers, timeout=60) as http:
        yield http


@pytest.fixture
def destroy(server, tenant):
    def destroy(user_id):
        with server.blocker.unblock(), tenant_scope(tenant.id):
            [entity] = find_entities([(EntityKind.USER, user_id)]).values()
            assert destroy_entity_keys([entity.id]) == 1

    return destroy


@pytest.fixture
def user():
    return f"user {uuid.uuid4().hex[:12]}"


def add(http, text, **ids):
    body = {"messages": [{"role": "user", "content": text}], "infer": False, **ids}
    return http.post("/v3/memories/add/", json=body)


def read(http, memory_id, filters):
    """What the server shows: the status of a GET, the texts of a list and of a search."""
    listed = http.post("/v3/memories/", json={"filters": filters})
    found = http.post("/v3/memories/search/", json={"filters": filters, "query": "tea"})
    return (
        http.get(f"/v1/memories/{memory_id}/").status_code,
        [row["memory"] for row in listed.json()["results"]],
        [row["memory"] for row in found.json()["results"]],
    )


def test_server_that_has_the_key_cached_reads_nothing_more(http, destroy, user):
    filters = {"user_id": user}
    [row] = add(http, "Ada drinks tea.", user_id=user).json()["results"]
    assert read(http, row["id"], filters) == (200, ["Ada drinks tea."], ["Ada drinks tea."])

    destroy(user)

    assert read(http, row["id"], filters) == (404, [], [])
    assert http.get(f"/v1/memories/{row['id']}/").json() == GONE


def test_server_that_has_the_key_cached_writes_nothing_more(http, destroy, user):
    path = "/v1/memories/{id}/".format(
        **add(http, "Ada drinks tea.", user_id=user).json()["results"][0]
    )
    assert http.get(path).status_code == 200

    destroy(user)

    answers = [
        add(http, "Ada drinks coffee.", user_id=user),
        add(http, "Ada drinks coffee.", user_id=user, run_id=user),
        add(http, "Bob drinks coffee.", user_id=f"{user} Bob", run_id=user),
        http.put(path, json={"text": "Ada drinks coffee."}),
        http.put(path, json={"metadata": {"a": 1}}),
    ]
    assert [answer.status_code for answer in answers] == [409, 409, 200, 409, 409]
    assert answers[0].json() == answers[3].json() == {"detail": DESTROYED, "error": DESTROYED}


def test_pages_that_hold_others_leave_it_out(http, destroy, user):
    ids = {"run_id": f"run of {user}"}
    [row] = add(http, "Ada drinks tea.", user_id=user, **ids).json()["results"]
    add(http, "Bob drinks tea.", user_id=f"{user} Bob", **ids)
    destroy(user)

    assert read(http, row["id"], ids) == (404, ["Bob drinks tea."], ["Bob drinks tea."])
    names = {entity["name"] for entity in http.get("/v1/entities/").json()["results"]}
    assert names == {ids["run_id"], f"{user} Bob"}


def test_history_keeps_events_and_times(http, destroy, user):
    [row] = add(http, "Ada drinks tea.", user_id=user).json()["results"]
    destroy(user)

    answer = http.get(f"/v1/memories/{row['id']}/history/")

    assert answer.status_code == 200
    assert [(entry["event"], entry["new_memory"], entry["input"]) for entry in answer.json()] == [
        ("ADD", None, [])
    ]


def test_what_is_left_can_be_deleted(http, destroy, user):
    [row] = add(http, "Ada drinks tea.", user_id=user).json()["results"]
    add(http, "Ada drinks coffee.", user_id=user)
    destroy(user)

    assert http.delete(f"/v1/memories/{row['id']}/").status_code == 200
    assert http.delete("/v1/memories/", params={"user_id": user}).status_code == 200

    page = http.post("/v3/memories/", json={"filters": {"user_id": user}}).json()
    assert (page["count"], page["results"]) == (0, [])
