"""GET /v1/memories/{id}/history/"""

import pytest


def entry(found, **expected):
    """The whole entry; its own id and times are taken as they come."""
    return {
        "id": found["id"],
        "memory_id": found["memory_id"],
        "input": [],
        "old_memory": None,
        "new_memory": None,
        "user_id": "ada",
        "agent_id": None,
        "app_id": None,
        "session_id": None,
        "run_id": None,
        "categories": None,
        "metadata": None,
        "created_at": found["created_at"],
        "updated_at": found["updated_at"],
    } | expected


def test_it_works(api):
    [tea] = api.add("I drink tea.")
    api.put(f"/v1/memories/{tea}/", {"text": "I drink coffee."})

    answer = api.get(f"/v1/memories/{tea}/history/")

    added, updated = answer.json()
    assert answer.status_code == 200
    assert added == entry(
        added,
        memory_id=tea,
        input=[{"role": "user", "content": "I drink tea."}],
        new_memory="I drink tea.",
        event="ADD",
    )
    assert updated == entry(
        updated,
        memory_id=tea,
        input=updated["input"],
        old_memory="I drink tea.",
        new_memory="I drink coffee.",
        event="UPDATE",
    )
    assert added["id"] != updated["id"]
    assert added["created_at"] <= updated["created_at"]


def test_it_answers_all_versions_in_order(api):
    [memory] = api.add("version 0")
    for number in (1, 2, 3):
        api.put(f"/v1/memories/{memory}/", {"text": f"version {number}"})

    answer = api.get(f"/v1/memories/{memory}/history/").json()

    assert [row["new_memory"] for row in answer] == [f"version {n}" for n in range(4)]
    assert [row["old_memory"] for row in answer] == [None, *(f"version {n}" for n in range(3))]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_number_of_queries_does_not_grow(api, django_assert_num_queries, rows):
    [memory] = api.add("version 1")
    for number in range(2, rows + 1):
        api.put(f"/v1/memories/{memory}/", {"text": f"version {number}"})

    with django_assert_num_queries(HISTORY_QUERIES):
        answer = api.get(f"/v1/memories/{memory}/history/")

    assert len(answer.json()) == rows


HISTORY_QUERIES = 7
