"""What the migrations made of every tenant-owned table, read from PostgreSQL's catalogue."""

from types import SimpleNamespace

import pytest
from django.db import connection, connections, models, transaction
from django.test.utils import isolate_apps

from apps.isolation.models import TenantForeignKey, TenantOwned
from apps.isolation.operations import MakeTenantOwned
from apps.isolation.roles import application_role
from apps.memories.models import EmbeddingModel, Entity
from tests.support import sentinel
from tests.support.kernel import quote_table, tenant_models
from tests.support.tables import MATCHES, find_faults, find_faults_of, read_declared

GLOBAL = {  # tables with the tenant's id that are read before a tenant is known
    "audit_due",
    "memories_due",
    "memories_renewal",
    "privacy_due",
    "privacy_subjectlink",
    "telemetry_outboundhost",
    "tenants_apikey",
    "tenants_invitation",
    "tenants_membership",
}


@pytest.mark.parametrize("model", tenant_models(), ids=lambda model: model.__name__)
def test_table_is_as_designed(db, model):
    assert find_faults(model) == {}


def test_every_tenant_owned_model_is_made_so_by_a_migration():
    found = {(model._meta.app_label, model._meta.model_name) for model in tenant_models()}

    assert read_declared().keys() == found


def test_every_table_with_a_tenant_is_a_tenant_owned_models(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attrelid::regclass::text FROM pg_attribute JOIN pg_class ON oid = attrelid"
            " WHERE attname = 'tenant_id' AND relkind IN ('r', 'p', 'm', 'v', 'f')"
            " AND relnamespace IN ('public'::regnamespace, 'keys'::regnamespace)"
        )
        found = {name for (name,) in cursor.fetchall()}

    owned = {quote_table(model).replace('"', "") for model in tenant_models()}
    assert found == owned | GLOBAL


@pytest.fixture
def plan(django_db_setup, django_db_blocker):
    """A new tenant-owned model with its table, in a transaction of the owner that is undone."""
    with isolate_apps("apps.memories") as registry:

        class Plan(TenantOwned):
            name = models.CharField(max_length=20)
            entity = TenantForeignKey(Entity)
            other = TenantForeignKey(Entity, null=True)
            model = models.ForeignKey(EmbeddingModel, on_delete=models.PROTECT, db_index=False)

            class Meta(TenantOwned.Meta):
                app_label = "memories"

    owner = connections["owner"]
    unblocked = django_db_blocker.unblock()
    with unblocked, sentinel.off("migrations"), transaction.atomic("owner"):
        with owner.schema_editor() as editor:
            editor.create_model(Plan)
        yield SimpleNamespace(model=Plan, apps=registry)
        transaction.set_rollback(True, "owner")
    owner.close()


def run(*statements):
    """As the owner, in the fixture's transaction."""
    with connections["owner"].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def make_tenant_owned(plan, **fields):
    operation = MakeTenantOwned("Plan", **fields)
    with connections["owner"].schema_editor() as editor:
        operation.database_forwards("memories", editor, None, plan)
    return operation


def test_new_model_without_the_operation_is_found(plan):
    assert find_faults(plan.model, alias="owner").keys() == {
        "primary key",
        "references",
        "indexes that begin with another column",
        "row-level security, forced",
        "policies",
    }


@pytest.mark.parametrize("grants", [("SELECT",), ("SELECT", "INSERT", "UPDATE", "DELETE")])
def test_new_model_with_the_operation_is_as_designed(plan, grants):
    operation = make_tenant_owned(plan, grants=grants)

    assert find_faults_of(plan.model, operation, alias="owner") == {}


ROLE = application_role()
DAMAGES = [
    (
        "primary key",
        "ALTER TABLE memories_plan DROP CONSTRAINT memories_plan_pkey, ADD UNIQUE (tenant_id, id)",
    ),
    (
        "references",
        "ALTER TABLE memories_plan DROP CONSTRAINT memories_plan_other_id_in_tenant",
    ),
    (
        "references",
        "ALTER TABLE memories_plan ADD FOREIGN KEY (name) REFERENCES tenants_tenant (slug)",
    ),
    (
        "indexes that begin with another column",
        "CREATE UNIQUE INDEX late ON memories_plan (name, tenant_id)",
    ),
    (
        "indexes that begin with another column",
        "CREATE INDEX late ON memories_plan (lower(name), tenant_id)",
    ),
    ("row-level security, forced", "ALTER TABLE memories_plan NO FORCE ROW LEVEL SECURITY"),
    ("row-level security, forced", "ALTER TABLE memories_plan DISABLE ROW LEVEL SECURITY"),
    ("policies", "CREATE POLICY other ON memories_plan USING (true)"),
    ("policies", "DROP POLICY tenant ON memories_plan"),
    ("policies", "ALTER POLICY tenant ON memories_plan USING (true)"),
    ("policies", f"ALTER POLICY tenant ON memories_plan WITH CHECK ({MATCHES} OR name = '')"),
    ("policies", "ALTER POLICY owner ON memories_plan TO PUBLIC"),
    ("grants", f"GRANT TRUNCATE ON memories_plan TO {ROLE}"),
    ("grants", "GRANT SELECT ON memories_plan TO PUBLIC"),
    ("grants", f"GRANT SELECT ON memories_plan TO {ROLE} WITH GRANT OPTION"),
    ("grants", f"GRANT UPDATE (tenant_id) ON memories_plan TO {ROLE}"),
    ("grants", f"REVOKE DELETE ON memories_plan FROM {ROLE}"),
]


@pytest.mark.parametrize(("rule", "damage"), DAMAGES)
def test_each_broken_rule_is_found(plan, rule, damage):
    operation = make_tenant_owned(plan)

    run(damage)

    assert find_faults_of(plan.model, operation, alias="owner").keys() == {rule}
