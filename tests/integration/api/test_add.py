"""POST /v3/memories/add/"""

import uuid

import pytest

PATH = "/v3/memories/add/"


def message(text, **more):
    return {"role": "user", "content": text} | more


def test_it_works(api):
    body = {"messages": [message("I drink tea.")], "user_id": "ada", "infer": False}

    answer = api.post(PATH, body)

    assert answer.status_code == 200
    result = answer.json()["results"][0]
    assert answer.json() == {
        "message": "Memories stored successfully",
        "status": "SUCCEEDED",
        "event_id": answer.json()["event_id"],
        "results": [{"id": result["id"], "data": {"memory": "I drink tea."}, "event": "ADD"}],
    }
    assert str(uuid.UUID(answer.json()["event_id"])) == answer.json()["event_id"]
    assert uuid.UUID(result["id"]).version == 7


def test_it_keeps_messages_verbatim_without_an_llm(api):
    answer = api.post(PATH, {"messages": [message("I drink tea.")], "user_id": "ada"})

    assert answer.status_code == 200
    assert answer.json().keys() == {"message", "status", "event_id", "results"}
    assert answer.json()["status"] == "SUCCEEDED"
    assert answer.json()["message"] != "Memories stored successfully"
    assert [row["event"] for row in answer.json()["results"]] == ["ADD"]
    assert api.texts() == ["I drink tea."]


def test_it_answers_in_the_order_of_the_messages(api):
    texts = [f"Statement number {n}." for n in range(12)]

    ids = api.add(*texts)

    answers = [api.get(f"/v1/memories/{each}/").json()["memory"] for each in ids]
    assert answers == texts


def test_it_keeps_user_and_assistant_and_drops_system(api):
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hello."},
        {"role": "assistant", "content": "Good day."},
    ]

    answer = api.post(PATH, {"messages": messages, "user_id": "ada", "infer": False})

    assert [row["data"]["memory"] for row in answer.json()["results"]] == ["Hello.", "Good day."]
    assert sorted(api.texts()) == ["Good day.", "Hello."]


def test_an_exact_repeat_answers_the_id_it_has(api):
    [first] = api.add("I drink tea.")

    answer = api.post(
        PATH, {"messages": [message("I drink tea.")], "user_id": "ada", "infer": False}
    )

    assert answer.json()["results"] == [
        {"id": first, "data": {"memory": "I drink tea."}, "event": "NOOP"}
    ]
    assert api.texts() == ["I drink tea."]


def test_a_repeat_within_one_request_answers_one_id(api):
    body = {"messages": [message("Yes."), message("No."), message("Yes.")], "user_id": "ada"}

    results = api.post(PATH, body | {"infer": False}).json()["results"]

    assert [row["event"] for row in results] == ["ADD", "ADD", "NOOP"]
    assert results[0]["id"] == results[2]["id"] != results[1]["id"]
    assert len(api.texts()) == 2


@pytest.mark.parametrize(
    "scope", [{"user_id": "bob"}, {"user_id": "ada", "agent_id": "a"}, {"agent_id": "ada"}]
)
def test_the_same_words_in_another_scope_are_another_memory(api, scope):
    [first] = api.add("I drink tea.", user_id="ada")

    [second] = api.add("I drink tea.", **scope)

    assert first != second


def test_a_repeat_of_what_was_deleted_is_stored_again(api):
    [first] = api.add("I drink tea.")
    api.delete(f"/v1/memories/{first}/")

    [second] = api.add("I drink tea.")

    assert first != second
    assert api.texts() == ["I drink tea."]


def test_ids_may_stand_in_filters(api):
    body = {"messages": [message("I drink tea.")], "filters": {"user_id": "ada"}, "infer": False}

    assert api.post(PATH, body).status_code == 200
    assert api.texts({"user_id": "ada"}) == ["I drink tea."]


def test_it_refuses_ids_that_disagree(api):
    body = {"messages": [message("x")], "user_id": "ada", "filters": {"user_id": "bob"}}

    answer = api.post(PATH, body)

    assert answer.status_code == 400
    assert answer.json()["field"] == "user_id"
    assert api.texts() == []


def test_the_timestamp_sets_created_at(api):
    [memory] = api.add("I drink tea.", timestamp=1_683_554_160)

    assert api.get(f"/v1/memories/{memory}/").json()["created_at"].startswith("2023-05-08T13:56:00")


def test_it_keeps_all_four_ids_and_metadata(api):
    scope = {"user_id": "ada", "agent_id": "helper", "app_id": "shop", "run_id": "r1"}
    [memory] = api.add("I drink tea.", metadata={"mood": "good", "n": [1, {"a": None}]}, **scope)

    found = api.get(f"/v1/memories/{memory}/").json()

    assert {key: found[key] for key in scope} == scope
    assert found["session_id"] == "r1"
    assert found["metadata"] == {"mood": "good", "n": [1, {"a": None}]}


def test_metadata_never_moves_a_memory_to_somebody_else(api):
    metadata = {"user_id": "bob", "agent_id": "eve", "run_id": "x"}
    [memory] = api.add("I drink tea.", user_id="ada", metadata=metadata)

    found = api.get(f"/v1/memories/{memory}/").json()

    assert (found["user_id"], found["agent_id"], found["run_id"]) == ("ada", None, None)
    assert api.texts({"user_id": "bob"}) == []


@pytest.mark.parametrize(
    "name", ["al/ice", "al ice", "Zoë Müller", "爱丽丝", "a@b.example", "%2F", "'; DROP", "💚"]
)
def test_ids_are_any_text(api, name):
    api.add("I drink tea.", user_id=name)

    assert api.texts({"user_id": name}) == ["I drink tea."]
    assert api.hits("tea", {"user_id": name}) == ["I drink tea."]


def test_it_accepts_what_it_may_ignore(api):
    body = {
        "messages": [message("I drink tea.")],
        "user_id": "ada",
        "infer": False,
        "output_format": "v1.1",
        "enable_graph": True,
        "structured_data_schema": {"type": "object"},
        "prompt_profile_id": "p",
        "temporal_reasoning": True,
        "source": "CLI",
        "org_id": "o",
        "project_id": "p",
        "custom_instructions": "be brief",
        "includes": "tea",
        "excludes": "coffee",
        "custom_categories": [{"drinks": "what somebody drinks"}],
    }

    assert api.post(PATH, body).status_code == 200
    assert api.texts() == ["I drink tea."]


def test_secret_is_redacted_and_counted(api):
    messages = [{"role": "user", "content": "My password: hunter22, card 4111 1111 1111 1111"}]

    body = api.post("/v3/memories/add/", {"user_id": "ada", "messages": messages}).json()

    [result] = body["results"]
    text = "My password: [secret removed], card [payment card removed]"
    assert (result["data"], body["redacted"]) == ({"memory": text}, {"password": 1, "card": 1})


def test_text_without_a_secret_counts_nothing(api):
    messages = [{"role": "user", "content": "I drink tea."}]

    body = api.post("/v3/memories/add/", {"user_id": "ada", "messages": messages}).json()

    assert "redacted" not in body
