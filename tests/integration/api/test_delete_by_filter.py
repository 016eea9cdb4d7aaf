"""DELETE /v1/memories/?user_id=... : an unreadable filter is never no filter."""

from urllib.parse import urlencode

import pytest

ROWS = {
    "u1": {"user_id": "u1"},
    "u1 a1": {"user_id": "u1", "agent_id": "a1"},
    "u2": {"user_id": "u2"},
    "a1": {"agent_id": "a1"},
    "p1 r1": {"app_id": "p1", "run_id": "r1"},
}
ANY = {"OR": [{key: "*"} for key in ("user_id", "agent_id", "app_id", "run_id")]}
WORKING = [
    ({"user_id": "u1"}, {"u1", "u1 a1"}),
    ({"agent_id": "a1"}, {"u1 a1", "a1"}),
    ({"user_id": "u1", "agent_id": "a1"}, {"u1 a1"}),
    ({"user_id": "*"}, {"u1", "u1 a1", "u2"}),
    ({"run_id": "*"}, {"p1 r1"}),
    ({"user_id": "*", "agent_id": "*"}, {"u1 a1"}),
    ({"user_id": "*", "agent_id": "*", "app_id": "*", "run_id": "*"}, set(ROWS)),
    ({"user_id": "nobody"}, set()),
    ({"user_id": "u1", "agent_id": "nobody"}, set()),
    ({"user_id": "u1", "org_id": "o", "project_id": "p", "source": "CLI"}, {"u1", "u1 a1"}),
    ({"filters": "{'user_id': 'u1'}"}, {"u1", "u1 a1"}),
    ({"filters": '{"user_id": "u1"}'}, {"u1", "u1 a1"}),
    ({"filters": "{'user_id': 'u1', 'agent_id': 'a1'}"}, {"u1 a1"}),
]
REFUSED = [
    ({}, None),
    ({"org_id": "o"}, None),
    ({"user_id": ""}, "user_id"),
    ({"user_id": " "}, "user_id"),
    ({"user": "u1"}, "user"),
    ({"user_id": "u1", "nonsense": "x"}, "nonsense"),
    ({"userid": "u1"}, "userid"),
    ({"filters": ""}, "filters"),
    ({"filters": "{}"}, "filters"),
    ({"filters": "u1"}, "filters"),
    ({"filters": "{'user_id': 'u1'"}, "filters"),
    ({"filters": "{'user_id': None}"}, "filters"),
    ({"filters": "{'user_id': ''}"}, "filters"),
    ({"filters": "{'nonsense': 'u1'}"}, "filters"),
    ({"filters": "{'user_id': open('x')}"}, "filters"),
    ({"filters": "[" * 5000}, "filters"),
    ({"filters": "None"}, "filters"),
    ({"filters": "*"}, "filters"),
    ({"user_id": "u1", "filters": "{'user_id': 'u2'}"}, "user_id"),
    ({"metadata": "{"}, "metadata"),
    ({"user_id": "u1", "metadata": "x"}, "metadata"),
]


@pytest.fixture
def rows(api):
    for text, scope in ROWS.items():
        api.add(text, **scope)


def test_it_works(api, rows):
    answer = api.delete("/v1/memories/?user_id=u1")

    assert answer.status_code == 200
    assert answer.json() == {"message": "Memories deleted successfully!"}
    assert set(api.texts(ANY)) == {"u2", "a1", "p1 r1"}


@pytest.mark.parametrize(("query", "gone"), WORKING)
def test_it_deletes(api, rows, query, gone):
    answer = api.delete(f"/v1/memories/?{urlencode(query)}")

    assert answer.status_code == 200
    assert set(api.texts(ANY)) == set(ROWS) - gone


@pytest.mark.parametrize(("query", "field"), REFUSED)
def test_it_refuses(api, rows, query, field):
    answer = api.delete(f"/v1/memories/?{urlencode(query)}")

    assert answer.status_code == 400
    assert answer.json().get("field") == field
    assert answer.json()["detail"] == answer.json()["error"]
    assert set(api.texts(ANY)) == set(ROWS)


def test_it_refuses_one_parameter_given_twice(api, rows):
    answer = api.delete("/v1/memories/?user_id=u1&user_id=u2")

    assert answer.status_code == 400
    assert set(api.texts(ANY)) == set(ROWS)


def test_what_it_deleted_is_not_found_any_more(api, rows):
    ids = [row["id"] for row in api.page({"user_id": "u1"}).json()["results"]]

    api.delete("/v1/memories/?user_id=u1")

    assert [api.get(f"/v1/memories/{each}/").status_code for each in ids] == [404, 404]
    assert api.hits("u1", {"user_id": "u1"}) == []
    histories = [api.get(f"/v1/memories/{each}/history/") for each in ids]
    assert [[row["event"] for row in history.json()] for history in histories] == [
        ["ADD", "DELETE"],
        ["ADD", "DELETE"],
    ]
    assert [row["new_memory"] for history in histories for row in history.json()] == [None] * 4


@pytest.mark.parametrize("rows", [1, 3])
def test_the_number_of_queries_does_not_grow(api, django_assert_num_queries, rows):
    api.add(*(f"Statement {n}." for n in range(rows)), user_id="u1")

    with django_assert_num_queries(DELETE_QUERIES):
        api.delete("/v1/memories/?user_id=u1")

    assert api.texts() == []


DELETE_QUERIES = 12
