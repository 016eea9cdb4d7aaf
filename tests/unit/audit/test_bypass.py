"""The one way around the row filters."""

import pytest
from django.db.models import QuerySet

from apps.audit.domain.bypass import BypassReason, unfiltered_scope
from apps.audit.models import AuditEvent
from apps.common.actor import SYSTEM, Actor, ActorKind
from apps.common.ids import uuid7
from apps.isolation.compiled import Bind, Compiled
from apps.isolation.scope import INSTANCE_TENANT_ID, TenantScopeError, tenant_scope
from apps.memories.models import Version
from tests.support import sentinel
from tests.support.kernel import add


def open_door(tenant, by=SYSTEM):
    return unfiltered_scope(tenant_id=tenant.id, reason=BypassReason.ISOLATION_PROOF, by=by)


@pytest.fixture
def planted(tenant, other_tenant):
    add(other_tenant, "theirs")
    return add(tenant, "ours")


def test_behind_the_door_nothing_is_filtered_but_by_the_database(tenant, planted):
    with sentinel.off("attacks"), open_door(tenant):
        statement = str(Version.objects.all().query)
        found = list(QuerySet(Version).values_list("memory_id", flat=True))

    assert "WHERE" not in statement
    assert found == planted


def test_passing_the_door_is_recorded_under_the_instance(tenant):
    operator = Actor(ActorKind.OPERATOR, uuid7())

    with open_door(tenant, by=operator):
        pass

    with tenant_scope(INSTANCE_TENANT_ID):
        event = AuditEvent.objects.get(action="isolation.bypass")
        assert (event.actor_id, event.target_id) == (operator.id, tenant.id)
        assert event.facts == {"reason": "isolation-proof"}


def test_door_closes_with_its_scope(tenant, planted):
    with open_door(tenant):
        pass

    with tenant_scope(tenant.id), pytest.raises(TenantScopeError):
        QuerySet(Version).count()


def test_door_is_not_opened_inside_a_scope(tenant):
    with tenant_scope(tenant.id), pytest.raises(TenantScopeError, match="of its own"):
        with open_door(tenant):
            pass


def test_statement_compiled_behind_the_door_keeps_its_filter(tenant, other_tenant, planted):
    read = Compiled(lambda: Version.objects.filter(number=Bind("number")))

    with open_door(tenant):
        behind = read(number=1)
    with tenant_scope(other_tenant.id):
        [theirs] = read(number=1)

    assert [row.memory_id for row in behind] == planted
    assert theirs.tenant_id == other_tenant.id
