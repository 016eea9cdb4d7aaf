"""GET /v1/stats/ and GET /v1/memories/events/"""


def test_stats_count(api):
    api.add("tea", "cake", user_id="ada", agent_id="bot")
    [gone] = api.add("gone", user_id="bob", run_id="r")
    api.add("kept", user_id="bob")
    api.delete(f"/v1/memories/{gone}/")

    assert api.get("/v1/stats/").json() == {
        "total_memories": 3,
        "total_retrieval_events": 0,
        "total_add_events": 4,
        "total_api_retrieval_events": 0,
        "total_retrieval_events_limit": None,
        "total_users_with_memories": 2,
        "total_agents_with_memories": 1,
        "total_runs_with_memories": 0,
        "memories_per_user": 1.5,
        "memories_per_agent": 3.0,
        "memories_per_run": 0.0,
    }


def test_stats_count_no_other_tenants(api, other_api):
    other_api.add("theirs", user_id="ada")

    assert api.get("/v1/stats/").json()["total_memories"] == 0


def test_events_are_the_history_of_all_memories(api):
    [tea] = api.add("tea", user_id="ada")
    [cake] = api.add("cake", user_id="bob")
    api.put(f"/v1/memories/{tea}/", {"text": "green tea"})
    api.delete(f"/v1/memories/{cake}/")

    page = api.get("/v1/memories/events/").json()

    assert page["count"] == 4
    assert [
        (row["memory_id"], row["event"], row["old_memory"], row["new_memory"])
        for row in page["results"]
    ] == [
        (cake, "DELETE", None, None),
        (tea, "UPDATE", "tea", "green tea"),
        (cake, "ADD", None, None),
        (tea, "ADD", None, "tea"),
    ]
    history = api.get(f"/v1/memories/{tea}/history/").json()
    assert [row for row in page["results"] if row["memory_id"] == tea] == history[::-1]


def test_events_are_paged(api):
    api.add("one", "two", "three")

    first = api.get("/v1/memories/events/?limit=2").json()
    second = api.get("/v1/memories/events/?page=2&limit=2").json()

    assert [len(page["results"]) for page in (first, second)] == [2, 1]
    assert api.get("/v1/memories/events/?page=3&limit=2").status_code == 404
