"""/v1/batch/"""

import pytest

UNKNOWN = "0192f0c1-2a3b-7c4d-8e5f-0123456789ab"
GOOD = {"user_id": "ada", "metadata": {"mood": "good"}}


@pytest.fixture
def ids(api):
    return api.add("one", "two", "three")


def put(api, *changes):
    return api.put("/v1/batch/", {"memories": list(changes)})


def delete(api, *ids):
    body = {"memories": [{"memory_id": memory_id} for memory_id in ids]}
    return api.send("DELETE", "/v1/batch/", body)


def test_it_updates(api, ids):
    answer = put(
        api,
        {"memory_id": ids[0], "text": "uno"},
        {"memory_id": ids[1], "metadata": {"mood": "good"}},
    )

    assert answer.status_code == 200
    assert answer.json() == {"message": "Successfully updated 2 memories"}
    assert sorted(api.texts()) == ["three", "two", "uno"]
    assert api.texts(GOOD) == ["two"]
    assert api.hits("uno", top_k=1) == ["uno"]
    history = api.get(f"/v1/memories/{ids[0]}/history/").json()
    assert [(row["event"], row["new_memory"]) for row in history] == [
        ("ADD", "one"),
        ("UPDATE", "uno"),
    ]


def test_it_deletes(api, ids):
    answer = delete(api, *ids[:2])

    assert answer.status_code == 200
    assert answer.json() == {"message": "Successfully deleted 2 memories"}
    assert api.texts() == ["three"]


@pytest.mark.parametrize("send", [delete, lambda api, *ids: put(api, *map(change, ids))])
@pytest.mark.parametrize("bad", [UNKNOWN, "deleted", "other"])
def test_all_of_them_or_none(api, other_api, ids, send, bad):
    if bad == "deleted":
        [bad] = api.add("gone")
        api.delete(f"/v1/memories/{bad}/")
    if bad == "other":
        [bad] = other_api.add("theirs")

    answer = send(api, ids[0], bad)

    assert (answer.status_code, answer.json()["detail"]) == (404, "Memory not found!")
    assert sorted(api.texts()) == ["one", "three", "two"]


def change(memory_id):
    return {"memory_id": memory_id, "text": f"changed {memory_id}"}


def test_a_repeated_text_changes_nothing(api, ids):
    answer = put(api, {"memory_id": ids[0], "text": "uno"}, {"memory_id": ids[1], "text": "three"})

    assert answer.status_code == 409
    assert sorted(api.texts()) == ["one", "three", "two"]


def test_an_immutable_memory_changes_nothing(api, ids):
    [fixed] = api.add("fixed", immutable=True)

    answer = put(api, change(ids[0]), change(fixed))

    assert answer.status_code == 409
    assert sorted(api.texts()) == ["fixed", "one", "three", "two"]


@pytest.mark.parametrize(
    ("memories", "field"),
    [
        (None, "memories"),
        ([], "memories"),
        ("x", "memories"),
        (["x"], "memories"),
        ([{}], "memory_id"),
        ([{"memory_id": "x", "text": "y"}], "memory_id"),
        ([{"memory_id": UNKNOWN}], "memories"),
        ([{"memory_id": UNKNOWN, "text": ""}], "text"),
        ([{"memory_id": UNKNOWN, "metadata": "x"}], "metadata"),
        ([{"memory_id": UNKNOWN, "text": "x"}] * 1001, "memories"),
    ],
)
def test_it_refuses(api, memories, field):
    answer = api.put("/v1/batch/", {"memories": memories})

    assert (answer.status_code, answer.json()["field"]) == (400, field)


def test_more_than_a_thousand_are_told_so(api):
    assert delete(api, *[UNKNOWN] * 1001).json()["detail"].startswith("Maximum of 1000 memories")


@pytest.mark.parametrize("rows", [1, 3])
def test_the_number_of_queries_does_not_grow_but_for_the_events(
    api, django_assert_num_queries, rows
):
    ids = api.add(*(f"Statement {n}." for n in range(rows)))
    put(api, *map(change, ids))
    delete(api, *api.add("first"))

    with django_assert_num_queries(UPDATE_QUERIES + rows):
        put(api, *({"memory_id": memory_id, "text": f"now {memory_id}"} for memory_id in ids))
    with django_assert_num_queries(DELETE_QUERIES):
        delete(api, *ids)


UPDATE_QUERIES, DELETE_QUERIES = 19, 10
