"""Adds that an extractor works on, through each of the envelopes that the wire has for them."""

import json
import uuid

import pytest
from django.test import Client

from apps.common.actor import SYSTEM
from apps.isolation.scope import tenant_scope
from apps.memories.domain.flags import set_flag
from apps.memories.domain.projects import configure_project
from apps.memories.domain.running import run_chunk
from apps.memories.enums import EntityFlag, EntityKind
from apps.memories.queries.entities import find_entities
from tests.support import jobs

SAY = {"messages": [{"role": "user", "content": "I drink tea. Do you?"}], "user_id": "ada"}


@pytest.fixture(autouse=True)
def rules(settings):
    with jobs.extractor(settings):
        yield


@pytest.fixture
def tool(make_key):
    """Calls a tool of MCP; answers what it says."""
    key = make_key()

    def call(name, **given):
        message = {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "tools/call",
            "params": {"name": name, "arguments": {"user_id": "ada"} | given},
        }
        answer = Client().post(
            "/mcp",
            json.dumps(message),
            "application/json",
            headers={"Authorization": f"Bearer {key}", "Accept": "application/json"},
        )
        return answer.json()["result"]["structuredContent"]

    return call


def work(tenant, event_id):
    while run_chunk(tenant_id=tenant.id, job_id=uuid.UUID(str(event_id)), by=SYSTEM):
        pass


def restrict(tenant, kind, name, flag=EntityFlag.RESTRICTED):
    with tenant_scope(tenant.id):
        [entity] = find_entities([(EntityKind(kind), name)]).values()
        set_flag(entity_id=entity.id, flag=flag, by=SYSTEM)


PENDING = {
    "message": "The messages were accepted: memories are being made of them",
    "status": "PENDING",
}


def test_v1_add_is_queued(api, tenant):
    bare = api.post("/v1/memories/", SAY).json()
    wrapped = api.post("/v1/memories/", SAY | {"output_format": "v1.1"}).json()

    assert bare == [PENDING | {"event_id": bare[0]["event_id"]}]
    event_id = wrapped["results"][0]["event_id"]
    assert wrapped == {"results": [PENDING | {"event_id": event_id}], "relations": []}
    assert api.texts() == []
    work(tenant, bare[0]["event_id"])
    assert api.texts() == ["I drink tea."]


@pytest.mark.parametrize(
    ("path", "more", "open_envelope"),
    [
        ("/v1/memories/", {"async_mode": False}, lambda body: body),
        (
            "/v1/memories/",
            {"async_mode": False, "output_format": "v1.1"},
            lambda body: body["results"],
        ),
        ("/memories", {}, lambda body: body["results"]),
    ],
)
def test_old_adds_that_wait_bring_memories(api, path, more, open_envelope):
    body = api.post(path, SAY | more).json()

    [row] = open_envelope(body)
    assert row == {"id": row["id"], "event": "ADD", "memory": "I drink tea."}
    [again] = open_envelope(api.post(path, SAY | more).json())
    assert again == row | {"event": "NOOP"}
    assert api.texts() == ["I drink tea."]


@pytest.mark.parametrize(
    ("path", "more"), [("/v1/memories/", {"async_mode": False}), ("/memories", {})]
)
def test_old_adds_say_that_a_job_is_not_done(api, settings, path, more):
    settings.SYNC_SECONDS = 0

    body = api.post(path, SAY | {"output_format": "v1.1"} | more).json()

    [row] = body["results"]
    assert row == {
        "message": "The job is not done yet: ask for it by its event_id",
        "status": "PENDING",
        "event_id": row["event_id"],
    }


@pytest.mark.parametrize(
    ("path", "more"), [("/v1/memories/", {"async_mode": False}), ("/memories", {})]
)
def test_old_adds_say_that_a_job_has_failed(api, settings, path, more):
    settings.JOB_TRIES = 0

    body = api.post(path, SAY | {"output_format": "v1.1"} | more).json()

    [row] = body["results"]
    assert row == {
        "message": "The job has failed",
        "status": "FAILED",
        "event_id": row["event_id"],
        "error": "The workers that ran it were lost, again and again.",
    }


def test_old_adds_leave_out_what_came_to_nothing(api):
    said = "I live in Oslo. I live in Rome."

    rows = api.post("/memories", SAY | {"messages": [{"role": "user", "content": said}]}).json()

    assert [(row["event"], row["memory"]) for row in rows["results"]] == [
        ("ADD", "I live in Rome.")
    ]


def test_open_source_server_may_be_asked_not_to_wait(api):
    [row] = api.post("/memories", SAY | {"async_mode": True}).json()["results"]

    assert row["status"] == "PENDING"


def test_tool_extracts_and_waits(tool, api):
    tool("add_memory", text="I live in Oslo.")
    told = tool("add_memory", text="I live in Rome. Do you?", metadata={"a": 1})

    [line] = told["results"]
    assert (told["status"], line["event"], line["reason"]) == ("SUCCEEDED", "ADD", "supersedes")
    assert line["data"] == {"memory": "I live in Rome."}
    [row] = api.page({"user_id": "ada"}).json()["results"]
    assert (row["memory"], row["metadata"]) == ("I live in Rome.", {"a": 1})


def test_given_categories_reach_the_memories_of_a_job(api):
    api.post("/memories", SAY | {"categories": ["mine"]})

    [row] = api.page({"user_id": "ada"}).json()["results"]
    assert row["categories"][0] == "mine"
    assert len(row["categories"]) > 1


def test_project_counts_where_the_request_names_nothing(api, tenant):
    configure_project(
        tenant_id=tenant.id, values={"custom_categories": [{"drinks": "tea"}]}, by=SYSTEM
    )

    api.post("/memories", SAY)
    own = [{"liquids": "tea coffee"}]
    other = [{"role": "user", "content": "I had coffee."}]
    api.post("/memories", SAY | {"messages": other, "custom_categories": own})

    found = api.page({"user_id": "ada"}).json()["results"]
    assert {row["memory"]: row["categories"] for row in found} == {
        "I drink tea.": ["drinks"],
        "I had coffee.": ["liquids"],
    }


def test_stats_count_what_is_recalled(api, tenant):
    for city in ("Oslo", "Rome"):
        api.post(
            "/memories", SAY | {"messages": [{"role": "user", "content": f"I live in {city}."}]}
        )
    bob = {"messages": [{"role": "user", "content": "I swim."}], "user_id": "bob"}
    api.post("/memories", bob)

    def totals():
        found = api.get("/v1/stats/").json()
        return found["total_memories"], found["total_add_events"]

    assert totals() == (2, 3)
    restrict(tenant, "user", "bob")
    assert totals() == (1, 2)


def test_events_show_nothing_of_who_is_restricted(api, tenant):
    [made] = api.post("/v1/memories/", SAY | {"metadata": {"secret": "zebra"}}).json()
    work(tenant, made["event_id"])
    api.post("/memories", {"messages": [{"role": "user", "content": "I swim."}], "user_id": "bob"})
    paths = (f"/v1/event/{made['event_id']}/", "/v1/events/", "/v1/memories/events/")
    for path in paths:
        assert "I drink tea." in api.get(path).content.decode(), path

    restrict(tenant, "user", "ada")

    for path in paths:
        told = api.get(path).content.decode()
        assert "tea" not in told, path
        assert "zebra" not in told, path
    assert api.get(paths[0]).json()["status"] == "SUCCEEDED"
    assert api.get("/v1/memories/events/").json()["count"] == 1
    assert "I swim." in api.get(paths[1]).content.decode()


def test_caller_is_told_of_a_restriction_and_of_an_objection(api, tenant):
    api.post("/memories", SAY)
    restrict(tenant, "user", "ada")
    [row] = api.post("/memories", SAY).json()["results"]

    told = api.get(f"/v1/event/{row['event_id']}/").json()
    assert (told["status"], told["error_code"]) == ("PENDING", "restricted")
    assert told["error"] == "One of its entities is restricted; the job waits."

    restrict(tenant, "user", "ada", EntityFlag.OBJECTED)
    assert api.post("/memories", SAY).status_code == 409
    work(tenant, row["event_id"])
    told = api.get(f"/v1/event/{row['event_id']}/").json()
    assert (told["status"], told["error_code"]) == ("PENDING", "restricted")


def test_history_leaves_out_what_was_restricted_since(api, tenant):
    for run_id, city in (("r1", "Oslo"), ("r2", "Rome")):
        said = [{"role": "user", "content": f"I live in {city}."}]
        api.post("/memories", SAY | {"messages": said, "run_id": run_id})
    [rome] = api.page({"user_id": "ada"}).json()["results"]

    def told():
        return [row["new_memory"] for row in api.get(f"/v1/memories/{rome['id']}/history/").json()]

    assert told() == ["I live in Oslo.", "I live in Rome."]
    restrict(tenant, "run", "r1")
    assert told() == ["I live in Rome."]
