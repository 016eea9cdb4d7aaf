"""GET /v1/entities/ : who memories exist for; `users()` of the clients."""

import pytest

PATH = "/v1/entities/"
TOTALS = ("total_users", "total_agents", "total_apps", "total_runs")


def test_it_works(api, tenant):
    api.add("one", "two", user_id="ada", run_id="monday")

    answer = api.get(PATH)

    assert answer.status_code == 200
    found = {row["type"]: row for row in answer.json()["results"]}
    assert answer.json() == {
        "count": 2,
        "next": None,
        "previous": None,
        "results": answer.json()["results"],
        "total_users": 1,
        "total_agents": 0,
        "total_apps": 0,
        "total_runs": 1,
    }
    assert found["user"] == {
        "id": found["user"]["id"],
        "name": "ada",
        "type": "user",
        "owner": tenant.name,
        "metadata": None,
        "created_at": found["user"]["created_at"],
        "updated_at": found["user"]["updated_at"],
        "total_memories": 2,
    }
    assert isinstance(found["user"]["id"], str)
    assert (found["run"]["name"], found["run"]["total_memories"]) == ("monday", 2)


def test_a_tenant_without_memories_has_none(api):
    answer = api.get(PATH)

    assert answer.json() == {
        "count": 0,
        "next": None,
        "previous": None,
        "results": [],
    } | dict.fromkeys(TOTALS, 0)


def test_the_four_types_are_told_apart(api):
    api.add("x", user_id="same", agent_id="same", app_id="same", run_id="same")

    rows = api.get(PATH).json()["results"]

    assert {(row["type"], row["name"]) for row in rows} == {
        (kind, "same") for kind in ("user", "agent", "app", "run")
    }
    assert len({row["id"] for row in rows}) == 4


def test_an_entity_without_memories_left_is_not_listed(api):
    api.add("x", user_id="ada")
    api.add("x", user_id="bob")

    api.delete("/v1/memories/?user_id=ada")

    answer = api.get(PATH).json()
    assert [row["name"] for row in answer["results"]] == ["bob"]
    assert (answer["count"], answer["total_users"]) == (1, 1)


def test_it_pages(api):
    for number in range(5):
        api.add("x", user_id=f"user {number}")

    pages = [api.get(f"{PATH}?page={n}&page_size=2").json() for n in (1, 2, 3)]

    assert [page["count"] for page in pages] == [5, 5, 5]
    assert sorted(row["name"] for page in pages for row in page["results"]) == [
        f"user {number}" for number in range(5)
    ]
    assert pages[0]["next"] == f"http://testserver{PATH}?page=2&page_size=2"
    assert [page["total_users"] for page in pages] == [5, 5, 5]


def test_a_page_past_the_end_is_404(api):
    api.add("x", user_id="ada")

    answer = api.get(f"{PATH}?page=2")

    assert answer.status_code == 404
    assert answer.json().keys() == {"detail", "error"}


@pytest.mark.parametrize("query", ["page=0", "page=x", "page_size=0", "page_size=201"])
def test_it_refuses(api, query):
    answer = api.get(f"{PATH}?{query}")

    assert answer.status_code == 400
    assert answer.json()["field"] == query.split("=", maxsplit=1)[0]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_number_of_queries_does_not_grow(api, django_assert_num_queries, rows):
    for number in range(rows):
        api.add("x", user_id=f"user {number}")
    api.get(PATH)

    with django_assert_num_queries(ENTITY_QUERIES):
        answer = api.get(PATH)

    assert answer.json()["count"] == rows


ENTITY_QUERIES = 10
