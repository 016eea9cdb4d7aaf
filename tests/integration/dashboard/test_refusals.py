"""A page that the role does not allow leaves an event."""

from uuid import uuid4

from apps.audit.models import AuditEvent
from apps.isolation.scope import INSTANCE_TENANT_ID, tenant_scope
from apps.tenants.enums import Role
from apps.tenants.rules import TENANT_PERMISSIONS, Permission


def list_refusals(tenant_id):
    with tenant_scope(tenant_id):
        rows = AuditEvent.objects.filter(outcome="denied")
        return list(rows.values_list("action", "actor_id", "target_id", "facts"))


def test_page_of_the_tenant_stands_in_its_trail(make_operator, sign_in, tenant, monkeypatch):
    monkeypatch.setitem(TENANT_PERMISSIONS, Permission.MEMORY_VIEW, frozenset({Role.OWNER}))
    viewer, memory_id = make_operator(role=Role.VIEWER), uuid4()

    answer = sign_in(viewer).get(f"/dashboard/memories/{memory_id}/")

    assert answer.status_code == 403
    facts = {"needs": "memory.view", "reason": "forbidden"}
    assert list_refusals(tenant.id) == [("permission.use", viewer.id, memory_id, facts)]
    assert list_refusals(INSTANCE_TENANT_ID) == []


def test_page_of_the_instance_stands_in_the_instances(make_operator, sign_in, tenant):
    owner = make_operator(role=Role.OWNER)

    assert sign_in(owner).get("/dashboard/components/").status_code == 403

    facts = {"needs": "components.view", "reason": "forbidden"}
    assert list_refusals(INSTANCE_TENANT_ID) == [("permission.use", owner.id, None, facts)]
    assert list_refusals(tenant.id) == []


def test_operator_without_a_tenant_stands_in_the_instances(bare_operator, sign_in):
    assert sign_in(bare_operator).get("/dashboard/").status_code == 403

    facts = {"needs": "overview.view", "reason": "forbidden"}
    assert list_refusals(INSTANCE_TENANT_ID) == [("permission.use", bare_operator.id, None, facts)]
