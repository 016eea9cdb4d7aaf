"""POST /v1/feedback/"""

import pytest

from apps.isolation.scope import tenant_scope
from apps.memories.models import Feedback


@pytest.fixture
def memory(api):
    return api.add("I drink tea.")[0]


def give(api, memory_id, **fields):
    return api.post("/v1/feedback/", {"memory_id": memory_id} | fields)


def kept(tenant):
    with tenant_scope(tenant.id):
        return [(row.verdict, row.reason) for row in Feedback.objects.all()]


def test_it_works(api, tenant, memory):
    answer = give(api, memory, feedback="NEGATIVE", feedback_reason="It was coffee.")

    body = answer.json()
    assert answer.status_code == 200
    assert body == {
        "id": body["id"],
        "feedback": "NEGATIVE",
        "feedback_reason": "It was coffee.",
    }
    assert kept(tenant) == [("NEGATIVE", "It was coffee.")]


def test_the_last_one_counts_and_null_withdraws_it(api, tenant, memory):
    give(api, memory, feedback="NEGATIVE", feedback_reason="It was coffee.")
    give(api, memory, feedback="very_negative")
    assert kept(tenant) == [("VERY_NEGATIVE", None)]

    assert give(api, memory, feedback=None).json()["feedback"] is None

    assert kept(tenant) == [(None, None)]


def test_it_goes_with_the_memory(api, tenant, memory):
    give(api, memory, feedback="NEGATIVE", feedback_reason="It was coffee.")

    api.delete(f"/v1/memories/{memory}/")

    assert kept(tenant) == []
    assert give(api, memory, feedback="POSITIVE").status_code == 404


def test_another_tenants_memory_is_not_there(other_api, tenant, memory):
    assert give(other_api, memory, feedback="POSITIVE").status_code == 404
    assert kept(tenant) == []


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"feedback": "GOOD"}, "feedback"),
        ({"feedback": 1}, "feedback"),
        ({"feedback": "POSITIVE", "feedback_reason": 7}, "feedback_reason"),
        ({"feedback": "POSITIVE", "memory_id": "x"}, "memory_id"),
        ({"feedback": "POSITIVE", "memory_id": None}, "memory_id"),
    ],
)
def test_it_refuses(api, memory, fields, field):
    answer = api.post("/v1/feedback/", {"memory_id": memory} | fields)

    assert (answer.status_code, answer.json()["field"]) == (400, field)
