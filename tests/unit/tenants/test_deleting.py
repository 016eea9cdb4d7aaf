"""Deleting an operator: nothing personal of them stays, and every chain still verifies."""

import pytest

from apps.accounts.models import Operator
from apps.accounts.sign_ins import record_failure
from apps.audit.actions import Action, Refusal
from apps.audit.domain import record
from apps.audit.models import AuditDetail, AuditEvent
from apps.common.actor import SYSTEM, Actor, ActorKind
from apps.common.errors import Conflict
from apps.isolation.scope import INSTANCE_TENANT_ID, tenant_scope
from apps.keys.queries import with_keys
from apps.tenants.domain.invitations import invite_operator
from apps.tenants.domain.operators import create_operator, delete_operator
from apps.tenants.enums import Role
from apps.tenants.models import Invitation, Membership, Tenant
from tests.support.trails import Trail

PASSWORD = "a long pass phrase, not a word"
EMAIL = "leaving@halden.example"


@pytest.fixture
def owner(tenant):
    return make(tenant, "ines@halden.example", is_instance_owner=True)


@pytest.fixture
def leaving(tenant, owner):
    invite_operator(tenant=tenant, email=EMAIL, role=Role.VIEWER, by=SYSTEM)
    record_failure(None, target_id=None, email=EMAIL, reason=Refusal.WRONG_PASSWORD)
    record_failure(None, target_id=None, email="other@x.example", reason=Refusal.WRONG_PASSWORD)
    operator = make(tenant, EMAIL, role=Role.VIEWER, name="Lee Aving")
    with tenant_scope(INSTANCE_TENANT_ID):
        by = Actor(ActorKind.OPERATOR, operator.id)
        record(Action.LOGIN, by=by, target_id=operator.id, details={"ip": "192.0.2.7"})
    return operator


def make(tenant, email, **fields):
    given = {"tenant": tenant, "role": Role.OWNER, "password": PASSWORD, "by": SYSTEM}
    return create_operator(email=email, **given | fields)


def list_details(*tenant_ids):
    found = []
    for tenant_id in tenant_ids:
        with tenant_scope(tenant_id):
            rows = with_keys(AuditDetail.objects.order_by("id"), owner="entity_id")
            found += [row.details for row in rows]
    return found


def test_details_go_and_the_chain_verifies(tenant, owner, leaving):
    trails = [Trail.of(tenant), Trail.of(Tenant.objects.get(id=INSTANCE_TENANT_ID))]
    for trail in trails:
        trail.seal()
    before = list_details(tenant.id, INSTANCE_TENANT_ID)
    assert {"email": EMAIL} in before
    assert {"ip": "192.0.2.7"} in before
    by = Actor(ActorKind.OPERATOR, owner.id)

    delete_operator(operator=leaving, by=by)

    assert list_details(tenant.id, INSTANCE_TENANT_ID) == [{"email": "other@x.example"}]
    for trail in trails:
        trail.seal()
    assert [trail.problems() for trail in trails] == [[], []]
    assert not Operator.objects.filter(email=EMAIL).exists()
    assert not Invitation.objects.filter(email=EMAIL).exists()
    assert not Membership.objects.filter(operator_id=leaving.id).exists()
    with tenant_scope(INSTANCE_TENANT_ID):
        event = AuditEvent.objects.get(action=Action.OPERATOR_DELETE)
        assert (event.actor_id, event.facts) == (owner.id, {"redacted": 3})
        assert AuditEvent.objects.filter(action=Action.LOGIN).exists()


def test_oneself_is_refused(tenant, owner):
    with pytest.raises(Conflict, match="Another instance owner"):
        delete_operator(operator=owner, by=Actor(ActorKind.OPERATOR, owner.id))


def test_last_owner_of_a_tenant_is_refused(tenant, owner):
    with pytest.raises(Conflict, match="last"):
        delete_operator(operator=owner, by=SYSTEM)

    assert Operator.objects.filter(id=owner.id).exists()
