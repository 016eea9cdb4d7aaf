"""The older versions of add, list and search: the same memories in other envelopes."""

import pytest

ADA = {"user_id": "ada"}
TEA = {"messages": [{"role": "user", "content": "I drink tea."}], "infer": False}


def test_v1_add_answers_a_bare_list(api):
    answer = api.post("/v1/memories/", TEA | ADA)

    [row] = answer.json()
    assert answer.status_code == 200
    assert row == {"id": row["id"], "event": "ADD", "memory": "I drink tea."}
    assert api.get(f"/v1/memories/{row['id']}/").json()["memory"] == "I drink tea."


@pytest.mark.parametrize(
    "fields",
    [
        {"output_format": "v1.1"},
        {"output_format": "v1.1", "version": "v2", "async_mode": False, "org_id": "o"},
    ],
)
def test_v1_add_answers_results_and_relations(api, fields):
    answer = api.post("/v1/memories/", TEA | ADA | fields).json()

    assert answer.keys() == {"results", "relations"}
    assert [row["memory"] for row in answer["results"]] == ["I drink tea."]
    assert answer["relations"] == []


def test_v1_list_answers_a_bare_list(api):
    [tea] = api.add("I drink tea.", agent_id="bot", **ADA)
    api.add("I drink coffee.", user_id="bob")

    assert api.get("/v1/memories/?user_id=ada").json() == [api.get(f"/v1/memories/{tea}/").json()]
    assert len(api.get("/v1/memories/?user_id=*").json()) == 2
    assert api.get("/v1/memories/?user_id=ada&agent_id=owl").json() == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("metadata=%7B%22mood%22%3A%22good%22%7D", ["b"]),
        ("categories=food,travel", ["b", "c"]),
        ("categories=food&categories=travel", ["b", "c"]),
        ("keywords=A", ["a"]),
        ("start_date=2026-03-02", ["c", "b"]),
        ("end_date=2026-03-01", ["a"]),
        ("limit=2", ["c", "b"]),
        ("org_id=o&project_id=p", ["c", "b", "a"]),
        ("filters=%7B%22categories%22%3A%7B%22in%22%3A%5B%22food%22%5D%7D%7D", ["b"]),
    ],
)
def test_v1_list_is_narrowed(api, query, expected):
    api.add("a", timestamp=1_772_366_400)
    api.add("b", timestamp=1_772_452_800, metadata={"mood": "good"}, categories=["food"])
    api.add("c", timestamp=1_772_539_200, categories=["travel"])

    rows = api.get(f"/v1/memories/?user_id=ada&{query}").json()

    if "categories" in query:
        rows = sorted(rows, key=lambda row: row["memory"])
    assert [row["memory"] for row in rows] == expected


def test_v1_list_is_a_page_where_page_and_size_are_given(api):
    api.add("one", "two", "three")

    page = api.get("/v1/memories/?user_id=ada&page=2&page_size=2&limit=1").json()

    assert (page["count"], len(page["results"]), page["next"]) == (3, 1, None)
    assert isinstance(api.get("/v1/memories/?user_id=ada&page_size=2").json(), list)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "user_id"),
        ("metadata=%7B%7D", "user_id"),
        ("user_id=ada&metadata=x", "metadata"),
        ("user_id=ada&limit=201", "limit"),
        ("user_id=", "user_id"),
        ("user_id=ada&start_date=soon", "start_date"),
        ("user_id=ada&filters=x", "filters"),
        ("user_id=ada&filters=%7B%22nonsense%22%3A1%7D", "filters"),
    ],
)
def test_v1_list_refuses(api, query, field):
    answer = api.get(f"/v1/memories/?{query}")

    assert (answer.status_code, answer.json()["field"]) == (400, field)


def test_v1_search_takes_ids_at_the_top(api):
    api.add("I drink tea.", metadata={"mood": "good"}, **ADA)
    api.add("Ada's tea is green.", **ADA)
    api.add("Bob drinks tea.", user_id="bob")

    found = api.post("/v1/memories/search/", {"query": "tea"} | ADA).json()
    good = {"query": "tea", "metadata": {"mood": "good"}, "output_format": "v1.1"} | ADA

    assert sorted(row["memory"] for row in found) == ["Ada's tea is green.", "I drink tea."]
    assert all(0 <= row["score"] <= 1 for row in found)
    tree = {"filters": {"AND": [{"metadata": {"mood": "good"}}]}}
    assert [
        row["memory"]
        for row in api.post("/v1/memories/search/", {"query": "tea"} | ADA | tree).json()
    ] == ["I drink tea."]
    answer = api.post("/v1/memories/search/", good).json()
    assert ([row["memory"] for row in answer["results"]], answer["relations"]) == (
        ["I drink tea."],
        [],
    )


def test_v2_list_answers_a_bare_list(api):
    api.add("one", "two", "three")

    assert len(api.post("/v2/memories/", {"filters": ADA}).json()) == 3
    assert len(api.post("/v2/memories/?page=2&page_size=2", {"filters": ADA}).json()) == 1
    [row] = api.post("/v2/memories/", {"filters": ADA, "page_size": 1, "fields": ["memory"]}).json()
    assert row.keys() == {"id", "memory"}


def test_v2_search_has_a_higher_threshold(api):
    api.add("I drink tea.", "The bridge opens at noon.")
    ask = {"query": "tea", "filters": ADA}

    found = api.post("/v2/memories/search/", ask).json()
    everything = api.post("/v2/memories/search/", ask | {"threshold": 0}).json()

    assert [row["memory"] for row in found] == ["I drink tea."]
    assert len(everything) == 2
    assert all(row["score"] >= 0.3 for row in found)


@pytest.mark.parametrize("path", ["/v2/memories/", "/v2/memories/search/"])
@pytest.mark.parametrize("filters", [None, {}, {"nonsense": 1}, {"NOT": ADA}])
def test_v2_refuses_what_it_does_not_understand(api, path, filters):
    answer = api.post(path, {"query": "tea", "filters": filters})

    assert (answer.status_code, answer.json()["field"]) == (400, "filters")


def test_v1_search_refuses_to_search_everybody(api):
    answer = api.post("/v1/memories/search/", {"query": "tea"})

    assert (answer.status_code, answer.json()["field"]) == (400, "user_id")
