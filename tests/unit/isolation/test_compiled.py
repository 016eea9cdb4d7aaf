import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from apps.common.ids import uuid7
from apps.isolation.compiled import Bind, Compiled, IsAnyOf
from apps.isolation.scope import TenantScopeError, tenant_scope
from apps.keys.queries import annotate_keys
from apps.memories.models import Memory, Version
from apps.tenants.enums import Role
from apps.tenants.models import Membership, Operator
from tests.support.kernel import add


@pytest.fixture
def by_ids():
    return Compiled(lambda: Memory.objects.filter(IsAnyOf(F("id"), Bind("ids"))).order_by("id"))


def test_compiled_answers_what_the_queryset_answers(tenant, by_ids):
    ids = add(tenant, "one", "two", "three")[:2]

    with tenant_scope(tenant.id):
        rows = by_ids(ids=ids)

        assert rows == list(Memory.objects.filter(id__in=ids).order_by("id"))
        assert [row.text for row in rows] == ["one", "two"]
        assert [row.created_at for row in rows] == [
            row.created_at for row in Memory.objects.filter(id__in=ids)
        ]
        assert by_ids(ids=[uuid7()]) == by_ids(ids=[]) == []


def test_compiled_binds_the_tenant_of_each_call(tenant, other_tenant, by_ids):
    ours, theirs = add(tenant, "ours"), add(other_tenant, "theirs")

    for each, own in [(tenant, ours), (other_tenant, theirs), (tenant, ours)]:
        with tenant_scope(each.id):
            assert [row.id for row in by_ids(ids=ours + theirs)] == own


def test_compiled_names_the_tenant_itself(tenant, by_ids):
    seen = []

    def watch(execute, sql, params, many, context):
        seen.append((sql, params))
        return execute(sql, params, many, context)

    ids = [uuid7()]
    with tenant_scope(tenant.id), connection.execute_wrapper(watch):
        by_ids(ids=ids)

    [(sql, params)] = seen
    assert '"memories_memory"."tenant_id" = %s' in sql
    assert params == [tenant.id, ids]


def test_compiled_outside_a_scope_raises(db, by_ids):
    with pytest.raises(TenantScopeError):
        by_ids(ids=[uuid7()])


def test_compiled_outside_a_scope_raises_after_a_call_inside(tenant, by_ids):
    with tenant_scope(tenant.id):
        by_ids(ids=[])

    with pytest.raises(TenantScopeError):
        by_ids(ids=[uuid7()])


def test_compiled_without_a_value_raises(tenant, by_ids):
    with tenant_scope(tenant.id), pytest.raises(KeyError, match="ids"):
        by_ids()


def test_compiled_sets_annotations(tenant):
    [memory_id] = add(tenant, "one")
    read = Compiled(lambda: annotate_keys(Version.objects.filter(memory=Bind("memory_id"))))

    with tenant_scope(tenant.id):
        [row] = read(memory_id=memory_id)
        [same] = annotate_keys(Version.objects.filter(memory=memory_id))

        assert bytes(row.wrapped_key) == bytes(same.wrapped_key)


def test_compiled_fills_related_rows_of_global_models(tenant):
    operator = Operator.objects.create(email="ines@halden.example")
    Membership.objects.create(tenant=tenant, operator=operator, role=Role.VIEWER)
    rows = Membership.objects.select_related("operator")
    read = Compiled(lambda: rows.filter(role=Bind("role")))

    [row] = read(role=Role.VIEWER)

    with CaptureQueriesContext(connection) as captured:
        assert row.operator == Operator.objects.get(email="ines@halden.example")
    assert len(captured) == 1  # the one of this comparison


def test_compiled_refuses_json_of_related_rows(db):
    with pytest.raises(TypeError):
        Compiled(lambda: Membership.objects.select_related("tenant"))()
