"""`*` is everybody of the own tenant, and nothing at all deletes nothing."""

from urllib.parse import urlencode

import pytest

KEYS = ("user_id", "agent_id", "app_id", "run_id")
ROWS = {
    "of a user": {"user_id": "ada"},
    "of an agent": {"agent_id": "ada"},
    "of an app": {"app_id": "ada"},
    "of a run": {"run_id": "ada"},
    "of all": dict.fromkeys(KEYS, "ada"),
}
EVERYBODY = {"OR": [{key: "*"} for key in KEYS]}
WILDCARDS = [
    ({"user_id": "*"}, ["of a user", "of all"]),
    ({"run_id": "*"}, ["of a run", "of all"]),
    (dict.fromkeys(KEYS, "*"), ["of all"]),
    (EVERYBODY, list(ROWS)),
    ({"user_id": {"in": ["*", "nobody"]}}, ["of a user", "of all"]),
    ({"AND": [{"agent_id": "*"}, {"NOT": [{"user_id": "*"}]}]}, ["of an agent"]),
    ({"AND": [{"app_id": "*"}, {"NOT": [{"user_id": "nobody"}]}]}, ["of an app", "of all"]),
]


@pytest.fixture
def both(api, other_api):
    """Two tenants with the same entities and the same words but for the last one."""
    for tenant, word in ((api, "ours"), (other_api, "theirs")):
        for text, ids in ROWS.items():
            tenant.add(f"Tea {text}, {word}", **ids)
    return api, other_api


def name(texts, word):
    return sorted(f"Tea {text}, {word}" for text in texts)


@pytest.mark.parametrize(("filters", "texts"), WILDCARDS, ids=str)
def test_it_lists_and_finds_the_own(both, filters, texts):
    for tenant, word in zip(both, ("ours", "theirs"), strict=True):
        page = tenant.page(filters).json()

        assert page["count"] == len(texts)
        assert sorted(row["memory"] for row in page["results"]) == name(texts, word)
        assert sorted(tenant.hits("tea", filters, top_k=100)) == name(texts, word)


@pytest.mark.parametrize(("filters", "texts"), WILDCARDS, ids=str)
def test_it_deletes_the_own(both, filters, texts):
    api, other_api = both

    answer = api.delete(f"/v1/memories/?{urlencode({'filters': str(filters)})}")

    assert answer.status_code == 200
    assert sorted(api.texts(EVERYBODY)) == name(ROWS.keys() - set(texts), "ours")
    assert sorted(other_api.texts(EVERYBODY)) == name(ROWS, "theirs")


def test_all_wildcards_of_the_query_delete_everything_of_the_own(both):
    api, other_api = both

    api.delete(f"/v1/memories/?{urlencode(dict.fromkeys(KEYS, '*'))}")

    assert api.texts(EVERYBODY) == []
    assert sorted(other_api.texts(EVERYBODY)) == name(ROWS, "theirs")


def test_entities_are_counted_by_themselves(both):
    for tenant in both:
        page = tenant.get("/v1/entities/").json()

        assert sorted(
            (row["type"], row["name"], row["total_memories"]) for row in page["results"]
        ) == [(kind, "ada", 2) for kind in ("agent", "app", "run", "user")]


@pytest.mark.parametrize(
    "query",
    ["", "?user_id=", "?filters={}", "?org_id=*", "?filters={'NOT':[{'user_id':'nobody'}]}"],
)
def test_deleting_without_a_filter_is_refused(both, query):
    answer = both[0].delete(f"/v1/memories/{query}")

    assert answer.status_code == 400
    for tenant, word in zip(both, ("ours", "theirs"), strict=True):
        assert sorted(tenant.texts(EVERYBODY)) == name(ROWS, word)
