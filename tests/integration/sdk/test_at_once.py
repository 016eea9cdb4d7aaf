"""Several clients at once, on one person: each is answered, and nothing is there twice."""

from concurrent.futures import ThreadPoolExecutor

CLIENTS = 8


def at_once(call):
    with ThreadPoolExecutor(CLIENTS) as pool:
        return [done.result() for done in [pool.submit(call, n) for n in range(CLIENTS)]]


def outcome(call, errors):
    try:
        call()
    except errors.MemoryNotFoundError:
        return "gone"
    return "done"


def texts(client, user_id):
    page = client.get_all(filters={"user_id": user_id}, page_size=200)
    return sorted(row["memory"] for row in page["results"])


def test_the_same_message_is_stored_once(client, person):
    answers = at_once(lambda _: client.add("I drink tea.", user_id=person, infer=False))

    rows = [row for answer in answers for row in answer["results"]]
    assert sorted(row["event"] for row in rows) == ["ADD"] + ["NOOP"] * (CLIENTS - 1)
    assert len({row["id"] for row in rows}) == 1
    assert texts(client, person) == ["I drink tea."]


def test_different_messages_of_a_new_person_are_all_stored(client, person):
    at_once(lambda n: client.add(f"Statement {n}.", user_id=person, run_id=person, infer=False))

    assert texts(client, person) == [f"Statement {n}." for n in range(CLIENTS)]
    rows = [row for row in client.users()["results"] if row["name"] == person]
    assert sorted((row["type"], row["total_memories"]) for row in rows) == [
        ("run", CLIENTS),
        ("user", CLIENTS),
    ]


def test_one_of_several_deletes_wins(client, errors, person):
    [row] = client.add("I drink tea.", user_id=person, infer=False)["results"]

    outcomes = at_once(lambda _: outcome(lambda: client.delete(row["id"]), errors))

    assert sorted(outcomes) == ["done"] + ["gone"] * (CLIENTS - 1)
    assert [entry["event"] for entry in client.history(row["id"])] == ["ADD", "DELETE"]


def test_updates_stand_one_after_the_other(client, person):
    [row] = client.add("version x", user_id=person, infer=False)["results"]

    at_once(lambda n: client.update(row["id"], text=f"version {n}"))

    entries = client.history(row["id"])
    assert [entry["event"] for entry in entries] == ["ADD"] + ["UPDATE"] * CLIENTS
    assert sorted(entry["new_memory"] for entry in entries[1:]) == [
        f"version {n}" for n in range(CLIENTS)
    ]
    assert texts(client, person) == [entries[-1]["new_memory"]]


def test_deleting_all_while_others_add_never_fails(client, person):
    def act(n):
        if n % 2:
            return client.delete_all(user_id=person)
        return client.add(f"Statement {n}.", user_id=person, infer=False)

    answers = at_once(act)

    assert all("message" in answer for answer in answers)
    client.delete_all(user_id=person)
    assert texts(client, person) == []


def test_updating_while_it_is_deleted_leaves_no_text(client, errors, person):
    [row] = client.add("I drink tea.", user_id=person, infer=False)["results"]

    def act(n):
        if n == CLIENTS // 2:
            return outcome(lambda: client.delete(row["id"]), errors)
        return outcome(lambda: client.update(row["id"], text=f"Tea {n}."), errors)

    outcomes = at_once(act)

    assert outcomes[CLIENTS // 2] == "done"
    assert texts(client, person) == []
    assert {entry["new_memory"] for entry in client.history(row["id"])} == {None}
