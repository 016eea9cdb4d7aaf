"""What the compilers of the serving backend let through, refuse and add."""

import pytest
from django.db import connections, transaction
from django.db.models import Count, FilteredRelation, Q, QuerySet
from django.db.models.signals import pre_delete
from django.db.models.sql import DeleteQuery, UpdateQuery

from apps.isolation.scope import TenantScopeError, tenant_scope
from apps.memories.models import EmbeddingModel, Entity, Erasure, Memory, Version
from apps.tenants.models import Tenant
from tests.support.kernel import add
from tests.support.twins import AT, FIRST, SECOND, THIRD, make_twins


@pytest.fixture
def twins(db):
    ours, theirs = make_twins()
    return ours, theirs.plant()


@pytest.fixture
def ours(twins):
    with tenant_scope(twins[0].tenant.id):
        yield twins[0].tenant


TIED = {
    "named by hand": lambda ours: QuerySet(Version).filter(tenant_id=ours.id),
    "in each branch of an OR": lambda ours: (
        Version.objects.filter(number=1) | Version.objects.filter(number=2)
    ),
    "in one branch of an XOR": lambda ours: (
        Version.objects.filter(number=1) ^ Version.objects.filter(number=2)
    ),
    "through a reference": lambda ours: Version.objects.filter(memory__user__kind="user"),
    "through a reference that may be empty": lambda ours: Version.objects.select_related(
        "memory__agent", "memory__user"
    ),
    "grouped by the row": lambda ours: Version.objects.annotate(n=Count("memory__user")),
    "beside a condition on groups": lambda ours: Version.objects.annotate(
        n=Count("memory__user")
    ).filter(n=1),
}
UNTIED = {
    "not at all": lambda ours, other: QuerySet(Version).all(),
    "by a part of an OR": lambda ours, other: QuerySet(Version).filter(
        Q(tenant_id=ours.id) | Q(number=1)
    ),
    "by what it is not": lambda ours, other: QuerySet(Version).exclude(tenant_id=other.id),
    "by a range": lambda ours, other: QuerySet(Version).filter(tenant_id__gte=ours.id),
    "by a list": lambda ours, other: QuerySet(Version).filter(tenant_id__in=[ours.id]),
    "by another tenant": lambda ours, other: QuerySet(Version).filter(tenant_id=other.id),
    "by the tenant of a joined row": lambda ours, other: QuerySet(Version).filter(
        memory__tenant_id=ours.id
    ),
    "inside": lambda ours, other: Memory.objects.filter(id__in=QuerySet(Version).values("memory")),
    "in a part of a union": lambda ours, other: Version.objects.values("id").union(
        QuerySet(Memory).values("id")
    ),
    "in a second join": lambda ours, other: EmbeddingModel.objects.filter(
        vector__tenant_id=ours.id
    ).filter(vector__thread=3),
    "in the order": lambda ours, other: EmbeddingModel.objects.order_by("vector__thread"),
    "in a filtered relation": lambda ours, other: EmbeddingModel.objects.annotate(
        v=FilteredRelation("vector", condition=Q(vector__thread=3))
    ).filter(v__length=1),
}


@pytest.mark.parametrize("how", TIED)
def test_read_that_is_tied_to_the_tenant_passes(ours, how):
    found = list(TIED[how](ours))

    assert sorted(row.id for row in found) == [FIRST, SECOND]
    assert {row.tenant_id for row in found} == {ours.id}


@pytest.mark.parametrize("how", UNTIED)
def test_read_that_is_not_tied_to_the_tenant_is_refused(ours, twins, how):
    with pytest.raises(TenantScopeError):
        list(UNTIED[how](ours, twins[1].tenant))


def test_read_from_a_global_model_passes_where_the_join_is_tied(ours):
    models = EmbeddingModel.objects.filter(vector__tenant_id=ours.id)

    assert models.values_list("vector__id").count() == 2


def test_global_models_need_no_scope(db):
    assert Tenant.objects.filter(memberships=None, api_keys=None).count() == 1


def test_joins_carry_the_tenant(ours):
    sql = str(Version.objects.select_related("memory").query)

    assert '"memories_memory"."tenant_id" = ("memories_version"."tenant_id")' in sql


def test_update_and_delete_by_id_are_narrowed_to_the_tenant(ours, twins):
    update, delete = UpdateQuery(Version), DeleteQuery(Version)

    update.update_batch([FIRST, SECOND, THIRD], {"event": "UPDATE"}, "default")
    assert {row.event for row in Version.objects.all()} == {"UPDATE"}
    assert delete.delete_batch([FIRST, SECOND, THIRD], "default") == 2


def test_delete_with_listeners_goes_by_id_and_leaves_others(twins):
    ours, theirs = twins
    before, seen = theirs.dump(), []

    def listen(instance, **_):
        seen.append(instance.tenant_id)

    pre_delete.connect(listen, sender=Version)
    try:
        with tenant_scope(ours.tenant.id):
            deleted, _ = Version.objects.all().delete()
    finally:
        pre_delete.disconnect(listen, sender=Version)

    assert (deleted, seen) == (2, [ours.tenant.id] * 2)
    assert theirs.dump() == before


def test_rows_chosen_in_another_scope_are_not_changed(twins):
    ours, theirs = twins
    with tenant_scope(theirs.tenant.id):
        rows = Version.objects.all()

    for write in (lambda: rows.update(event="UPDATE"), rows.delete):
        with (
            pytest.raises(TenantScopeError, match="another tenant's scope"),
            tenant_scope(ours.tenant.id),
        ):
            write()


def test_save_writes_the_tenant_that_the_row_has(ours):
    row = Version.objects.get(id=FIRST)

    row.event = "UPDATE"
    row.save()

    assert Version.objects.get(id=FIRST).event == "UPDATE"


def test_upsert_that_would_move_a_row_is_refused(ours):
    row = Erasure(id=SECOND, digests=[b"new"], erased_at=AT)
    keys = {"update_conflicts": True, "unique_fields": ["tenant_id", "id"]}

    Erasure.objects.bulk_create([row], update_fields=["digests"], **keys)
    assert [bytes(one) for one in Erasure.objects.get().digests] == [b"new"]
    with pytest.raises(TenantScopeError, match="can't move"), transaction.atomic():
        Erasure.objects.bulk_create([row], update_fields=["tenant_id"], **keys)


def test_owners_connection_has_djangos_own_compilers(db):
    """It migrates, for no tenant; see docs/adr/0008."""
    modules = {alias: connections[alias].ops.compiler_module for alias in ("default", "owner")}

    assert modules == {
        "default": "apps.isolation.backend.compiler",
        "owner": "django.db.backends.postgresql.compiler",
    }


def test_entity_of_a_memory_is_read_with_it(tenant):
    [memory_id] = add(tenant, "a text")

    with tenant_scope(tenant.id):
        memory = Memory.objects.select_related("user", "agent").get(id=memory_id)

        assert (memory.user, memory.agent) == (Entity.objects.get(), None)
