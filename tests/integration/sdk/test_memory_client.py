"""The real `MemoryClient` of mem0ai, unmodified, against a running server."""

import uuid
from contextlib import closing

import pytest

NAMES = ["ada", "al/ice", "al ice", "Zoë Müller", "爱丽丝", "100%", "a?b#c&d=e", "..", "%2F"]


def test_the_constructor_makes_its_own_connection(sdk, server):
    client = sdk.MemoryClient(api_key=server.key, host=server.url)

    with closing(client.client):
        assert client.org_id == client.project_id


def test_the_constructor_pings(client):
    assert client.org_id
    assert client.project_id
    assert client.user_email is None


def test_a_bad_key_is_told_at_once(connect, server):
    with pytest.raises(ValueError, match=r"^Error: ."):
        connect(server.url, "mhk_wrong")


@pytest.mark.parametrize("tail", ["/", "//"])
def test_a_trailing_slash_of_the_host_does_no_harm(connect, server, tail):
    client = connect(server.url + tail, server.key)

    assert client.users()["count"] >= 0


def test_add_with_the_default_stores_at_once(client, person):
    answer = client.add("I drink tea.", user_id=person)

    assert answer["status"] == "SUCCEEDED"
    assert answer["event_id"]
    assert [row["event"] for row in answer["results"]] == ["ADD"]
    assert texts(client, person) == ["I drink tea."]


def test_add_takes_text_a_message_or_messages(client, person):
    client.add("one", user_id=person, infer=False)
    client.add({"role": "user", "content": "two"}, user_id=person, infer=False)
    client.add(
        [{"role": "user", "content": "three"}, {"role": "assistant", "content": "four"}],
        user_id=person,
        infer=False,
    )

    assert sorted(texts(client, person)) == ["four", "one", "three", "two"]


def test_add_takes_typed_options(client, options, person):
    chosen = options.AddMemoryOptions(
        filters={"user_id": person}, infer=False, metadata={"mood": "good"}, timestamp=1_683_554_160
    )

    [row] = client.add("I drink tea.", options=chosen)["results"]

    found = client.get(row["id"])
    assert (found["user_id"], found["metadata"]) == (person, {"mood": "good"})
    assert found["created_at"].startswith("2023-05-08T13:56:00")


def test_search_finds(client, person):
    client.add("I play the xylophone.", user_id=person, infer=False)
    client.add("Our dog is called Biscuit.", user_id=person, infer=False)

    hits = client.search("xylophone", filters={"user_id": person})["results"]

    assert hits[0]["memory"] == "I play the xylophone."
    assert 0 < hits[0]["score"] <= 1


def test_search_takes_typed_options(client, options, person):
    client.add("I play the xylophone.", user_id=person, infer=False)
    chosen = options.SearchMemoryOptions(filters={"user_id": person}, top_k=1, threshold=0.0)

    assert len(client.search("music", options=chosen)["results"]) == 1


def test_get_all_pages(client, person):
    client.add([message(f"Statement {n}.") for n in range(5)], user_id=person, infer=False)

    everything = texts(client, person)
    pages = [
        client.get_all(filters={"user_id": person}, page=number, page_size=2)
        for number in (1, 2, 3)
    ]

    assert [page["count"] for page in pages] == [5, 5, 5]
    assert [row["memory"] for page in pages for row in page["results"]] == everything
    assert (pages[0]["previous"], pages[2]["next"]) == (None, None)
    assert pages[0]["next"].startswith(str(client.host))


def test_one_memory_lives(client, person):
    [row] = client.add("I drink tea.", user_id=person, infer=False)["results"]

    assert client.get(row["id"])["memory"] == "I drink tea."
    assert client.update(row["id"], text="I drink coffee.")["memory"] == "I drink coffee."
    assert client.update(row["id"], metadata={"cup": "blue"})["metadata"] == {"cup": "blue"}
    dated = client.update(row["id"], expiration_date="2999-12-31")
    assert dated["expiration_date"] == "2999-12-31"
    assert client.update(row["id"], expiration_date=None)["expiration_date"] is None
    assert client.delete(row["id"]) == {"message": "Memory deleted successfully!"}
    assert texts(client, person) == []


def test_history_tells_what_happened(client, person):
    [row] = client.add("I drink tea.", user_id=person, infer=False)["results"]
    client.update(row["id"], text="I drink coffee.")

    entries = client.history(row["id"])

    assert [(e["event"], e["old_memory"], e["new_memory"]) for e in entries] == [
        ("ADD", None, "I drink tea."),
        ("UPDATE", "I drink tea.", "I drink coffee."),
    ]


def test_delete_with_linked(client, person):
    [row] = client.add("I drink tea.", user_id=person, infer=False)["results"]

    assert client.delete(row["id"], delete_linked=True)["cascade_count"] == 0


def test_delete_all_deletes_one_persons(client, person):
    client.add("gone", user_id=person, infer=False)
    client.add("kept", user_id=f"{person} two", infer=False)

    assert "message" in client.delete_all(user_id=person)

    assert texts(client, person) == []
    assert texts(client, f"{person} two") == ["kept"]


def test_delete_all_by_typed_options_deletes_no_more(client, options, person):
    """The client sends these filters as the printed form of a Python dict."""
    client.add("gone", user_id=person, infer=False)
    client.add("kept", user_id=f"{person} two", infer=False)

    client.delete_all(options=options.DeleteAllMemoryOptions(filters={"user_id": person}))

    assert texts(client, person) == []
    assert texts(client, f"{person} two") == ["kept"]


def test_delete_all_without_a_filter_is_refused(client, errors, person):
    client.add("kept", user_id=person, infer=False)

    with pytest.raises(errors.ValidationError):
        client.delete_all()

    assert texts(client, person) == ["kept"]


def test_users_lists_whom_memories_exist_for(client, person):
    client.add("I drink tea.", user_id=person, agent_id=f"{person} agent", infer=False)

    page = client.users()

    rows = {(row["type"], row["name"]): row["total_memories"] for row in page["results"]}
    assert rows["user", person] == rows["agent", f"{person} agent"] == 1
    assert page["count"] == len(page["results"])


@pytest.mark.parametrize("name", NAMES)
def test_names_are_any_text(client, person, name):
    user_id = f"{person}{name}"
    client.add("I drink tea.", user_id=user_id, infer=False)

    assert texts(client, user_id) == ["I drink tea."]
    assert client.search("tea", filters={"user_id": user_id})["results"][0]["user_id"] == user_id
    assert user_id in [row["name"] for row in client.users()["results"]]
    client.delete_all(user_id=user_id)
    assert texts(client, user_id) == []


@pytest.mark.parametrize("bad", ["nonsense", "al/ice", "al ice", "ä", "a?b"])
def test_a_bad_id_is_a_validation_error(client, errors, bad):
    for call in (client.get, client.delete, client.history, changed(client)):
        with pytest.raises(errors.ValidationError, match="memory_id should be a valid UUID"):
            call(bad)


def test_an_unknown_id_is_not_found(client, errors):
    for call in (client.get, client.delete, client.history, changed(client)):
        with pytest.raises(errors.MemoryNotFoundError, match="Memory not found!"):
            call(str(uuid.uuid4()))


def test_no_entity_id_is_a_validation_error(client, errors):
    with pytest.raises(errors.ValidationError):
        client.add("I drink tea.")
    with pytest.raises(errors.ValidationError):
        client.search("tea")
    with pytest.raises(errors.ValidationError):
        client.get_all()


def test_ten_megabytes_are_too_much(client, errors, person):
    with pytest.raises(errors.MemoryQuotaExceededError):
        client.add("tea " * 2_621_440, user_id=person)

    assert texts(client, person) == []


def test_a_page_past_the_end_is_not_found(client, errors, person):
    client.add("I drink tea.", user_id=person, infer=False)

    with pytest.raises(errors.MemoryNotFoundError):
        client.get_all(filters={"user_id": person}, page=2)


def test_a_refused_scope_is_an_authentication_error(connect, errors, server, person):
    reader = connect(server.url, server.make_key("read"))

    with pytest.raises(errors.AuthenticationError):
        reader.add("I drink tea.", user_id=person)


def changed(client):
    return lambda memory_id: client.update(memory_id, text="x")


def message(text):
    return {"role": "user", "content": text}


def texts(client, user_id):
    page = client.get_all(filters={"user_id": user_id}, page_size=200)
    return [row["memory"] for row in page["results"]]
