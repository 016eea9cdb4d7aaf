"""`filters` of list, search and delete: entity ids, `*`, `in`, AND, OR, NOT."""

import pytest

from apps.common.actor import SYSTEM
from apps.tenants.domain.api_keys import create_api_key
from apps.tenants.domain.tenants import create_tenant
from tests.integration.conftest import Api
from tests.support.committed import undone

ROWS = {
    "u1": {"user_id": "u1"},
    "u2": {"user_id": "u2"},
    "u1 a1": {"user_id": "u1", "agent_id": "a1"},
    "u1 a2 r1": {"user_id": "u1", "agent_id": "a2", "run_id": "r1"},
    "a1": {"agent_id": "a1"},
    "p1 r1": {"app_id": "p1", "run_id": "r1"},
}
WORKING = [
    ({"user_id": "u1"}, {"u1", "u1 a1", "u1 a2 r1"}),
    ({"user_id": {"eq": "u1"}}, {"u1", "u1 a1", "u1 a2 r1"}),
    ({"userId": "u1"}, {"u1", "u1 a1", "u1 a2 r1"}),
    ({"userId": "u1", "agentId": "a1"}, {"u1 a1"}),
    ({"runId": "r1"}, {"u1 a2 r1", "p1 r1"}),
    ({"appId": {"in": ["p1"]}}, {"p1 r1"}),
    ({"user_id": "u1", "agent_id": "a1"}, {"u1 a1"}),
    ({"user_id": "*"}, {"u1", "u2", "u1 a1", "u1 a2 r1"}),
    ({"agent_id": "*"}, {"u1 a1", "u1 a2 r1", "a1"}),
    ({"user_id": "*", "agent_id": "*"}, {"u1 a1", "u1 a2 r1"}),
    ({"user_id": {"in": ["u1", "u2"]}}, {"u1", "u2", "u1 a1", "u1 a2 r1"}),
    ({"user_id": {"in": ["u2", "nobody"]}}, {"u2"}),
    ({"user_id": "nobody"}, set()),
    ({"user_id": "u1", "userId": "u2"}, set()),
    ({"user_id": "u1", "agent_id": {"ne": "a1"}}, {"u1 a2 r1"}),
    ({"user_id": "u1", "agent_id": {"in": ["a1", "a2"], "ne": "a1"}}, {"u1 a2 r1"}),
    ({"AND": [{"user_id": "u1"}, {"agent_id": "a1"}]}, {"u1 a1"}),
    ({"AND": [{"user_id": "u1"}]}, {"u1", "u1 a1", "u1 a2 r1"}),
    ({"OR": [{"user_id": "u2"}, {"agent_id": "a1"}]}, {"u2", "u1 a1", "a1"}),
    ({"OR": [{"user_id": "u2"}]}, {"u2"}),
    ({"OR": [{"user_id": "u2"}, {"app_id": "p1", "run_id": "r1"}]}, {"u2", "p1 r1"}),
    ({"AND": [{"user_id": "u1"}, {"NOT": {"agent_id": "a1"}}]}, {"u1", "u1 a2 r1"}),
    ({"user_id": "u1", "NOT": {"agent_id": "*"}}, {"u1"}),
    ({"user_id": "u1", "NOT": [{"agent_id": "a1"}, {"run_id": "r1"}]}, {"u1"}),
    ({"user_id": "u1", "NOT": {"agent_id": {"in": ["a1", "a2"]}}}, {"u1"}),
    ({"user_id": "u1", "OR": [{"agent_id": "a1"}, {"run_id": "r1"}]}, {"u1 a1", "u1 a2 r1"}),
    (
        {"AND": [{"user_id": "u1"}], "OR": [{"agent_id": "a1"}, {"run_id": "r1"}]},
        {"u1 a1", "u1 a2 r1"},
    ),
    (
        {"OR": [{"AND": [{"user_id": "u1"}, {"run_id": "r1"}]}, {"AND": [{"user_id": "u2"}]}]},
        {"u1 a2 r1", "u2"},
    ),
    ({"AND": [{"OR": [{"user_id": "u1"}, {"user_id": "u2"}]}, {"agent_id": "a2"}]}, {"u1 a2 r1"}),
]
REFUSED = [
    {},
    [],
    None,
    "u1",
    7,
    {"user": "u1"},
    {"user_id": "u1", "nonsense": 1},
    {"user_id": None},
    {"user_id": ""},
    {"user_id": 7.5},
    {"user_id": True},
    {"user_id": []},
    {"user_id": ["u1"]},
    {"user_id": {}},
    {"user_id": {"in": []}},
    {"user_id": {"in": "u1"}},
    {"user_id": {"in": [None]}},
    {"user_id": {"nin": ["u1"]}},
    {"user_id": {"$ne": "u1"}},
    {"user_id": {"gt": "u1"}},
    {"user_id": "u1", "agent_id": {"contains": "a"}},
    {"user_id": {"eq": {"in": ["u1"]}}},
    {"AND": []},
    {"AND": {"user_id": "u1"}},
    {"AND": ["u1"]},
    {"OR": []},
    {"OR": "u1"},
    {"user_id": "u1", "NOT": "a1"},
    {"user_id": "u1", "NOT": []},
    {"user_id": "u1", "and": [{"agent_id": "a1"}]},
    {"NOT": {"user_id": "u1"}},
    {"user_id": {"ne": "u1"}},
    {"OR": [{"user_id": "u1"}, {"NOT": {"user_id": "u2"}}]},
    {"OR": [{"user_id": "u1"}, {"agent_id": {"ne": "a1"}}]},
    {"AND": [{"NOT": {"user_id": "u1"}}, {"NOT": {"agent_id": "a1"}}]},
]


@pytest.fixture(scope="module")
def api(django_db_setup, django_db_blocker):
    """With the rows, which are added once: no test here changes any."""
    with django_db_blocker.unblock(), undone():
        tenant = create_tenant(name="Harbour Clinic", slug="harbour", by=SYSTEM)
        api = Api(create_api_key(tenant=tenant, name="test", by=SYSTEM)[1])
        for text, scope in ROWS.items():
            api.add(text, **scope)
        yield api


@pytest.mark.parametrize(("filters", "expected"), WORKING)
def test_list_finds(api, filters, expected):
    page = api.page(filters).json()

    assert {row["memory"] for row in page["results"]} == expected
    assert page["count"] == len(page["results"]) == len(expected)


@pytest.mark.parametrize(("filters", "expected"), WORKING)
def test_search_finds_the_same(api, filters, expected):
    hits = api.hits("u1 a1 r1", filters, top_k=100)

    assert sorted(hits) == sorted(expected)


@pytest.mark.parametrize("filters", REFUSED, ids=str)
def test_list_and_search_refuse(api, filters):
    body = {"filters": filters}

    answers = [
        api.post("/v3/memories/", body),
        api.post("/v3/memories/search/", body | {"query": "u1"}),
    ]

    assert [answer.status_code for answer in answers] == [400, 400]
    assert [answer.json()["field"] for answer in answers] == ["filters", "filters"]


def test_an_unknown_key_is_told_which_there_are(api):
    answer = api.page({"user_id": "u1", "nonsense": 1})

    expected = (
        "Top-level key must be a logical operator or an allowed field: "
        "['AND', 'OR', 'NOT', 'user_id', 'agent_id', 'app_id', 'run_id'"
    )
    assert answer.json()["detail"].startswith(expected)


def test_nesting_has_an_end(api):
    deep = b'{"AND": [' * 50 + b'{"user_id": "u1"}' + b"]}" * 50

    answer = api.post("/v3/memories/", raw=b'{"filters": ' + deep + b"}")

    assert answer.status_code == 400
    assert answer.json()["field"] == "filters"
