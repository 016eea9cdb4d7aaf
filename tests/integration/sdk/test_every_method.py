"""Every public method of the real clients, blocking and asynchronous, against a running server."""

import inspect
import json

import httpx
import pytest

from tests.support.loops import open_loop

NAMES = ["ada", "al/ice", "al ice", "Zoë", "100%", "a?b#c"]
SCHEMA = json.dumps({"properties": {"memories": {"type": "array", "items": {"type": "string"}}}})
UNKNOWN = "0192f0c1-2a3b-7c4d-8e5f-0123456789ab"
REFUSED_BY_PRODUCT = {"chat": NotImplementedError}  # the clients themselves do not have it


class Blocking:
    """An asynchronous client, called as if it were not."""

    def __init__(self, client, loop):
        self._client, self._loop = client, loop

    def __getattr__(self, name):
        found = getattr(self._client, name)
        if name == "project":
            return Blocking(found, self._loop)
        if not inspect.iscoroutinefunction(found):
            return found
        return lambda *args, **fields: self._loop.run(found(*args, **fields))


@pytest.fixture
def admin_key(server):
    return server.make_key("read", "write", "delete", "admin")


@pytest.fixture(params=["blocking", "asynchronous"])
def client(request, sdk, server, admin_key):
    if request.param == "blocking":
        with httpx.Client(timeout=300) as http:
            yield sdk.MemoryClient(api_key=admin_key, host=server.url, client=http)
        return
    with open_loop() as loop:
        http = httpx.AsyncClient(timeout=300)
        made = sdk.AsyncMemoryClient(api_key=admin_key, host=server.url, client=http)
        yield Blocking(made, loop)
        loop.run(http.aclose())


@pytest.fixture
def memory(client, person):
    return client.add("I drink tea.", user_id=person, infer=False)["results"][0]["id"]


def texts(client, person):
    page = client.get_all(filters={"user_id": person}, page_size=200)
    return sorted(row["memory"] for row in page["results"])


@pytest.mark.parametrize("name", NAMES)
def test_names_are_any_text(client, person, name):
    user = f"{person}{name}"
    client.add("I drink tea.", user_id=user, infer=False)

    assert texts(client, user) == ["I drink tea."]
    assert client.search("tea", filters={"user_id": user})["results"][0]["user_id"] == user
    assert client.get_profile(user)["status"] == "not_enabled"
    assert "message" in client.delete_users(user_id=user)
    assert texts(client, user) == []


def test_add_get_update_history_delete(client, person, memory):
    assert client.get(memory)["memory"] == "I drink tea."
    assert client.update(memory, text="I drink coffee.")["memory"] == "I drink coffee."
    assert [entry["event"] for entry in client.history(memory)] == ["ADD", "UPDATE"]
    assert client.delete(memory) == {"message": "Memory deleted successfully!"}
    assert texts(client, person) == []


def test_lists_and_searches_are_filtered(client, options, person):
    client.add("I drink tea.", user_id=person, metadata={"mood": "good"}, infer=False)
    client.add("I drink coffee.", user_id=person, metadata={"mood": "bad"}, infer=False)
    tree = {"AND": [{"user_id": person}, {"NOT": {"metadata": {"mood": "bad"}}}]}

    assert [row["memory"] for row in client.get_all(filters=tree)["results"]] == ["I drink tea."]
    assert [row["memory"] for row in client.search("drink", filters=tree)["results"]] == [
        "I drink tea."
    ]
    typed = options.GetAllMemoryOptions(filters=tree)
    assert client.get_all(options=typed)["count"] == 1


def test_batches(client, person, memory):
    assert client.batch_update([{"memory_id": memory, "text": "I drink coffee."}]) == {
        "message": "Successfully updated 1 memories"
    }
    assert texts(client, person) == ["I drink coffee."]
    assert client.batch_delete([{"memory_id": memory}]) == {
        "message": "Successfully deleted 1 memories"
    }
    assert texts(client, person) == []


def test_users_and_their_deletion(client, person, memory):
    client.add("The agent's.", agent_id=person, infer=False)

    rows = {(row["type"], row["name"]) for row in client.users()["results"]}

    assert {("user", person), ("agent", person)} <= rows
    client.delete_users(agent_id=person)
    assert texts(client, person) == ["I drink tea."]


def test_delete_all(client, person, memory):
    assert "message" in client.delete_all(user_id=person)
    assert texts(client, person) == []


def test_exports(client, person, memory):
    made = client.create_memory_export(SCHEMA, filters={"user_id": person})

    assert client.get_memory_export(memory_export_id=made["id"]) == {"memories": ["I drink tea."]}
    assert client.get_memory_export(filters={"user_id": person}) == {"memories": ["I drink tea."]}


def test_feedback(client, memory):
    answer = client.feedback(memory, feedback="POSITIVE", feedback_reason="True.")

    assert (answer["feedback"], answer["feedback_reason"]) == ("POSITIVE", "True.")
    assert client.feedback(memory)["feedback"] is None


def test_a_summary_is_refused_without_a_model(client, errors, person):
    with pytest.raises(errors.ValidationError, match="language model"):
        client.get_summary(filters={"user_id": person})


def test_profiles_are_not_enabled(client, errors, person, memory):
    off = {
        "enabled": False,
        "capabilities": {},
        "entities": {"user": {"schema": None, "custom_instructions": None}},
    }

    assert client.get_profile(person)["profile"] is None
    assert client.get_profile_settings() == off
    assert client.update_profile_settings(enabled=False) == off
    for call in (
        lambda: client.generate_profile(person),
        lambda: client.sample_profiles(limit=2),
        lambda: client.update_profile_settings(enabled=True),
    ):
        with pytest.raises(errors.ValidationError, match="not enabled"):
            call()
    for path in ("x", "/v2/profiles/jobs/x/"):
        with pytest.raises(errors.MemoryNotFoundError):
            client.get_profile_job(path)
    with pytest.raises(errors.MemoryNotFoundError):
        client.get_profile(f"{person} nobody")


def test_the_project_reads_back(client):
    client.update_project(custom_instructions="Keep diets.", custom_categories=["diet"])

    project = client.get_project()

    assert project["custom_instructions"] == "Keep diets."
    assert project["custom_categories"] == [{"diet": ""}]
    assert client.project.get()["project_id"] == client.project_id
    client.project.update(custom_instructions="", multilingual=True, decay=False)
    assert client.get_project(fields=["custom_instructions"])["custom_instructions"] is None
    assert client.project.get_members() == {"members": []}


def test_projects_and_members_are_managed_by_operators(client, errors):
    for call in (
        lambda: client.project.create("Another"),
        client.project.delete,
        lambda: client.project.add_member("a@b.example"),
        lambda: client.project.update_member("a@b.example", "OWNER"),
        lambda: client.project.remove_member("a@b.example"),
    ):
        with pytest.raises(errors.AuthenticationError, match="managed by operators"):
            call()


def test_webhooks(client):
    made = client.create_webhook(
        url="https://hook.example/",
        name="Alarm",
        project_id=client.project_id,
        event_types=["memory_add"],
    )

    listed = {row["webhook_id"]: row for row in client.get_webhooks(client.project_id)}
    assert listed[made["webhook_id"]]["event_types"] == ["memory_add"]
    assert "message" in client.update_webhook(made["webhook_id"], name="Bell")
    assert "message" in client.delete_webhook(made["webhook_id"])
    assert made["webhook_id"] not in {
        row["webhook_id"] for row in client.get_webhooks(client.project_id)
    }


def test_what_is_not_there_is_told(client, errors):
    for call in (
        lambda: client.get(UNKNOWN),
        lambda: client.update(UNKNOWN, text="x"),
        lambda: client.delete(UNKNOWN),
        lambda: client.history(UNKNOWN),
        lambda: client.feedback(UNKNOWN, feedback="POSITIVE"),
        lambda: client.batch_update([{"memory_id": UNKNOWN, "text": "x"}]),
        lambda: client.batch_delete([{"memory_id": UNKNOWN}]),
        lambda: client.get_memory_export(memory_export_id=UNKNOWN),
        lambda: client.delete_webhook(7),
    ):
        with pytest.raises(errors.MemoryNotFoundError):
            call()


def test_reset_deletes_every_entity_of_the_tenant(sdk, server):
    from apps.common.actor import SYSTEM
    from apps.tenants.domain.api_keys import create_api_key
    from apps.tenants.domain.tenants import create_tenant

    with server.blocker.unblock():
        tenant = create_tenant(name="To be reset", slug=f"reset-{server.tenant.slug}", by=SYSTEM)
        key = create_api_key(tenant=tenant, name="test", by=SYSTEM)[1]
    with httpx.Client(timeout=300) as http:
        client = sdk.MemoryClient(api_key=key, host=server.url, client=http)
        client.add("I drink tea.", user_id="al/ice", agent_id="bot", infer=False)

        assert "message" in client.reset()

        assert client.users()["count"] == 0


def test_no_public_method_is_left_out(sdk):
    """Each one is called above or, as `chat`, is not there in the clients either."""
    source = inspect.getsource(inspect.getmodule(test_no_public_method_is_left_out))
    names = {
        name
        for cls in (sdk.MemoryClient, sdk.AsyncMemoryClient)
        for name, _ in inspect.getmembers(cls, inspect.isfunction)
        if not name.startswith("_")
    }

    missing = {name for name in names if f"client.{name}(" not in source}

    assert missing == REFUSED_BY_PRODUCT.keys()
    for name, error in REFUSED_BY_PRODUCT.items():
        with pytest.raises(error):
            getattr(sdk.MemoryClient, name)(None)
