"""A call that the key's scopes do not allow is an event of the tenant's trail."""

from uuid import UUID

import pytest

from apps.audit.models import AuditEvent
from apps.isolation.scope import tenant_scope


@pytest.fixture
def read_key(make_key):
    return make_key(scopes=["read"])


def list_refusals(tenant):
    with tenant_scope(tenant.id):
        rows = AuditEvent.objects.filter(outcome="denied").order_by("id")
        return list(rows.values_list("action", "actor_kind", "actor_id", "facts", "request_id"))


def test_refused_calls_are_recorded(as_key, read_key, tenant):
    key_id = tenant.api_keys.get().id

    deleted = as_key(read_key).delete("/v1/memories/?user_id=external-42")
    added = as_key(read_key).post("/v3/memories/add/", {"messages": [], "user_id": "external-42"})

    assert (deleted.status_code, added.status_code) == (403, 403)
    assert list_refusals(tenant) == [
        (
            "permission.use",
            "api_key",
            key_id,
            {"needs": scope, "reason": "forbidden"},
            answer.headers["X-Request-ID"],
        )
        for scope, answer in (("delete", deleted), ("write", added))
    ]
    assert UUID(deleted.headers["X-Request-ID"])


def test_allowed_calls_and_wrong_input_are_no_refusals(api, tenant):
    api.add("a text")
    assert api.post("/v3/memories/add/", {"messages": []}).status_code == 400
    assert api.get("/v1/memories/01990000-0000-7000-8000-000000000000/").status_code == 404

    assert list_refusals(tenant) == []


def test_unknown_key_belongs_to_no_trail(as_key, tenant):
    assert as_key("mhk_nothing").get("/v1/ping/").status_code == 401

    assert list_refusals(tenant) == []
