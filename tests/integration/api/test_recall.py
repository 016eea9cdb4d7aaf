"""POST /api/v1/recall/"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.audit.actions import Action
from apps.audit.models import AuditEvent
from apps.common.actor import SYSTEM
from apps.isolation.scope import tenant_scope
from apps.memories.domain.recalling import fill_budget
from apps.memories.domain.values import Hit
from apps.memories.embedders.tokens import count_tokens
from apps.memories.models import Memory
from apps.tenants.domain.tenants import audit_api_reads
from apps.tenants.enums import ReadAudit

TEXTS = ("I drink green tea every morning.", "My sister sails.", "Tea with milk is not for me.")


def recall(api, **more):
    body = {"query": "Which tea?", "filters": {"user_id": "ada"}, "threshold": 0}
    return api.post("/api/v1/recall/", body | more)


def test_best_memories_stand_first_in_one_text(api):
    ids = api.add(*TEXTS)
    hits = api.search("Which tea?", threshold=0).json()["results"]

    answer = recall(api).json()

    lines = [f"- {hit['memory']}" for hit in hits]
    assert answer == {
        "text": "\n".join(lines),
        "tokens": count_tokens("\n".join(lines)),
        "tokenizer": "all-MiniLM-L6-v2/wordpiece",
        "sources": [{name: hit[name] for name in ("id", "score", "created_at")} for hit in hits],
    }
    assert sorted(hit["id"] for hit in hits) == sorted(map(str, ids))


@pytest.mark.parametrize(("most", "lines"), [(1, 0), (5, 1), (6, 1), (14, 2), (30, 3)])
def test_only_whole_memories_within_the_budget_are_there(api, most, lines):
    api.add(*TEXTS)

    answer = recall(api, max_tokens=most).json()

    kept = answer["text"].splitlines()
    assert (len(kept), len(answer["sources"])) == (lines, lines)
    assert {line.removeprefix("- ") for line in kept} <= set(TEXTS)
    assert answer["tokens"] == count_tokens(answer["text"]) <= most


@pytest.mark.parametrize("most", [0, 100_001, "many"])
def test_wrong_budget_is_refused(api, most):
    answer = recall(api, max_tokens=most)

    assert (answer.status_code, answer.json()["field"]) == (400, "max_tokens")


def test_it_is_audited_as_a_search(api, tenant):
    api.add(*TEXTS)
    audit_api_reads(tenant=tenant, which=ReadAudit.ALL, by=SYSTEM)

    recall(api, max_tokens=14)

    with tenant_scope(tenant.id):
        assert AuditEvent.objects.get(action=Action.MEMORY_SEARCH).facts == {"count": 2}


def test_others_memories_are_not_in_it(api, other_api):
    other_api.add("Their tea is secret.")

    assert recall(api).json()["text"] == ""


@given(st.lists(st.text(max_size=30), max_size=8), st.integers(0, 40))
def test_budget_is_never_exceeded(texts, most):
    hits = [Hit(Memory.__new__(Memory), 1.0, None) for _ in texts]
    for hit, text in zip(hits, texts, strict=True):
        hit.memory.__dict__["text"] = text

    recalled = fill_budget(hits, most=most)

    assert recalled.tokens == count_tokens(recalled.text) <= most
    assert all(f"- {hit.memory.__dict__['text']}" in recalled.text for hit in recalled.hits)
